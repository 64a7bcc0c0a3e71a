// SPDX-License-Identifier: MIT
//
// Memory that ends for somebody else's code only: the n-th allocation that a component makes, by
// itself or through a library, fails. The host goes on having memory.
//
// For a child process that validates: what install() changes is not changed back.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bourse::host::validate {

/// The allocations of one call.
struct Allocations {
  std::uint64_t count = 0;
  std::uint64_t fails_at = 0;  ///< the first is 1; 0: none fails
  bool failed = false;
};

/// Puts itself between malloc and every library that is loaded now. Gives the number of places that
/// lead here from now on: 0 on a machine whose relocations are not known here, where no allocation
/// will ever be seen. May be called again after more was loaded. One thread.
std::size_t install_failing_memory() noexcept;

/// While it lives, what this thread allocates outside of the program itself is counted, and fails,
/// by `of`; null: it is neither.
class AllocationScope {
 public:
  explicit AllocationScope(Allocations* of) noexcept;
  ~AllocationScope();
  AllocationScope(const AllocationScope&) = delete;
  AllocationScope& operator=(const AllocationScope&) = delete;

 private:
  Allocations* before_;
};

}  // namespace bourse::host::validate
