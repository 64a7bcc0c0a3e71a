// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/bollinger.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "plugins/analyses/technical/windows.hpp"

namespace bourse::technical {

void bollinger_bands(std::span<const double> values, std::size_t period, double deviations,
                     const BollingerColumns& out) noexcept {
  for (const auto& column : {out.upper, out.middle, out.lower, out.percent_b, out.bandwidth}) {
    leave_undefined(column, period - 1);
  }
  const auto n = static_cast<double>(period);
  const auto distance = [&](std::size_t row, std::size_t pivot) {
    return values[row] - values[pivot];
  };
  const auto square = [&](std::size_t row, std::size_t pivot) {
    return distance(row, pivot) * distance(row, pivot);
  };
  fold_windows(values.size(), period, out.middle, distance, std::plus<>(),
               [&](std::size_t end, std::size_t, double sum) { out.middle[end] = sum / n; });
  fold_windows(values.size(), period, out.lower, square, std::plus<>(),
               [&](std::size_t end, std::size_t pivot, double squares) {
                 const double offset = out.middle[end];  // of the mean from the pivot
                 const double variance = std::max(squares / n - offset * offset, 0.0);
                 const double reach = deviations * std::sqrt(variance);
                 const double middle = values[pivot] + offset;
                 out.middle[end] = middle;
                 out.upper[end] = middle + reach;
                 out.lower[end] = middle - reach;
                 out.percent_b[end] =
                     reach == 0.0 ? 0.5 : (distance(end, pivot) - offset + reach) / (2.0 * reach);
                 out.bandwidth[end] = reach == 0.0 ? 0.0 : 200.0 * reach / middle;
               });
}

}  // namespace bourse::technical
