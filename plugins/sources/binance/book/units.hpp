// SPDX-License-Identifier: MIT
//
// Amounts as whole numbers of 10^-scale in 64 bits, which is what the exchange itself counts in.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

namespace bourse::binance {

inline constexpr int kUnitScaleMax = 18;

/// REQUIRES: 0 <= exponent <= kUnitScaleMax.
constexpr std::int64_t power_of_ten(int exponent) noexcept {
  assert(exponent >= 0 && exponent <= kUnitScaleMax);
  std::int64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

/// False: it does not fit, and `units` is of no use any more.
constexpr bool multiply(std::int64_t& units, std::int64_t factor) noexcept {
  return !__builtin_mul_overflow(units, factor, &units);
}

}  // namespace bourse::binance
