// SPDX-License-Identifier: MIT
//
// Decimal: money. Exact decimal numbers of up to 38 digits, coefficient x 10^-scale, as they cross
// bourse.h (BOURSE_TYPE_DECIMAL).
//
//   Decimal price = Decimal::from("70292.01000000");
//   Decimal value = price * Decimal::from("0.5");                        // exact, or DecimalError
//   Decimal mean = divide(value, Decimal::of(3), 8, Rounding::kHalfUp);  // you say where to round
//
// Nothing here rounds unless a Rounding is named, wraps around, or depends on the locale. +, - and
// * are exact; what does not fit is a DecimalError, or std::nullopt from the checked_ functions.
// Decimals are plain values: copy them, pass them by value, share none.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "bourse/bourse.h"
#include "bourse/detail/digits.hpp"
#include "bourse/detail/requirements.hpp"
#include "bourse/detail/utf8.hpp"
#include "bourse/detail/wide.hpp"

namespace bourse::inline sdk_0_1 {

using detail::Int128;

enum class Rounding {
  kHalfUp,    ///< to nearest, ties away from zero
  kHalfEven,  ///< to nearest, ties to the even digit
  kDown,      ///< toward zero
  kUp,        ///< away from zero
  kFloor,     ///< toward minus infinity
  kCeiling,   ///< toward plus infinity
};

/// The message says which operation failed on which operands.
class DecimalError : public std::runtime_error {
 public:
  enum class Kind {
    kSyntax,  ///< the text is not a decimal number
    kRange,   ///< more than 38 digits, or a scale outside -38..38, would be needed
    kDivideByZero,
  };
  DecimalError(Kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

/// INVARIANTS: |coefficient| < 10^38, -38 <= scale <= 38.
class Decimal {
 public:
  static constexpr int kDigitsMax = 38;
  static constexpr int kScaleMin = -38;
  static constexpr int kScaleMax = 38;
  /// to_chars never writes more bytes.
  static constexpr std::size_t kTextMax = 80;

  /// 0.
  constexpr Decimal() noexcept = default;
  static constexpr Decimal of(std::int64_t integer) noexcept { return Decimal(integer, 0); }
  /// coefficient x 10^-scale; nullopt when out of range.
  static constexpr std::optional<Decimal> make(Int128 coefficient, int scale) noexcept;

  /// Strict: optional '-', digits, optionally '.' and digits. No exponent, '+', blank, "NaN", ".5"
  /// or "5.". The scale is the number of decimals written. More than 38 digits after leading zeros
  /// is refused, never rounded.
  static constexpr std::optional<Decimal> parse(std::string_view text) noexcept;
  /// parse() for those who want to know why not: throws kSyntax or kRange.
  static Decimal from(std::string_view text);

  /// nullopt for what breaks the contract's limits.
  static constexpr std::optional<Decimal> from_wire(bourse_i128 coefficient,
                                                    std::int32_t scale) noexcept;
  [[nodiscard]] constexpr bourse_i128 wire() const noexcept;

  /// The exact binary value, rounded half-even to `scale` decimals. Throws kRange when it does not
  /// fit or is not finite. Binary results that become money again pass here and nowhere else.
  static Decimal nearest(double value, int scale);

  [[nodiscard]] constexpr int scale() const noexcept { return scale_; }
  [[nodiscard]] constexpr Int128 coefficient() const noexcept { return coefficient_; }
  [[nodiscard]] constexpr bool is_zero() const noexcept { return coefficient_ == 0; }
  /// -1, 0 or 1.
  [[nodiscard]] constexpr int sign() const noexcept {
    return coefficient_ < 0 ? -1 : coefficient_ > 0 ? 1 : 0;
  }

  /// Writes all `scale` decimals; a negative scale shows as zeros before where the point would be,
  /// which parse() may refuse as too many digits. Never an exponent, never "-0".
  /// REQUIRES: room for kTextMax bytes. Returns the end; writes no NUL.
  constexpr char* to_chars(char* first) const noexcept;
  [[nodiscard]] std::string text() const;
  /// The double nearest to the exact value, ties to even.
  [[nodiscard]] constexpr double to_double() const noexcept;

  /// The same value with `scale` decimals, rounded where decimals go. Throws kRange.
  [[nodiscard]] Decimal rescaled(int scale, Rounding rounding) const;
  [[nodiscard]] constexpr Decimal negated() const noexcept { return {-coefficient_, scale_}; }
  [[nodiscard]] constexpr Decimal abs() const noexcept { return sign() < 0 ? negated() : *this; }

  /// By value: "1.10" equals "1.1", though they print differently. Never overflows.
  friend constexpr std::weak_ordering operator<=>(Decimal a, Decimal b) noexcept;
  friend constexpr bool operator==(Decimal a, Decimal b) noexcept { return (a <=> b) == 0; }

  /// Exact. The scale is the larger one (+, -) or the sum (*); where 38 digits or scale 38 are too
  /// few for that, the largest scale at which the exact result fits. Throw kRange when there is
  /// none.
  friend Decimal operator+(Decimal a, Decimal b);
  friend Decimal operator-(Decimal a, Decimal b);
  friend Decimal operator*(Decimal a, Decimal b);
  Decimal& operator+=(Decimal other) { return *this = *this + other; }
  Decimal& operator-=(Decimal other) { return *this = *this - other; }
  Decimal& operator*=(Decimal other) { return *this = *this * other; }

  /// The exact quotient, rounded once, to `scale` decimals. Throws kDivideByZero or kRange.
  friend Decimal divide(Decimal dividend, Decimal divisor, int scale, Rounding rounding);

  /// The same without exceptions: nullopt where the above throw.
  friend constexpr std::optional<Decimal> checked_add(Decimal a, Decimal b) noexcept;
  friend constexpr std::optional<Decimal> checked_subtract(Decimal a, Decimal b) noexcept;
  friend constexpr std::optional<Decimal> checked_multiply(Decimal a, Decimal b) noexcept;
  friend constexpr std::optional<Decimal> checked_divide(Decimal dividend, Decimal divisor,
                                                         int scale, Rounding rounding) noexcept;
  friend constexpr std::optional<Decimal> checked_rescale(Decimal value, int scale,
                                                          Rounding rounding) noexcept;
  friend constexpr std::optional<Decimal> checked_nearest(double value, int scale) noexcept;

  friend struct std::hash<Decimal>;

 private:
  using Uint128 = detail::Uint128;
  using Uint256 = detail::Uint256;
  static constexpr Uint128 kLimit = detail::power_of_ten(kDigitsMax);

  constexpr Decimal(Int128 coefficient, int scale) noexcept
      : coefficient_(coefficient), scale_(scale) {}

  static constexpr bool scale_ok(int scale) noexcept {
    return kScaleMin <= scale && scale <= kScaleMax;
  }
  [[nodiscard]] constexpr Uint128 magnitude() const noexcept {
    return static_cast<Uint128>(coefficient_ < 0 ? -coefficient_ : coefficient_);
  }
  static constexpr std::optional<Decimal> make_signed(bool negative, Uint128 magnitude,
                                                      int scale) noexcept;
  static constexpr std::optional<Decimal> round(bool negative, Uint128 quotient, detail::Lost lost,
                                                int scale, Rounding rounding) noexcept;
  static constexpr std::optional<Decimal> fit(bool negative, const Uint256& magnitude,
                                              int scale) noexcept;
  [[nodiscard]] constexpr Decimal without_zeros(int scale_min) const noexcept;
  [[nodiscard]] constexpr Decimal with_zeros(int scale_max) const noexcept;

  Int128 coefficient_ = 0;
  std::int32_t scale_ = 0;
};

// ---- making

constexpr std::optional<Decimal> Decimal::make_signed(bool negative, Uint128 magnitude,
                                                      int scale) noexcept {
  if (magnitude >= kLimit || !scale_ok(scale)) return std::nullopt;
  const auto coefficient = static_cast<Int128>(magnitude);
  return Decimal(negative ? -coefficient : coefficient, scale);
}

constexpr std::optional<Decimal> Decimal::make(Int128 coefficient, int scale) noexcept {
  const auto bits = static_cast<Uint128>(coefficient);
  return make_signed(coefficient < 0, coefficient < 0 ? -bits : bits, scale);
}

constexpr std::optional<Decimal> Decimal::from_wire(bourse_i128 coefficient,
                                                    std::int32_t scale) noexcept {
  const auto high = static_cast<Uint128>(static_cast<std::uint64_t>(coefficient.hi));
  return make(static_cast<Int128>((high << 64) | coefficient.lo), scale);
}

constexpr bourse_i128 Decimal::wire() const noexcept {
  const auto bits = static_cast<Uint128>(coefficient_);
  return {static_cast<std::uint64_t>(bits), static_cast<std::int64_t>(bits >> 64)};
}

// ---- text

constexpr std::optional<Decimal> Decimal::parse(std::string_view text) noexcept {
  const auto read = detail::read(text, kDigitsMax, kScaleMax);
  if (read.problem != detail::Problem::kNone) return std::nullopt;
  const auto coefficient = static_cast<Int128>(read.magnitude);
  return Decimal(read.negative ? -coefficient : coefficient, read.decimals);
}

constexpr char* Decimal::to_chars(char* first) const noexcept {
  std::array<char, kDigitsMax + 1> buffer{};
  char* const end = buffer.data() + buffer.size();
  const char* const digits = detail::write_backwards(magnitude(), end);
  const auto copy = [&first](const char* from, const char* to) {
    while (from != to) *first++ = *from++;
  };
  const auto zeros = [&first](std::ptrdiff_t count) {
    while (count-- > 0) *first++ = '0';
  };
  if (coefficient_ < 0) *first++ = '-';
  if (scale_ <= 0) {
    copy(digits, end);
    if (!is_zero()) zeros(-scale_);
    return first;
  }
  const char* const point = end - (scale_ < end - digits ? scale_ : end - digits);
  if (point == digits) {
    *first++ = '0';
  } else {
    copy(digits, point);
  }
  *first++ = '.';
  zeros(scale_ - (end - point));
  copy(point, end);
  return first;
}

inline std::string Decimal::text() const {
  std::array<char, kTextMax> buffer;
  return {buffer.data(), to_chars(buffer.data())};
}

constexpr double Decimal::to_double() const noexcept {
  constexpr std::array<double, 23> kExactPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  constexpr Int128 kExactIntegers = std::int64_t{1} << 53;
  if (-kExactIntegers <= coefficient_ && coefficient_ <= kExactIntegers && -22 <= scale_ &&
      scale_ <= 22) {  // both operands are exact, so the one operation rounds correctly
    const auto value = static_cast<double>(static_cast<std::int64_t>(coefficient_));
    const double power = kExactPowers[static_cast<std::size_t>(scale_ < 0 ? -scale_ : scale_)];
    return scale_ < 0 ? value * power : value / power;
  }
  if (is_zero()) return 0;
  return detail::nearest_double(coefficient_ < 0, magnitude(), scale_);
}

// ---- order

constexpr std::weak_ordering operator<=>(Decimal a, Decimal b) noexcept {
  if (a.scale_ == b.scale_) return a.coefficient_ <=> b.coefficient_;
  if (a.sign() != b.sign()) return a.sign() <=> b.sign();
  if (a.scale_ < b.scale_) return 0 <=> (b <=> a);
  // a has more decimals. Past 10^38, b's steps are larger than any coefficient of a.
  const int zeros = a.scale_ - b.scale_;
  if (b.is_zero()) return std::weak_ordering::equivalent;
  const detail::Uint256 x = {0, a.magnitude()};
  const detail::Uint256 y = zeros > Decimal::kDigitsMax
                                ? detail::Uint256{1, 0}
                                : detail::multiply(b.magnitude(), detail::power_of_ten(zeros));
  if (x == y) return std::weak_ordering::equivalent;
  return (x < y) == (a.sign() > 0) ? std::weak_ordering::less : std::weak_ordering::greater;
}

// ---- exact arithmetic

/// Drops zeros at the end while the scale stays at or above `scale_min`.
constexpr Decimal Decimal::without_zeros(int scale_min) const noexcept {
  Decimal result = *this;
  if (is_zero() && scale_ > scale_min) result.scale_ = scale_min;
  const auto drop = [&result, scale_min](auto rest) {  // the narrow type divides faster
    for (; result.scale_ > scale_min && rest % 10 == 0; --result.scale_) rest /= 10;
    result.coefficient_ = rest;
  };
  const auto narrow = static_cast<std::int64_t>(coefficient_);
  if (narrow == coefficient_) {
    drop(narrow);
  } else {
    drop(coefficient_);
  }
  return result;
}

/// Adds zeros at the end while the scale stays at or below `scale_max` and they fit.
constexpr Decimal Decimal::with_zeros(int scale_max) const noexcept {
  Decimal result = *this;
  while (result.scale_ < scale_max && result.magnitude() < kLimit / 10) {
    result.coefficient_ *= 10;
    ++result.scale_;
  }
  return result;
}

/// The exact value at the largest scale, up to `scale`, that holds it; nullopt when none does.
constexpr std::optional<Decimal> Decimal::fit(bool negative, const Uint256& magnitude,
                                              int scale) noexcept {
  using detail::multiply, detail::power_of_ten;
  if (magnitude == Uint256{}) {
    return Decimal(0, scale < kScaleMin ? kScaleMin : scale > kScaleMax ? kScaleMax : scale);
  }
  if (scale < kScaleMin) {
    const int zeros = kScaleMin - scale;
    if (zeros > kDigitsMax || !(magnitude < Uint256{0, kLimit})) return std::nullopt;
    const Uint256 wider = multiply(magnitude.low, power_of_ten(zeros));
    if (wider.high != 0) return std::nullopt;
    return make_signed(negative, wider.low, kScaleMin);
  }
  int zeros = scale > kScaleMax ? scale - kScaleMax : 0;
  while (zeros <= kDigitsMax && !(magnitude < multiply(kLimit, power_of_ten(zeros)))) ++zeros;
  if (zeros > kDigitsMax) return std::nullopt;
  if (zeros == 0) return make_signed(negative, magnitude.low, scale);
  const auto [quotient, remainder] = detail::divide(magnitude, power_of_ten(zeros));
  if (remainder != 0) return std::nullopt;
  return make_signed(negative, quotient, scale - zeros);
}

constexpr std::optional<Decimal> checked_add(Decimal a, Decimal b) noexcept {
  using detail::Uint128, detail::Uint256;
  if (a.scale_ < b.scale_) std::swap(a, b);
  const int scale = a.scale_;
  // |a| < 10^38, so a sum that fits needs |b| below 2 x 10^38 at a's scale: 128 bits will do.
  const auto aligned = [&a, &b]() -> std::optional<Uint128> {
    const int zeros = a.scale_ - b.scale_;
    if (zeros > Decimal::kDigitsMax) return std::nullopt;
    const Uint256 wide = detail::multiply(b.magnitude(), detail::power_of_ten(zeros));
    if (!(wide < Uint256{0, 2 * Decimal::kLimit})) return std::nullopt;
    return wide.low;
  };
  if (b.is_zero()) b.scale_ = scale;
  auto y = aligned();
  if (!y) {
    a = a.without_zeros(b.scale_);
    y = aligned();
    if (!y) return std::nullopt;
  }
  const Uint128 x = a.magnitude();
  const bool same_sign = (a.coefficient_ < 0) == (b.coefficient_ < 0);
  const Uint128 magnitude = same_sign ? x + *y : x < *y ? *y - x : x - *y;
  const bool negative = (same_sign || *y <= x ? a : b).coefficient_ < 0;
  const auto sum = Decimal::fit(negative, {0, magnitude}, a.scale_);
  if (!sum) return std::nullopt;
  return sum->with_zeros(scale);
}

constexpr std::optional<Decimal> checked_subtract(Decimal a, Decimal b) noexcept {
  return checked_add(a, b.negated());
}

constexpr std::optional<Decimal> checked_multiply(Decimal a, Decimal b) noexcept {
  return Decimal::fit((a.sign() < 0) != (b.sign() < 0),
                      detail::multiply(a.magnitude(), b.magnitude()), a.scale_ + b.scale_);
}

// ---- arithmetic that rounds

constexpr std::optional<Decimal> Decimal::round(bool negative, Uint128 quotient, detail::Lost lost,
                                                int scale, Rounding rounding) noexcept {
  using detail::Lost;
  if (quotient >= kLimit) return std::nullopt;
  const auto away = [&] {
    switch (rounding) {
      case Rounding::kHalfUp:
        return lost >= Lost::kHalf;
      case Rounding::kHalfEven:
        return lost > Lost::kHalf || (lost == Lost::kHalf && quotient % 2 != 0);
      case Rounding::kDown:
        return false;
      case Rounding::kUp:
        return lost != Lost::kNothing;
      case Rounding::kFloor:
        return negative && lost != Lost::kNothing;
      case Rounding::kCeiling:
        return !negative && lost != Lost::kNothing;
    }
    return false;
  };
  return make_signed(negative, quotient + (away() ? 1 : 0), scale);
}

constexpr std::optional<Decimal> checked_divide(Decimal dividend, Decimal divisor, int scale,
                                                Rounding rounding) noexcept {
  using detail::Lost, detail::Uint128, detail::Uint256, detail::power_of_ten;
  constexpr int kDigits = Decimal::kDigitsMax;
  if (divisor.is_zero() || !Decimal::scale_ok(scale)) return std::nullopt;
  if (dividend.is_zero()) return Decimal(0, scale);
  const bool negative = dividend.sign() != divisor.sign();
  const Uint128 n = dividend.magnitude(), d = divisor.magnitude();
  const int shift = scale - dividend.scale_ + divisor.scale_;  // quotient = n x 10^shift / d
  if (shift >= 0) {
    const int first = shift < kDigits ? shift : kDigits, second = shift - first;
    Uint256 wide = detail::multiply(n, power_of_ten(first));
    if (second > 0) {  // past 10^76 the quotient is out of range, whatever the divisor
      if (second > kDigits || n >= power_of_ten(kDigits - second)) return std::nullopt;
      wide = detail::multiply(n * power_of_ten(second), power_of_ten(first));
    }
    if (wide.high >= d) return std::nullopt;
    const auto [quotient, remainder] = detail::divide(wide, d);
    return Decimal::round(negative, quotient, detail::lost(remainder, d), scale, rounding);
  }
  if (-shift > kDigits) return Decimal::round(negative, 0, Lost::kBelowHalf, scale, rounding);
  const Uint128 power = power_of_ten(-shift);
  const Uint128 whole = n / d;
  return Decimal::round(negative, whole / power, detail::lost(whole % power, power, n % d != 0),
                        scale, rounding);
}

constexpr std::optional<Decimal> checked_rescale(Decimal value, int scale,
                                                 Rounding rounding) noexcept {
  if (scale == value.scale_) return value;
  return checked_divide(value, Decimal::of(1), scale, rounding);
}

constexpr std::optional<Decimal> checked_nearest(double value, int scale) noexcept {
  if (!Decimal::scale_ok(scale)) return std::nullopt;
  const auto scaled = detail::scaled(value, scale);
  if (!scaled) return std::nullopt;
  return Decimal::round(value < 0, scaled->quotient, scaled->lost, scale, Rounding::kHalfEven);
}

// ---- with exceptions

namespace detail {

inline constexpr char kOutOfRange[] =
    " needs more than 38 digits, or a scale outside -38..38: use fewer decimals or smaller numbers";

[[noreturn, gnu::cold]] inline void out_of_range(const char* operation, Decimal a, Decimal b) {
  throw DecimalError(DecimalError::Kind::kRange,
                     a.text() + " " + operation + " " + b.text() + kOutOfRange);
}
inline Decimal or_throw(const std::optional<Decimal>& result, const char* operation, Decimal a,
                        Decimal b) {
  if (!result) out_of_range(operation, a, b);
  return *result;
}

}  // namespace detail

inline Decimal Decimal::from(std::string_view text) {
  if (const auto result = parse(text)) return *result;
  if (detail::read(text, kDigitsMax, kScaleMax).problem == detail::Problem::kRange) {
    throw DecimalError(DecimalError::Kind::kRange, detail::quoted(text) + detail::kOutOfRange);
  }
  throw DecimalError(DecimalError::Kind::kSyntax,
                     detail::quoted(text) +
                         " is not a decimal number: write digits, with an optional '-' before and "
                         "an optional '.' and digits after, such as -12.50");
}

inline Decimal Decimal::nearest(double value, int scale) {
  if (const auto result = checked_nearest(value, scale)) return *result;
  const std::string number = detail::about(value);
  throw DecimalError(DecimalError::Kind::kRange, value - value != 0
                                                     ? number + " is not a finite number"
                                                     : number + " with " + std::to_string(scale) +
                                                           " decimals" + detail::kOutOfRange);
}

inline Decimal Decimal::rescaled(int scale, Rounding rounding) const {
  if (const auto result = checked_rescale(*this, scale, rounding)) return *result;
  throw DecimalError(DecimalError::Kind::kRange, this->text() + " with " + std::to_string(scale) +
                                                     " decimals" + detail::kOutOfRange);
}

inline Decimal operator+(Decimal a, Decimal b) {
  return detail::or_throw(checked_add(a, b), "+", a, b);
}
inline Decimal operator-(Decimal a, Decimal b) {
  return detail::or_throw(checked_subtract(a, b), "-", a, b);
}
inline Decimal operator*(Decimal a, Decimal b) {
  return detail::or_throw(checked_multiply(a, b), "*", a, b);
}

inline Decimal divide(Decimal dividend, Decimal divisor, int scale, Rounding rounding) {
  if (divisor.is_zero()) {
    throw DecimalError(DecimalError::Kind::kDivideByZero,
                       dividend.text() + " cannot be divided by zero");
  }
  return detail::or_throw(checked_divide(dividend, divisor, scale, rounding), "/", dividend,
                          divisor);
}

}  // namespace bourse::inline sdk_0_1

/// Equal values hash alike, whatever their scales.
template <>
struct std::hash<bourse::Decimal> {
  [[nodiscard]] std::size_t operator()(bourse::Decimal value) const noexcept {
    const bourse::Decimal plain = value.without_zeros(bourse::Decimal::kScaleMin);
    const bourse_i128 bits = plain.wire();
    const auto mix = [](std::uint64_t x) {  // finalizer of SplitMix64
      x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
      x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
      return x ^ (x >> 31);
    };
    const auto high = static_cast<std::uint64_t>(bits.hi);
    const auto scale = static_cast<std::uint64_t>(plain.scale());
    return static_cast<std::size_t>(mix(mix(mix(bits.lo) ^ high) + scale));
  }
};
