// SPDX-License-Identifier: MIT
//
// Copies of what a plugin said, in the report's memory, counted as they are made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "bourse/bourse.h"
#include "host/base/result.hpp"
#include "host/report/arena.hpp"
#include "host/report/left_out.hpp"

namespace bourse::host {

/// A plugin's mistake, in words. It has no code: that is the caller's to say.
[[nodiscard]] inline Failure mistake(std::string message) {
  return {.status = BOURSE_INTERNAL, .code = {}, .message = std::move(message)};
}

/// Keeps texts, lines and values of one report. Failures have no code when the code is the
/// caller's to say; a report that grew too large is "report_too_large" wherever it happens, and
/// nobody's mistake: who asked wanted too much (BOURSE_UNPROCESSABLE).
class Keeper {
 public:
  /// REQUIRES: the arena outlives it.
  Keeper(Arena& arena, std::size_t bytes_max) noexcept : arena_(arena), bytes_max_(bytes_max) {}

  /// Counts `bytes` that are about to be kept. False: they are more than the report may take.
  [[nodiscard]] bool charge(std::size_t bytes) noexcept {
    if (bytes > bytes_max_ || bytes_ > bytes_max_ - bytes) return false;
    bytes_ += bytes;
    return true;
  }
  [[nodiscard]] bool is_full() const noexcept { return bytes_ > bytes_max_; }
  [[nodiscard]] Failure too_large() const;

  /// Zeroed structs. They are counted, and small: whoever makes many asks is_full() in between.
  template <class T>
  [[nodiscard]] T* make(std::size_t n = 1) {
    bytes_ += n * sizeof(T);
    return arena_.make<T>(n);
  }

  /// A copy that ends with NUL. What is not UTF-8 is replaced by U+FFFD: it may come from an
  /// upstream rather than from the plugin. Counted; whoever makes many asks is_full() in between.
  [[nodiscard]] bourse_str name(std::string_view text);

  /// A line or a doc of a description as a copy; null for null. One that is longer than `bytes_max`
  /// is left out, and `what` says in the report's note whose it was.
  template <class What>
  [[nodiscard]] const char* line(const char* text, std::size_t bytes_max, LeftOut& left_out,
                                 What&& what);

  /// A copy of a text, repaired like a name. Fails when it is null or longer than
  /// BOURSE_MAX_TEXT_BYTES, or the report is full.
  [[nodiscard]] Result<bourse_str> text(bourse_str text);

  /// As text(), for a column: copies of n texts that need not be aligned, empty where `valid` (as
  /// in bourse_array) has a null. One that is the same as its neighbour shares its copy; `last` is
  /// the neighbour from call to call. Gives how many were kept: n, or why_not() of that one.
  [[nodiscard]] std::size_t texts(std::size_t n, const bourse_str* from, const std::uint8_t* valid,
                                  bourse_str& last, bourse_str* to);
  [[nodiscard]] Failure why_not(bourse_str text) const;

  /// A copy of a value of a type that a report holds; of a NULL too.
  [[nodiscard]] Result<bourse_value> value(const bourse_value& value);

 private:
  [[nodiscard]] bool keep(bourse_str text, bourse_str& to);
  [[nodiscard]] bool keep_repaired(std::string_view copy, bourse_str& to);
  const char* line_within(const char* text, std::size_t bytes_max, bool& too_long);

  Arena& arena_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
};

/// Bit `row` of the bitmap that a bourse_array has, or not.
[[nodiscard]] inline bool has_value(const std::uint8_t* valid, std::size_t row) noexcept {
  return valid == nullptr || ((valid[row / 8] >> (row % 8)) & 1U) != 0;
}

/// Whether a coefficient has at most 38 digits, whatever its sign.
[[nodiscard]] constexpr bool is_decimal(bourse_i128 coefficient) noexcept {
  __extension__ using Uint128 = unsigned __int128;
  constexpr Uint128 kMagnitudeMax =  // 10^38 - 1
      Uint128{10'000'000'000'000'000'000U} * Uint128{10'000'000'000'000'000'000U} - 1;
  const Uint128 bits = (Uint128{static_cast<std::uint64_t>(coefficient.hi)} << 64) | coefficient.lo;
  // Both ends in one comparison without a branch, so that a loop over it stays a loop.
  return bits + kMagnitudeMax <= 2 * kMagnitudeMax;
}

template <class What>
const char* Keeper::line(const char* text, std::size_t bytes_max, LeftOut& left_out, What&& what) {
  bool too_long = false;
  const char* const copy = line_within(text, bytes_max, too_long);
  if (too_long) left_out.too_long(what(), bytes_max);
  return copy;
}

}  // namespace bourse::host
