// SPDX-License-Identifier: MIT
//
// The bourse_host that a plugin under examination is given: of any length and minor, and, where a
// rule wants it, with a page behind its last byte that cannot be read. Who reads beyond `size` ends
// there, instead of passing by luck.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bourse/bourse.h"

namespace bourse::host::validate {

/// What is added to a struct by a minor that does not exist yet: no pointer, no length, no flags.
inline constexpr unsigned char kPoison = 0xA5;

/// Memory that ends where the page ends. Not copied, not moved: plugins know where it is.
class GuardedMemory {
 public:
  /// `bytes` of kPoison. Throws std::bad_alloc.
  explicit GuardedMemory(std::size_t bytes);
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;
  ~GuardedMemory();

  [[nodiscard]] void* data() const noexcept { return data_; }

 private:
  void* pages_ = nullptr;
  std::size_t pages_bytes_ = 0;
  void* data_ = nullptr;
};

/// Which host it is that the plugin meets.
struct HostShape {
  std::uint32_t bytes = sizeof(bourse_host);  ///< a multiple of 8
  std::uint32_t minor = BOURSE_ABI_MINOR;
  bool is_guarded = false;  ///< nothing behind it can be read; else there are zeros
};

class HostTable {
 public:
  HostTable(const bourse_host& functions, HostShape shape = {});

  /// A rule may put other functions into it at any time when no call is running. Of a shorter
  /// shape, what lies beyond `size` must not be touched here either.
  [[nodiscard]] bourse_host* get() const noexcept {
    return static_cast<bourse_host*>(memory_.data());
  }

 private:
  GuardedMemory memory_;
};

}  // namespace bourse::host::validate
