// SPDX-License-Identifier: MIT
//
// words.hpp - times, counts and lists of names as notes and messages write them, so that all
// plugins write them alike:
//
//   bourse::NamedFew odd;
//   odd.add("BTCUSDT");
//   call.warn("acme_odd", bourse::counted(odd.count(), "market") + ": " + odd.text() + ".");
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "bourse/text.hpp"

namespace bourse::inline sdk_0_1 {

/// A time as notes and messages write it: RFC 3339 in UTC, as text.hpp does.
inline std::string time_text(Time time) {
  char text[kTimeTextMax];
  return {text, write_time(text, time)};
}
/// "1 candle", "2 candles": a count and its word, whose plural has an s.
inline std::string counted(std::size_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

/// Names in a note: the first few, and how many there are besides. "A, B and 7 more".
class NamedFew {
 public:
  explicit NamedFew(std::string_view separator = ", ") : separator_(separator) {}
  void add(std::string_view name) {
    constexpr std::size_t kNamed = 5;
    if (++count_ > kNamed) return;
    if (count_ > 1) text_ += separator_;
    text_ += name;
    named_ = count_;
  }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::string text() const {
    if (count_ == named_) return text_;
    return text_ + " and " + std::to_string(count_ - named_) + " more";
  }

 private:
  std::string separator_, text_;
  std::size_t count_ = 0, named_ = 0;
};

}  // namespace bourse::inline sdk_0_1
