// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/macd.hpp"

#include "plugins/analyses/technical/moving_average.hpp"
#include "plugins/analyses/technical/windows.hpp"

namespace bourse::technical {

void macd(std::span<const double> values, MacdPeriods periods, const MacdColumns& out) noexcept {
  const std::size_t first = periods.slow - 1;
  leave_undefined(out.macd, first);
  leave_undefined(out.signal, first);
  if (values.size() > first) {
    const double fast_weight = exponential_weight(periods.fast);
    const double slow_weight = exponential_weight(periods.slow);
    double fast = mean(values.subspan(periods.slow - periods.fast, periods.fast));
    double slow = mean(values.first(periods.slow));
    out.macd[first] = fast - slow;
    for (std::size_t row = periods.slow; row < values.size(); ++row) {
      fast += fast_weight * (values[row] - fast);
      slow += slow_weight * (values[row] - slow);
      out.macd[row] = fast - slow;
    }
    exponential_moving_average(out.macd.subspan(first), periods.signal, out.signal.subspan(first));
  }
  for (std::size_t row = 0; row < values.size(); ++row) {
    out.histogram[row] = out.macd[row] - out.signal[row];
  }
}

}  // namespace bourse::technical
