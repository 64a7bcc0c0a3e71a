// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/heat_scale.hpp"

#include <algorithm>
#include <cmath>

namespace bourse::charting {

Span heat_span(Span span) noexcept {
  if (span.low >= 0 || span.high <= 0) return span;
  const double farthest = std::max(-span.low, span.high);
  return {-farthest, farthest};
}

std::uint8_t heat_step(double value, Span span) noexcept {
  constexpr int kLastStep = kHeatSteps - 1;
  const double t = (std::clamp(value, span.low, span.high) - span.low) / span.length();
  if (span.low < 0 && span.high > 0) return static_cast<std::uint8_t>(std::lround(t * kLastStep));
  const double half = kLastStep / 2.0;
  return static_cast<std::uint8_t>(std::lround(span.high <= 0 ? half * t : half + half * t));
}

}  // namespace bourse::charting
