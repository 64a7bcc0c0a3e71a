// SPDX-License-Identifier: MIT
//
// Randomness that is a pure function of its place: Stream(seed).child(symbol).child(time).at(i) is
// the same number on every machine, whatever was asked before. All of it is integer arithmetic: no
// <random> distribution and no function of <cmath>, whose last bits differ between libraries.
//
// Fixed point: `Q16` in a comment means that 65536 stands for 1.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "bourse/decimal.hpp"

namespace bourse::synthetic {

inline constexpr std::int64_t kOneQ16 = std::int64_t{1} << 16;
inline constexpr int kLogBits = 28;  ///< logarithms are base 2, Q28

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// An endless row of 64-bit numbers, addressed by index.
class Stream {
 public:
  constexpr Stream() noexcept = default;
  constexpr explicit Stream(std::uint64_t key) noexcept : key_(key) {}
  [[nodiscard]] constexpr std::uint64_t at(std::uint64_t index) const noexcept {
    return mix(key_ + (index + 1) * 0x9e3779b97f4a7c15u);
  }
  /// An unrelated row.
  [[nodiscard]] constexpr Stream child(std::uint64_t tag) const noexcept {
    return Stream(mix(key_ ^ (tag * 0xd1342543de82ef95u + 0x2545f4914f6cdd1du)));
  }

 private:
  std::uint64_t key_ = 0;
};

/// About normal with deviation 1, Q16: the sum of four uniform numbers, so never beyond 3.47.
constexpr std::int64_t normal(std::uint64_t bits) noexcept {
  constexpr std::int64_t kMean = 2 * 65535, kSqrt3 = 113512;  // the sum's deviation is 1 / sqrt(3)
  const auto part = [bits](int i) {
    return static_cast<std::int64_t>((bits >> (16 * i)) & 0xffff);
  };
  return ((part(0) + part(1) + part(2) + part(3) - kMean) * kSqrt3) >> 16;
}

/// The largest r with r * r <= x. REQUIRES: 0 <= x < 2^62.
inline std::int64_t square_root(std::int64_t x) noexcept {
  // IEEE 754 rounds a square root correctly everywhere; the two loops make the integer exact.
  auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(x)));
  while (root * root > x) --root;
  while ((root + 1) * (root + 1) <= x) ++root;
  return root;
}

/// log2(x), Q28, rounded down. REQUIRES: x > 0.
constexpr std::int64_t log2_of(std::uint64_t x) noexcept {
  const int whole = 63 - std::countl_zero(x);
  std::uint64_t mantissa = x << (63 - whole);  // Q63, in [1, 2)
  std::int64_t result = whole;
  for (int i = 0; i < kLogBits; ++i) {  // squaring doubles the logarithm: one bit of it a turn
    const detail::Uint128 square = detail::Uint128{mantissa} * mantissa;
    const bool carry = (square >> 127) != 0;
    mantissa = static_cast<std::uint64_t>(square >> (carry ? 64 : 63));
    result = result * 2 + (carry ? 1 : 0);
  }
  return result;
}

/// value x 2^(log / 2^28), rounded down, relative error below 10^-9.
/// REQUIRES: 0 <= value, and value and result below 2^62.
constexpr std::int64_t times_power_of_two(std::int64_t value, std::int64_t log) noexcept {
  constexpr std::uint64_t kLn2 = 0xb17217f7d1cf79abu;  // Q64
  const std::int64_t whole = log >> kLogBits;
  const auto fraction = static_cast<std::uint64_t>(log - (whole << kLogBits));
  const auto x = static_cast<std::uint64_t>((detail::Uint128{kLn2} * fraction) >> (kLogBits + 2));
  // e^x = 1 + x (1 + x/2 (1 + x/3 (...))), Q62; x < 0.7, so the next term is below 2^-38.
  constexpr std::uint64_t kOne = std::uint64_t{1} << 62;
  std::uint64_t sum = kOne;
  for (std::uint64_t n = 12; n >= 1; --n) {
    sum = kOne + static_cast<std::uint64_t>((detail::Uint128{x} * sum) >> 62) / n;
  }
  const auto product = detail::Uint128{static_cast<std::uint64_t>(value)} * sum;
  const std::int64_t shift = 62 - whole;
  if (shift >= 128) return 0;
  return static_cast<std::int64_t>(shift >= 0 ? product >> shift : product << -shift);
}

namespace detail_noise {
/// -2 ln((i + 1/2) / 1024), Q6: 2 ln 2 (11 - log2(2 i + 1)).
inline constexpr auto kExponential = [] {
  constexpr std::int64_t kTwoLn2 = 90852;  // Q16
  std::array<std::int16_t, 1024> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::int64_t log = (std::int64_t{11} << kLogBits) - log2_of(2 * i + 1);
    table[i] = static_cast<std::int16_t>((log * kTwoLn2) >> (kLogBits + 16 - 6));
  }
  return table;
}();
}  // namespace detail_noise

/// Exponential with mean 2, Q6: the square of how far a path strays, see extreme().
constexpr std::int64_t exponential(std::uint64_t bits) noexcept {
  return detail_noise::kExponential[bits & 1023];
}

/// The highest point of a Brownian path from `from` to `to` with deviation `deviation` (Q4) in
/// between. Its law is known: (from + to + sqrt((to - from)^2 - 2 deviation^2 ln u)) / 2 for a
/// uniform u; `squared` is -2 ln u, Q6. Deviations stop at 2^25 (Q4). REQUIRES: |to - from| < 2^26.
inline std::int64_t extreme(std::int64_t from, std::int64_t to, std::int64_t deviation,
                            std::int64_t squared) noexcept {
  constexpr std::int64_t kDeviationMax = std::int64_t{1} << 25;
  if (deviation > kDeviationMax) deviation = kDeviationMax;
  const std::int64_t move = to - from;
  const std::int64_t stray = (deviation * deviation * squared) >> 6;  // Q8
  return ((from + to) * 16 + square_root(move * move * 256 + stray)) >> 5;
}

}  // namespace bourse::synthetic
