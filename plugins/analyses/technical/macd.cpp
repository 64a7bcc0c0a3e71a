// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/macd.hpp"

#include <cmath>

#include "plugins/analyses/technical/moving_average.hpp"
#include "plugins/analyses/technical/windows.hpp"

namespace bourse::technical {
namespace {

/// Of each column.
struct Lines {
  double macd = 0, signal = 0, histogram = 0;
};

/// The largest size that each can have, in units of the values' range.
Lines sizes(MacdPeriods periods) noexcept {
  constexpr double kRest = 1e-9;  // of the weights; a size is needed to some digits only
  const double fast = exponential_weight(periods.fast), slow = exponential_weight(periods.slow);
  const double signal = exponential_weight(periods.signal);
  Lines sizes;
  double weight_of_fast = fast, weight_of_slow = slow, left_of_signal = 1, smoothed = 0;
  while (weight_of_slow > kRest * slow || left_of_signal > kRest) {
    const double difference = weight_of_fast - weight_of_slow;
    smoothed += signal * (difference - smoothed);
    sizes.macd += std::abs(difference) / 2;
    sizes.signal += std::abs(smoothed) / 2;
    sizes.histogram += std::abs(difference - smoothed) / 2;
    weight_of_fast *= 1 - fast;
    weight_of_slow *= 1 - slow;
    left_of_signal *= 1 - signal;
  }
  return sizes;
}

}  // namespace

std::size_t macd_rows_to_forget(MacdPeriods periods, double left) noexcept {
  const Lines size = sizes(periods);
  const double fast = exponential_weight(periods.fast), slow = exponential_weight(periods.slow);
  const double signal = exponential_weight(periods.signal);
  double of_fast = 1, of_slow = 1;  // errors, in units of the range
  std::size_t row = periods.slow - 1;
  const auto next = [&] {
    ++row;
    of_fast *= 1 - fast;
    of_slow *= 1 - slow;
    return of_fast + of_slow;
  };
  double of_macd = 2;
  for (std::size_t i = 1; i < periods.signal; ++i) of_macd = next();
  double of_signal = 2;
  while (of_macd > left * size.macd || of_signal > left * size.signal ||
         of_macd + of_signal > left * size.histogram) {
    of_macd = next();
    of_signal += signal * (of_macd - of_signal);
  }
  return row;
}

void macd(std::span<const double> values, MacdPeriods periods, const MacdColumns& out) noexcept {
  const std::size_t first = periods.slow - 1;
  leave_undefined(out.macd, first);
  leave_undefined(out.signal, first);
  if (values.size() > first) {
    // fast + wf (x - fast) - slow - ws (x - slow), written as an average of its own: the difference
    // of two large, nearly equal numbers is never taken, and loses no digits when they are close.
    const double weight = exponential_weight(periods.fast);
    const double slow_weight = exponential_weight(periods.slow);
    const double weights_apart =
        2.0 * static_cast<double>(periods.slow - periods.fast) /
        (static_cast<double>(periods.fast + 1) * static_cast<double>(periods.slow + 1));
    double slow = mean(values.first(periods.slow));
    double difference = mean(values.subspan(periods.slow - periods.fast, periods.fast)) - slow;
    out.macd[first] = difference;
    for (std::size_t row = periods.slow; row < values.size(); ++row) {
      const double from_slow = values[row] - slow;
      difference += weights_apart * from_slow - weight * difference;
      slow += slow_weight * from_slow;
      out.macd[row] = difference;
    }
    exponential_moving_average(out.macd.subspan(first), periods.signal, out.signal.subspan(first));
  }
  for (std::size_t row = 0; row < values.size(); ++row) {
    out.histogram[row] = out.macd[row] - out.signal[row];
  }
}

}  // namespace bourse::technical
