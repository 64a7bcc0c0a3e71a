// SPDX-License-Identifier: MIT
//
// Stochastic oscillator (Lane): where the close lies in the range of the last candles, 0 .. 100.
#pragma once

#include <cstddef>
#include <span>

namespace bourse::technical {

struct StochasticPeriods {
  std::size_t range = 14;     ///< candles whose highest high and lowest low are the range
  std::size_t smoothing = 3;  ///< of %K; 1 is the fast stochastic
  std::size_t signal = 3;     ///< of %D
};

struct StochasticColumns {
  std::span<double> k;  ///< mean of the last `smoothing` positions; from row range + smoothing - 2
  std::span<double> d;  ///< mean of the last `signal` %K; from row range + smoothing + signal - 3
};

/// A position is 100 x (close - lowest low) / (highest high - lowest low). Where the range is empty
/// it is 50: neither end is nearer. (TA-Lib says 0, which reads as "at the low".)
/// REQUIRES: low <= close <= high in every row. Rules of the columns: moving_average.hpp.
void stochastic(std::span<const double> highs, std::span<const double> lows,
                std::span<const double> closes, StochasticPeriods periods,
                const StochasticColumns& out) noexcept;

}  // namespace bourse::technical
