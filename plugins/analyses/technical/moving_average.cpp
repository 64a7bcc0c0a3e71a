// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/moving_average.hpp"

#include "plugins/analyses/technical/windows.hpp"

namespace bourse::technical {

void simple_moving_average(std::span<const double> values, std::size_t period,
                           std::span<double> out) noexcept {
  leave_undefined(out, period - 1);
  const auto n = static_cast<double>(period);
  // Distances from a value of the window are small and, in a flat window, exactly zero.
  sum_windows(
      values.size(), period,
      [&](std::size_t first, std::size_t i) { return values[first + i] - values[first]; },
      [&](std::size_t end, double sum) { out[end] = values[end + 1 - period] + sum / n; });
}

void exponential_moving_average(std::span<const double> values, std::size_t period,
                                std::span<double> out) noexcept {
  leave_undefined(out, period - 1);
  if (values.size() < period) return;
  const double weight = exponential_weight(period);
  double average = mean(values.first(period));
  out[period - 1] = average;
  for (std::size_t row = period; row < values.size(); ++row) {
    average += weight * (values[row] - average);
    out[row] = average;
  }
}

}  // namespace bourse::technical
