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

/// The first row at which none of the three columns is farther than `left` times the largest size
/// it can have from what it would be if the history had begun long before. REQUIRES: fast < slow, 1
/// < signal.
///
/// The averages' own bounds do not do: the nearer their periods are to one another, the smaller is
/// their difference, and what is nothing to a price may be much to it. Let R be the range of the
/// values, w = 2 / (period + 1) a weight, q = 1 - w.
///  - Errors. An average lies in the range of the values, so at its first row it is off by at most
///    R, and n rows later by R q^n: MACD by at most R (q_fast^n + q_slow^n). The signal's seed, a
///    mean of values within -R .. R, is off by at most 2 R; then each row makes of its error
///    q_signal x error + w_signal x error of MACD. The histogram is off by both.
///  - Sizes. After a long history MACD is the sum of d_k x(k rows ago), d_k = w_fast q_fast^k -
///    w_slow q_slow^k. These weights add up to 0, so it is at most R x half the sum of |d_k|. The
///    same holds for the signal, with weights g_k = q_signal g_(k-1) + w_signal d_k, and for the
///    histogram, with d_k - g_k.
/// R falls out. (At a crossing the value itself is 0, and no error is small relative to that.)
std::size_t macd_rows_to_forget(MacdPeriods periods, double left) noexcept;

}  // namespace bourse::technical
