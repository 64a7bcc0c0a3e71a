// SPDX-License-Identifier: MIT
//
// read.hpp - numbers and times out of text, for sources and their kind: the way back from text.hpp.
//
//   const auto rate = bourse::read_real("1e-3");
//   const auto time = bourse::read_time("2024-12-31T23:59:59.5Z");
//   if (!rate || !time) throw bourse::Error(BOURSE_UPSTREAM, "bad_line", "...");
//
// The whole text is read or nothing, whatever the locale, the standard library and the direction of
// rounding: no blanks, no "+", no hexadecimal digits, no "inf" and no "nan". Prices are not reals:
// Decimal::parse.
#pragma once

#include <fenv.h>
#include <locale.h>
#include <stdlib.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

namespace detail {

enum class Reading {
  kOk,
  kMalformed,  ///< not of this kind
  kTooLarge,   ///< of this kind, but more than its type can hold
};
template <class T>
struct Read {
  T value = {};
  Reading reading = Reading::kMalformed;

  [[nodiscard]] constexpr std::optional<T> if_ok() const {
    return reading == Reading::kOk ? std::optional<T>(value) : std::nullopt;
  }
};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr std::size_t digits_in_front(std::string_view text) noexcept {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  return n;
}

constexpr Read<std::int64_t> read_whole(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits_in_front(digits) != digits.size()) return {};
  std::int64_t sum = 0;
  for (const char c : digits) {  // downwards, where there is one more
    if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_sub_overflow(sum, c - '0', &sum)) {
      return {0, Reading::kTooLarge};
    }
  }
  if (!negative && sum == INT64_MIN) return {0, Reading::kTooLarge};
  return {negative ? sum : -sum, Reading::kOk};
}

/// Optional '-'; digits with at most one point before, among or behind them; optionally an
/// exponent. std::from_chars would take the same, but not every library has it for doubles, and
/// its symbol would keep a plugin from older systems.
constexpr bool is_real(std::string_view text) noexcept {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t before = digits_in_front(text);
  text.remove_prefix(before);
  std::size_t behind = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    behind = digits_in_front(text);
    text.remove_prefix(behind);
  }
  if (before + behind == 0) return false;
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && digits_in_front(text) == text.size();
}

inline constexpr std::size_t kRealBytesMax = 512;

inline Read<double> read_binary(std::string_view text) noexcept {
  if (text.size() > kRealBytesMax || !is_real(text)) return {};
  char copy[kRealBytesMax + 1];
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  // The C locale, whose point is a point, is a constant of the C library: nothing is allocated.
  const locale_t plain = ::newlocale(LC_ALL_MASK, "C", nullptr);
  if (plain == nullptr) return {};
  const int rounding = ::fegetround();
  if (rounding != FE_TONEAREST) ::fesetround(FE_TONEAREST);
  const double value = ::strtod_l(copy, nullptr, plain);
  if (rounding != FE_TONEAREST) ::fesetround(rounding);
  ::freelocale(plain);
  bool is_zero = true;  // by its digits
  for (const char c : text.substr(0, text.find_first_of("eE"))) {
    is_zero = is_zero && !(c >= '1' && c <= '9');
  }
  if (!__builtin_isfinite(value) || (value == 0.0 && !is_zero)) return {0.0, Reading::kTooLarge};
  return {value == 0.0 ? 0.0 : value, Reading::kOk};  // -0 is 0
}

/// From left to right; after the first thing that is not as expected, `good` stays false.
struct TimeScanner {
  std::string_view rest;
  bool good = true;

  constexpr std::int64_t digits(std::size_t count) noexcept {
    if (digits_in_front(rest) < count) {
      good = false;
      return 0;
    }
    std::int64_t number = 0;
    for (const char c : rest.substr(0, count)) number = number * 10 + (c - '0');
    rest.remove_prefix(count);
    return number;
  }
  constexpr bool accept(char either, char or_this) noexcept {
    if (rest.empty() || (rest.front() != either && rest.front() != or_this)) return false;
    rest.remove_prefix(1);
    return true;
  }
  constexpr void expect(char either, char or_this) noexcept {
    if (!accept(either, or_this)) good = false;
  }
};

/// Days since 1970 of a date that exists, in years that end with February (Hinnant,
/// "chrono-compatible low-level date algorithms").
constexpr std::int64_t days_of(TimeScanner& scan) noexcept {
  const std::int64_t year = scan.digits(4);
  scan.expect('-', '-');
  const std::int64_t month = scan.digits(2);
  scan.expect('-', '-');
  const std::int64_t day = scan.digits(2);
  constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month < 1 || month > 12 || day < 1 || day > kDays[month - 1] ||
      (month == 2 && day == 29 && !leap)) {
    scan.good = false;
  }
  const std::int64_t shifted = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const std::int64_t year_of_era = shifted - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719'468;
}

constexpr Read<Time> read_moment(std::string_view text) noexcept {
  TimeScanner scan{text};
  std::int64_t seconds = days_of(scan) * 86'400;
  std::int64_t ns = 0;
  if (scan.good && !scan.rest.empty()) {
    scan.expect('T', 't');
    const std::int64_t hour = scan.digits(2);
    scan.expect(':', ':');
    const std::int64_t minute = scan.digits(2);
    scan.expect(':', ':');
    const std::int64_t second = scan.digits(2);
    if (hour > 23 || minute > 59 || second > 59) return {};
    seconds += hour * 3600 + minute * 60 + second;
    if (scan.accept('.', '.')) {
      const std::size_t count = digits_in_front(scan.rest);
      if (count == 0 || count > 9) return {};
      ns = scan.digits(count);
      for (std::size_t i = count; i < 9; ++i) ns *= 10;
    }
    if (!scan.accept('Z', 'z')) {
      const bool behind = scan.accept('-', '-');
      if (!behind) scan.expect('+', '+');
      const std::int64_t hours = scan.digits(2);
      scan.expect(':', ':');
      const std::int64_t minutes = scan.digits(2);
      if (hours > 23 || minutes > 59) return {};
      seconds += (behind ? 1 : -1) * (hours * 3600 + minutes * 60);
    }
  }
  if (!scan.good || !scan.rest.empty()) return {};
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (seconds < kFirstTime.ns / kSecond || seconds > kLastTime.ns / kSecond)
    return {{}, Reading::kTooLarge};
  return {{seconds * kSecond + ns}, Reading::kOk};
}

}  // namespace detail

/// A whole number that fits: -5, 100.
[[nodiscard]] constexpr std::optional<std::int64_t> read_integer(std::string_view text) noexcept {
  return detail::read_whole(text).if_ok();
}
/// The double nearest to 0.5, -1e-3, ".5", "5."; nothing also for what is too large, or too near to
/// 0, to be one.
[[nodiscard]] inline std::optional<double> read_real(std::string_view text) noexcept {
  return detail::read_binary(text).if_ok();
}
/// RFC 3339, "2024-12-31T23:59:59.123456789Z" or "...+02:00", or a date, which is its midnight in
/// UTC; from 1678 to 2261, without leap seconds.
[[nodiscard]] constexpr std::optional<Time> read_time(std::string_view text) noexcept {
  return detail::read_moment(text).if_ok();
}

}  // namespace bourse::inline sdk_0_1
