// SPDX-License-Identifier: MIT
//
// Secret: bytes that nobody should see, wiped when they are no longer needed.
//
//   Secret key(text);
//   sign(key.reveal());      // the one word to search for in a review
//
// There is no operator<<, no comparison and no copy. Moving leaves no bytes behind.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace bourse::binance {

/// Overwrites every byte the string owns, also those beyond its size, and empties it. Compilers
/// cannot leave this out.
void wipe(std::string& text) noexcept;

class Secret {
 public:
  Secret() noexcept = default;
  explicit Secret(std::string_view text);
  /// Takes the bytes and wipes the string they came in.
  static Secret take(std::string& text);
  ~Secret();

  Secret(Secret&& other) noexcept
      : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// Valid until the Secret is destroyed, moved or assigned to.
  [[nodiscard]] std::string_view reveal() const noexcept { return {bytes_.get(), size_}; }

 private:
  void clear() noexcept;

  std::unique_ptr<char[]> bytes_;  // never inside the object, so that moving moves a pointer only
  std::size_t size_ = 0;
};

}  // namespace bourse::binance
