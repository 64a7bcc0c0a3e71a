// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/stochastic.hpp"

#include <algorithm>

#include "plugins/analyses/technical/moving_average.hpp"
#include "plugins/analyses/technical/windows.hpp"

namespace bourse::technical {
namespace {

double position(double close, double lowest, double highest) noexcept {
  const double range = highest - lowest;
  return range == 0.0 ? 50.0 : 100.0 * ((close - lowest) / range);
}

/// The mean of what begins at row `first` of `values`; before, and until it is defined: undefined.
/// Rounding must not carry it past the ends of the scale.
void smooth(std::span<const double> values, std::size_t first, std::size_t period,
            std::span<double> out) noexcept {
  leave_undefined(out, first);
  if (values.size() <= first) return;
  simple_moving_average(values.subspan(first), period, out.subspan(first));
  for (double& v : out.subspan(first)) v = std::clamp(v, 0.0, 100.0);  // NaN passes
}

}  // namespace

void stochastic(std::span<const double> highs, std::span<const double> lows,
                std::span<const double> closes, StochasticPeriods periods,
                const StochasticColumns& out) noexcept {
  const auto high = [&](std::size_t row) { return highs[row]; };
  const auto low = [&](std::size_t row) { return lows[row]; };
  const auto larger = [](double a, double b) { return a < b ? b : a; };
  const auto smaller = [](double a, double b) { return b < a ? b : a; };
  extreme_windows(closes.size(), periods.range, out.k, high, larger,
                  [&](std::size_t end, double highest) { out.k[end] = highest; });
  extreme_windows(closes.size(), periods.range, out.d, low, smaller,
                  [&](std::size_t end, double lowest) {
                    out.k[end] = position(closes[end], lowest, out.k[end]);
                  });
  const std::size_t first = periods.range - 1;
  smooth(out.k, first, periods.smoothing, out.d);                       // %K, in the wrong column
  smooth(out.d, first + periods.smoothing - 1, periods.signal, out.k);  // %D, likewise
  std::swap_ranges(out.k.begin(), out.k.end(), out.d.begin());
}

}  // namespace bourse::technical
