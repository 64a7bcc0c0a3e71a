// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/atr.hpp"

#include <algorithm>

#include "plugins/analyses/technical/windows.hpp"

namespace bourse::technical {

void average_true_range(std::span<const double> highs, std::span<const double> lows,
                        std::span<const double> closes, std::size_t period,
                        std::span<double> out) noexcept {
  leave_undefined(out, period - 1);
  if (closes.size() < period) return;
  const auto true_range = [&](std::size_t row) {
    if (row == 0) return highs[0] - lows[0];
    return std::max(highs[row], closes[row - 1]) - std::min(lows[row], closes[row - 1]);
  };
  const auto n = static_cast<double>(period);
  double average = true_range(0);
  double beyond_first = 0;
  for (std::size_t row = 1; row < period; ++row) beyond_first += true_range(row) - average;
  average += beyond_first / n;
  out[period - 1] = average;
  for (std::size_t row = period; row < closes.size(); ++row) {
    average += (true_range(row) - average) / n;
    out[row] = average;
  }
}

}  // namespace bourse::technical
