// SPDX-License-Identifier: MIT
//
// Average true range (Wilder 1978): how far the price moves in a candle, gaps between candles
// included.
#pragma once

#include <cstddef>
#include <span>

namespace bourse::technical {

/// The true range is the span of high, low and the close before; of the first candle, which has no
/// close before, high - low. Averaged over the first `period` candles, then smoothed by
/// average += (range - average) / period. Defined from row period - 1. (TA-Lib leaves the first
/// candle out and begins one row later; the two agree more with every row.) Rules of `out`:
/// moving_average.hpp.
void average_true_range(std::span<const double> highs, std::span<const double> lows,
                        std::span<const double> closes, std::size_t period,
                        std::span<double> out) noexcept;

}  // namespace bourse::technical
