// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/bollinger.hpp"

#include <cmath>

#include "plugins/analyses/technical/windows.hpp"

namespace bourse::technical {

void bollinger_bands(std::span<const double> values, std::size_t period, double deviations,
                     const BollingerColumns& out) noexcept {
  for (const auto& column : {out.upper, out.middle, out.lower, out.percent_b, out.bandwidth}) {
    leave_undefined(column, period - 1);
  }
  const auto n = static_cast<double>(period);
  // Everything is measured from the window's first value: distances, unlike prices, keep all their
  // digits when prices are high and move little.
  const auto distance = [&](std::size_t first, std::size_t i) {
    return values[first + i] - values[first];
  };
  sum_windows(values.size(), period, distance,
              [&](std::size_t end, double sum) { out.middle[end] = sum / n; });
  const auto square = [&](std::size_t first, std::size_t i) {
    const double from_mean = distance(first, i) - out.middle[first + period - 1];
    return from_mean * from_mean;
  };
  sum_windows(values.size(), period, square, [&](std::size_t end, double squares) {
    const std::size_t first = end + 1 - period;
    const double offset = out.middle[end];  // of the mean from the window's first value
    const double reach = deviations * std::sqrt(squares / n);
    const double middle = values[first] + offset;
    out.middle[end] = middle;
    out.upper[end] = middle + reach;
    out.lower[end] = middle - reach;
    out.percent_b[end] =
        reach == 0.0 ? 0.5 : (distance(first, period - 1) - offset + reach) / (2.0 * reach);
    out.bandwidth[end] = reach == 0.0 ? 0.0 : 200.0 * reach / middle;
  });
}

}  // namespace bourse::technical
