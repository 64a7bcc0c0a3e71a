// SPDX-License-Identifier: MIT
//
// Moving average convergence divergence (Appel): the distance between a fast and a slow
// exponential average, and an exponential average of that distance.
#pragma once

#include <cstddef>
#include <span>

namespace bourse::technical {

struct MacdPeriods {
  std::size_t fast = 12;
  std::size_t slow = 26;
  std::size_t signal = 9;
};

struct MacdColumns {
  std::span<double> macd;       ///< fast - slow
  std::span<double> signal;     ///< average of macd
  std::span<double> histogram;  ///< macd - signal
};

/// As TA-Lib's MACD: both averages begin at row slow - 1, so the fast one is seeded with the mean
/// of the last `fast` of the first `slow` values; the signal with the mean of the first `signal`
/// differences. macd is defined from row slow - 1 (TA-Lib hides it until the signal is), the others
/// from row slow + signal - 2. REQUIRES: 1 <= fast <= slow. Rules of the columns:
/// moving_average.hpp.
void macd(std::span<const double> values, MacdPeriods periods, const MacdColumns& out) noexcept;

}  // namespace bourse::technical
