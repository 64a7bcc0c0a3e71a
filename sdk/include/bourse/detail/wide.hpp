// SPDX-License-Identifier: MIT
//
// The integers under Decimal: 128 bits from the compiler, 256 bits for one product or dividend, and
// what a division leaves over. Not part of the interface: authors use bourse/decimal.hpp.
#pragma once

// clang-format off
#include "bourse/detail/requirements.hpp"  // first: without what it asks for, nothing else compiles
// clang-format on

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace bourse::inline sdk_0_1::detail {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

/// 10^0 ... 10^38, the largest power of ten that 128 bits hold.
inline constexpr auto kPowersOfTen = [] {
  std::array<Uint128, 39> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

/// REQUIRES: 0 <= exponent <= 38.
constexpr Uint128 power_of_ten(int exponent) noexcept {
  return kPowersOfTen[static_cast<std::size_t>(exponent)];
}

struct Uint256 {
  Uint128 high = 0;
  Uint128 low = 0;

  friend constexpr bool operator==(const Uint256&, const Uint256&) noexcept = default;
  friend constexpr bool operator<(const Uint256& a, const Uint256& b) noexcept {
    return a.high != b.high ? a.high < b.high : a.low < b.low;
  }
};

constexpr Uint256 multiply(Uint128 a, Uint128 b) noexcept {
  const auto low_half = [](Uint128 x) { return static_cast<std::uint64_t>(x); };
  const Uint128 a1 = a >> 64, a0 = low_half(a), b1 = b >> 64, b0 = low_half(b);
  if (a1 == 0 && b1 == 0) return {0, a0 * b0};
  const Uint128 bottom = a0 * b0;
  const Uint128 cross = a1 * b0 + (bottom >> 64);    // at most (2^64-1)^2 + 2^64-1
  const Uint128 middle = a0 * b1 + low_half(cross);  // likewise
  return {a1 * b1 + (cross >> 64) + (middle >> 64), (middle << 64) | low_half(bottom)};
}

/// REQUIRES: 0 <= bits < 256, and no set bit is shifted out.
constexpr Uint256 shift_left(Uint128 x, int bits) noexcept {
  if (bits == 0) return {0, x};
  if (bits >= 128) return {x << (bits - 128), 0};
  return {x >> (128 - bits), x << bits};
}

struct Division {
  Uint128 quotient;
  Uint128 remainder;
};

/// REQUIRES: dividend.high < divisor, so that the quotient fits; divisor < 2^127, so that no bit of
/// a remainder gets lost (10^38 is below).
constexpr Division divide(const Uint256& dividend, Uint128 divisor) noexcept {
  if (dividend.high == 0) {
    if ((dividend.low >> 64) == 0 && (divisor >> 64) == 0) {
      const auto n = static_cast<std::uint64_t>(dividend.low);
      const auto d = static_cast<std::uint64_t>(divisor);
      return {n / d, n % d};
    }
    return {dividend.low / divisor, dividend.low % divisor};
  }
  Uint128 quotient = 0, remainder = dividend.high;
  for (int bit = 127; bit >= 0; --bit) {  // school division in base two
    remainder = (remainder << 1) | ((dividend.low >> bit) & 1);
    quotient <<= 1;
    if (remainder >= divisor) {
      remainder -= divisor;
      quotient |= 1;
    }
  }
  return {quotient, remainder};
}

/// What a quotient that was rounded toward zero has lost, compared with half a unit.
enum class Lost { kNothing, kBelowHalf, kHalf, kAboveHalf };

/// `sticky`: something smaller than one was lost before this division.
/// REQUIRES: sticky only with an even divisor.
constexpr Lost lost(Uint128 remainder, Uint128 divisor, bool sticky = false) noexcept {
  if (remainder == 0) return sticky ? Lost::kBelowHalf : Lost::kNothing;
  const Uint128 rest = divisor - remainder;
  if (remainder == rest) return sticky ? Lost::kAboveHalf : Lost::kHalf;
  return remainder < rest ? Lost::kBelowHalf : Lost::kAboveHalf;
}

struct Shift {
  Uint128 quotient;
  Lost lost;
};

/// REQUIRES: 0 < bits < 256, and the quotient fits into 128 bits.
constexpr Shift shift_right(const Uint256& x, int bits) noexcept {
  const auto below = [&x](int count) {  // are any of the lowest `count` bits set?
    if (count >= 128) return x.low != 0 || (x.high & ((Uint128{1} << (count - 128)) - 1)) != 0;
    return (x.low & ((Uint128{1} << count) - 1)) != 0;
  };
  const int top = bits - 1;
  const bool half = ((top >= 128 ? x.high >> (top - 128) : x.low >> top) & 1) != 0;
  const Uint128 quotient = bits == 128  ? x.high
                           : bits > 128 ? x.high >> (bits - 128)
                                        : (x.high << (128 - bits)) | (x.low >> bits);
  if (half) return {quotient, below(top) ? Lost::kAboveHalf : Lost::kHalf};
  return {quotient, below(top) ? Lost::kBelowHalf : Lost::kNothing};
}

/// |value| x 10^scale, exactly; nullopt when it is not finite or 2^128 or more.
/// REQUIRES: -38 <= scale <= 38.
constexpr std::optional<Shift> scaled(double value, int scale) noexcept {
  constexpr int kFractionBits = 52, kExponentBias = 1075, kExponentSpecial = 0x7ff;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const int biased = static_cast<int>(bits >> kFractionBits) & kExponentSpecial;
  if (biased == kExponentSpecial) return std::nullopt;
  constexpr auto kHiddenBit = std::uint64_t{1} << kFractionBits;
  const Uint128 mantissa = (bits & (kHiddenBit - 1)) | (biased == 0 ? 0 : kHiddenBit);
  if (mantissa == 0) return Shift{0, Lost::kNothing};
  const int exponent = (biased == 0 ? 1 : biased) - kExponentBias;  // mantissa x 2^exponent
  const Uint128 power = power_of_ten(scale < 0 ? -scale : scale);
  if (scale >= 0 && exponent < 0) {
    const Uint256 product = multiply(mantissa, power);  // below 2^180
    if (-exponent >= 256) return Shift{0, Lost::kBelowHalf};
    if (-exponent < 128 && (product.high >> -exponent) != 0) return std::nullopt;
    return shift_right(product, -exponent);
  }
  if (exponent < 0) {
    const int shift = -exponent < 64 ? -exponent : 64;
    const Uint128 whole = mantissa >> shift;
    return Shift{whole / power, lost(whole % power, power, (whole << shift) != mantissa)};
  }
  if (exponent > 255 - kFractionBits) return std::nullopt;  // 2^255 and more, over 10^38
  const Uint256 integer = shift_left(mantissa, exponent);
  if (scale >= 0) {
    if (integer.high != 0) return std::nullopt;
    const Uint256 product = multiply(integer.low, power);
    if (product.high != 0) return std::nullopt;
    return Shift{product.low, Lost::kNothing};
  }
  if (integer.high >= power) return std::nullopt;
  const auto [quotient, remainder] = divide(integer, power);
  return Shift{quotient, lost(remainder, power)};
}

/// Bits up to the highest one that is set; 0 for 0.
constexpr int bit_length(Uint128 x) noexcept {
  const auto high = static_cast<std::uint64_t>(x >> 64);
  if (high != 0) return 128 - std::countl_zero(high);
  return 64 - std::countl_zero(static_cast<std::uint64_t>(x));
}
constexpr int bit_length(const Uint256& x) noexcept {
  return x.high != 0 ? 128 + bit_length(x.high) : bit_length(x.low);
}

/// The double nearest to integer x 2^exponent (`sticky`: and something below one more), ties to
/// even, whatever rounding mode the thread is in. REQUIRES: the result is a normal double; sticky
/// only if the integer has more than 54 bits.
constexpr double round_to_double(bool negative, const Uint256& integer, int exponent,
                                 bool sticky) noexcept {
  constexpr int kMantissaBits = 53, kExponentBias = 1023;
  const int drop = bit_length(integer) - kMantissaBits;
  std::uint64_t mantissa = 0;
  if (drop <= 0) {
    mantissa = static_cast<std::uint64_t>(integer.low) << -drop;
  } else {
    const Shift shifted = shift_right(integer, drop);
    mantissa = static_cast<std::uint64_t>(shifted.quotient);
    const bool tie = shifted.lost == Lost::kHalf && !sticky;
    const bool up = shifted.lost >= Lost::kHalf && (!tie || (mantissa & 1) != 0);
    mantissa += up ? 1 : 0;  // may carry into bit 53: the sum below then raises the exponent
  }
  const auto biased =
      static_cast<std::uint64_t>(exponent + drop + kMantissaBits - 1 + kExponentBias);
  const std::uint64_t bits = ((biased - 1) << (kMantissaBits - 1)) + mantissa;
  return std::bit_cast<double>(bits | (negative ? std::uint64_t{1} << 63 : 0));
}

/// The double nearest to magnitude x 10^-scale. REQUIRES: 0 < magnitude < 10^38, -38 <= scale
/// <= 38.
constexpr double nearest_double(bool negative, Uint128 magnitude, int scale) noexcept {
  if (scale <= 0) {
    return round_to_double(negative, multiply(magnitude, power_of_ten(-scale)), 0, false);
  }
  // A quotient of 56 bits or more, so that the remainder decides ties only.
  constexpr int kQuotientBits = 56;
  const Uint128 power = power_of_ten(scale);
  const int wanted = bit_length(power) - bit_length(magnitude) + kQuotientBits;
  const int bits = wanted > 0 ? wanted : 0;
  const Division division = divide(shift_left(magnitude, bits), power);
  return round_to_double(negative, {0, division.quotient}, -bits, division.remainder != 0);
}

}  // namespace bourse::inline sdk_0_1::detail
