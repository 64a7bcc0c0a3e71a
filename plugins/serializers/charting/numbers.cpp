// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace bourse::charting {
namespace {

constexpr std::string_view kMinus = "\xE2\x88\x92", kDash = "\xE2\x80\x93";
constexpr int kDecimalsMax = 20;
constexpr double kPlainBelow = 1e15;  // longer numbers are read by their exponent
constexpr int kPlainDecimalsMax = 12;

std::string_view letter_of(double divisor) noexcept {
  if (divisor >= 1e12) return "T";
  if (divisor >= 1e9) return "B";
  if (divisor >= 1e6) return "M";
  return divisor >= 1e3 ? "K" : "";
}

double divisor_of(double largest) noexcept {
  if (largest >= 1e12) return 1e12;
  if (largest >= 1e9) return 1e9;
  if (largest >= 1e6) return 1e6;
  return largest >= 1e3 ? 1e3 : 1;
}

/// Digits of a magnitude, "1234.50".
std::string digits_of(double magnitude, const NumberFormat& format) {
  std::array<char, 400> buffer;  // the largest double has 309 digits before the point
  const auto style = format.scientific ? std::chars_format::scientific : std::chars_format::fixed;
  const int decimals = std::clamp(format.decimals, 0, kDecimalsMax);
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, style, decimals).ptr;
  return {buffer.data(), end};
}

void separate_thousands(std::string& digits) {
  std::size_t at = std::min(digits.find('.'), digits.size());
  for (; at > 3; at -= 3) digits.insert(at - 3, 1, ',');
}

int exponent_of(double magnitude) noexcept {
  return magnitude > 0 ? static_cast<int>(std::floor(std::log10(magnitude))) : 0;
}

double power_of_ten(int exponent) noexcept {
  return std::pow(10.0, exponent);  // exact up to 10^22 in glibc
}

}  // namespace

std::string format_number(double value, NumberFormat format) {
  if (!std::isfinite(value)) return std::string(kDash);
  std::string digits = digits_of(std::fabs(value) / format.divisor, format);
  const bool is_zero = digits.find_first_not_of("0.e+-") == std::string::npos;
  if (is_zero) return format.scientific || format.divisor > 1 ? "0" : digits;
  if (!format.scientific) separate_thousands(digits);
  digits += letter_of(format.divisor);
  return value < 0 ? std::string(kMinus) + digits : digits;
}

double Step::value() const noexcept { return times(1); }

double Step::times(double count) const noexcept {
  // Dividing by a power of ten is exact where multiplying by its rounded inverse is not.
  if (exponent >= 0) return count * mantissa * power_of_ten(exponent);
  if (exponent >= -300) return count * mantissa / power_of_ten(-exponent);
  return count * mantissa / power_of_ten(300) / power_of_ten(-exponent - 300);
}

NumberFormat axis_format(Step step, double largest, double compact_from) noexcept {
  if (largest >= kPlainBelow || step.exponent < -kPlainDecimalsMax) {
    const int digits = exponent_of(largest) - step.exponent;
    return {.decimals = std::clamp(digits, 0, 16), .divisor = 1, .scientific = true};
  }
  const double divisor = largest >= compact_from ? divisor_of(largest) : 1;
  return {.decimals = std::max(0, exponent_of(divisor) - step.exponent), .divisor = divisor};
}

NumberFormat value_format(double value, int decimals, double compact_from) noexcept {
  const double magnitude = std::fabs(value);
  if (magnitude >= kPlainBelow || decimals > kPlainDecimalsMax) {
    return {.decimals = 3, .divisor = 1, .scientific = true};
  }
  if (magnitude < compact_from || magnitude < 1e3) return {.decimals = decimals};
  const double divisor = divisor_of(magnitude);
  return {.decimals = std::max(0, 3 - exponent_of(magnitude / divisor)), .divisor = divisor};
}

int exact_decimals(double value, int least, int most) noexcept {
  for (int decimals = least; decimals < most; ++decimals) {
    const double scaled = std::fabs(value) * power_of_ten(decimals);
    if (!(scaled < 1e15)) return decimals;
    if (std::fabs(scaled - std::round(scaled)) <= 1e-9 * scaled) return decimals;
  }
  return std::max(least, most);
}

int telling_decimals(double value, int decimals, int significant) noexcept {
  if (value == 0 || !std::isfinite(value)) return decimals;
  return exact_decimals(value, decimals, significant - 1 - exponent_of(std::fabs(value)));
}

std::string format_significant(double value) {
  constexpr int kSignificant = 6;
  if (!std::isfinite(value)) return std::string(kDash);
  const double magnitude = std::fabs(value);
  const bool plain = magnitude == 0 || (magnitude >= 1e-9 && magnitude < kPlainBelow);
  if (!plain) return format_number(value, {.decimals = 3, .divisor = 1, .scientific = true});
  const int decimals = std::clamp(kSignificant - 1 - exponent_of(magnitude), 0, 14);
  std::string text = format_number(value, {.decimals = decimals});
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

}  // namespace bourse::charting
