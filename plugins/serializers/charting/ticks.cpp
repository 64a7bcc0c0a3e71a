// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/ticks.hpp"

#include <algorithm>
#include <cmath>

namespace bourse::charting {
namespace {

constexpr double kFarthest = 1e300;
constexpr double kRelativeLengthMin = 1e-12;  // below, neighbouring ticks print the same digits
constexpr double kShortest = 1e-290;

/// How many multiples of the step lie in the span.
double count_of(Span span, Step step) noexcept {
  const double value = step.value();
  return std::floor(span.high / value) - std::ceil(span.low / value) + 1;
}

Step next(Step step) noexcept {
  if (step.mantissa == 1) return {2, step.exponent};
  return step.mantissa == 2 ? Step{5, step.exponent} : Step{1, step.exponent + 1};
}

}  // namespace

Span settle(Span span) noexcept {
  const auto bounded = [](double v) {
    return std::isnan(v) ? 0.0 : std::clamp(v, -kFarthest, kFarthest);
  };
  double low = bounded(span.low), high = bounded(span.high);
  if (high < low) std::swap(low, high);
  const double largest = std::max(std::fabs(low), std::fabs(high));
  if (high - low > std::max(largest * kRelativeLengthMin, kShortest)) return {low, high};
  const double middle = low / 2 + high / 2;
  const double margin = largest < kShortest ? 1 : largest * 0.05;
  return {middle - margin, middle + margin};
}

Ticks number_ticks(Span span, std::size_t count_max, bool whole) {
  const auto most = static_cast<double>(std::max<std::size_t>(count_max, 1));
  const double least = span.length() / (most + 1);
  Step step{1, static_cast<int>(std::floor(std::log10(least)))};
  if (whole && step.exponent < 0) step = {1, 0};
  while (count_of(span, step) > most) step = next(step);
  Ticks ticks{step, {}};
  const double first = std::ceil(span.low / step.value());
  const double count = count_of(span, step);
  for (double i = 0; i < count; ++i) {
    const double tick = step.times(first + i);
    if (tick >= span.low && tick <= span.high) ticks.values.push_back(tick + 0.0);  // no -0
  }
  return ticks;
}

namespace {

std::vector<LogTick> decade_ticks(Span decades, int every, bool all_three) {
  std::vector<LogTick> out;
  const int first = static_cast<int>(std::floor(decades.low));
  const int last = static_cast<int>(std::ceil(decades.high));
  for (int exponent = first; exponent <= last; ++exponent) {
    if (((exponent % every) + every) % every != 0) continue;
    for (const int mantissa : {1, 2, 5}) {
      if (mantissa != 1 && !all_three) continue;
      const Step step{mantissa, exponent};
      const double at = std::log10(mantissa) + exponent;
      if (at >= decades.low && at <= decades.high) out.push_back({step, step.value()});
    }
  }
  return out;
}

std::vector<LogTick> ordinary_ticks(Span decades, std::size_t count_max) {
  std::vector<LogTick> out;
  const Ticks ticks =
      number_ticks(settle({std::pow(10, decades.low), std::pow(10, decades.high)}), count_max);
  for (const double value : ticks.values) {
    const bool inside =
        value > 0 && std::log10(value) >= decades.low && std::log10(value) <= decades.high;
    if (inside) out.push_back({ticks.step, value});  // settled, the span may reach further
  }
  return out;
}

}  // namespace

std::vector<LogTick> log_ticks(Span decades, std::size_t count_max) {
  std::vector<LogTick> out = decade_ticks(decades, 1, true);
  if (out.size() < 2) return ordinary_ticks(decades, count_max);
  if (out.size() <= count_max) return out;
  for (int every = 1;; ++every) {
    out = decade_ticks(decades, every, false);
    if (out.size() <= std::max<std::size_t>(count_max, 1)) return out;
  }
}

}  // namespace bourse::charting
