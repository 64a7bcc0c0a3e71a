// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/moving_average.hpp"

#include <functional>

#include "plugins/analyses/technical/windows.hpp"

namespace bourse::technical {

void simple_moving_average(std::span<const double> values, std::size_t period,
                           std::span<double> out) noexcept {
  leave_undefined(out, period - 1);
  const auto n = static_cast<double>(period);
  // Distances from a value of the window are small and, in a flat window, exactly zero.
  fold_windows(
      values.size(), period, out,
      [&](std::size_t row, std::size_t pivot) { return values[row] - values[pivot]; },
      std::plus<>(),
      [&](std::size_t end, std::size_t pivot, double sum) { out[end] = values[pivot] + sum / n; });
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
