// SPDX-License-Identifier: MIT
//
// Decimal's digits: from text to an integer and back. Knows nothing of locales. Not part of the
// interface: authors use bourse/decimal.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "bourse/detail/wide.hpp"

namespace bourse::inline sdk_0_1::detail {

enum class Problem { kNone, kSyntax, kRange };

/// Digits and how many of them stand behind the point.
struct Digits {
  Uint128 magnitude = 0;
  bool negative = false;
  int decimals = 0;
  Problem problem = Problem::kNone;
};

/// The digits written between `first` and `last`, zeros in front and the point not counted.
constexpr std::ptrdiff_t significant(const char* first, const char* last) noexcept {
  while (first != last && (*first == '0' || *first == '.')) ++first;
  std::ptrdiff_t count = 0;
  for (; first != last; ++first) count += *first != '.' ? 1 : 0;
  return count;
}

/// Long texts may wrap the Accumulator around: their digits are counted at the end.
template <class Accumulator>
constexpr Digits read_into(std::string_view text, int digits_max, int decimals_max) noexcept {
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  const char* const begin = p;
  Accumulator sum = 0;
  const auto digits = [&] {
    const char* const first = p;
    for (; p != end; ++p) {
      const auto digit = static_cast<unsigned>(*p) - '0';
      if (digit > 9) break;
      sum = sum * 10 + digit;
    }
    return p - first;
  };
  const auto before = digits();
  if (before == 0) return {.problem = Problem::kSyntax};
  std::ptrdiff_t after = 0;
  if (p != end && *p == '.') {
    ++p;
    after = digits();
    if (after == 0) return {.problem = Problem::kSyntax};
  }
  if (p != end) return {.problem = Problem::kSyntax};
  if (after > decimals_max) return {.problem = Problem::kRange};
  if (before + after > digits_max && significant(begin, end) > digits_max) {
    return {.problem = Problem::kRange};
  }
  return {sum, negative, static_cast<int>(after), Problem::kNone};
}

/// Optional '-', digits, optionally '.' and digits; nothing else. REQUIRES: digits_max <= 38.
constexpr Digits read(std::string_view text, int digits_max, int decimals_max) noexcept {
  constexpr std::size_t kSafeIn64Bits = 19;
  if (text.size() <= kSafeIn64Bits) {
    return read_into<std::uint64_t>(text, digits_max, decimals_max);
  }
  return read_into<Uint128>(text, digits_max, decimals_max);
}

inline constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

/// Writes the digits so that they end before `last`; returns the first. 0 has one digit.
constexpr char* write_backwards(std::uint64_t value, char* last) noexcept {
  const auto pair = [&](std::uint64_t two_digits) {
    *--last = kDigitPairs[2 * two_digits + 1];
    *--last = kDigitPairs[2 * two_digits];
  };
  for (; value >= 100; value /= 100) pair(value % 100);
  if (value >= 10) {
    pair(value);
  } else {
    *--last = static_cast<char>('0' + value);
  }
  return last;
}

/// REQUIRES: value < 10^38.
constexpr char* write_backwards(Uint128 value, char* last) noexcept {
  if ((value >> 64) == 0) return write_backwards(static_cast<std::uint64_t>(value), last);
  constexpr int kChunk = 19;  // 38 digits are two of them
  const auto chunk = static_cast<std::uint64_t>(power_of_ten(kChunk));
  char* first = write_backwards(static_cast<std::uint64_t>(value % chunk), last);
  while (first != last - kChunk) *--first = '0';
  return write_backwards(static_cast<std::uint64_t>(value / chunk), first);
}

/// For messages: six digits, "1e+300", "0.1", "-inf", whatever the locale.
inline std::string about(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  std::string result = text;
  for (char& c : result) {
    if (c == ',') c = '.';
  }
  return result;
}

}  // namespace bourse::inline sdk_0_1::detail
