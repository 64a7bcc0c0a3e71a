// SPDX-License-Identifier: MIT
//
// Moving averages. As all indicators here: pure, no allocation; `out` has as many rows as the
// input, does not overlap it, and holds NaN where the value is not defined yet. A row depends on
// itself and on earlier rows only. O(rows), or O(rows x period) where a window is summed up.
// REQUIRES everywhere: finite input, period >= 1.
#pragma once

#include <cstddef>
#include <span>

namespace bourse::technical {

/// Mean of the last `period` values, which nothing else has a part in; defined from row period - 1.
void simple_moving_average(std::span<const double> values, std::size_t period,
                           std::span<double> out) noexcept;

/// Weight of the newest value in an exponential average: 2 / (period + 1).
constexpr double exponential_weight(std::size_t period) noexcept {
  return 2.0 / (static_cast<double>(period) + 1.0);
}

/// average += weight x (value - average), seeded with the mean of the first `period` values, as
/// TA-Lib does; defined from row period - 1.
void exponential_moving_average(std::span<const double> values, std::size_t period,
                                std::span<double> out) noexcept;

}  // namespace bourse::technical
