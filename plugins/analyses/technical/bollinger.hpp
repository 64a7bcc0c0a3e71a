// SPDX-License-Identifier: MIT
//
// Bollinger bands: a moving average and, above and below it, a number of deviations.
#pragma once

#include <cstddef>
#include <span>

namespace bourse::technical {

struct BollingerColumns {
  std::span<double> upper;      ///< middle + deviations x deviation
  std::span<double> middle;     ///< mean of the last `period` values
  std::span<double> lower;      ///< middle - deviations x deviation
  std::span<double> percent_b;  ///< (value - lower) / (upper - lower): 0 on the lower band, 1 on
                                ///< the upper; 0.5 where the bands coincide
  std::span<double> bandwidth;  ///< 100 x (upper - lower) / middle
};

/// The deviation is that of a population (divided by `period`), as Bollinger defines it; exactly 0
/// in a flat window. All are defined from row period - 1. REQUIRES: no value is negative.
///
/// Numerics: two passes over every window, mean first, so nothing is lost to cancellation whatever
/// the price level. O(rows x period). Rules of the columns: moving_average.hpp.
void bollinger_bands(std::span<const double> values, std::size_t period, double deviations,
                     const BollingerColumns& out) noexcept;

}  // namespace bourse::technical
