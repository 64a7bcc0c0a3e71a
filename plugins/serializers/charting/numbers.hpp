// SPDX-License-Identifier: MIT
//
// Numbers as a chart shows them: with thousands separators, as few decimals as tell neighbours
// apart, K M B T where digits would only be noise.
#pragma once

#include <string>

namespace bourse::charting {

struct NumberFormat {
  int decimals = 0;         ///< 0..20 behind the point
  double divisor = 1;       ///< 1, 1e3, 1e6, 1e9 or 1e12, shown as K, M, B, T
  bool scientific = false;  ///< 1.2e+20; `decimals` are those of the mantissa
};

/// "−1,234.50"; "–" for what is not finite. The minus is U+2212, as wide as a plus.
std::string format_number(double value, NumberFormat format);

/// mantissa x 10^exponent, mantissa 1, 2 or 5.
struct Step {
  int mantissa = 1;
  int exponent = 0;
  [[nodiscard]] double value() const noexcept;
  /// count x step, with one rounding.
  [[nodiscard]] double times(double count) const noexcept;
};

/// Tells ticks `step` apart that reach `largest` in magnitude; K M B T from `compact_from` up.
NumberFormat axis_format(Step step, double largest, double compact_from) noexcept;

/// For one number where it stands alone: `decimals` of them, or from `compact_from` up about four
/// significant digits and a letter.
NumberFormat value_format(double value, int decimals, double compact_from) noexcept;

/// The fewest decimals from `least` to `most` that tell the value exactly; `most` where none do.
int exact_decimals(double value, int least, int most) noexcept;

/// At least `decimals`, and as many more as give the value `significant` digits, or tell it
/// exactly: 0.00106 is not 0.00.
int telling_decimals(double value, int decimals, int significant) noexcept;

/// Six significant digits at most, no zeros at the end.
std::string format_significant(double value);

}  // namespace bourse::charting
