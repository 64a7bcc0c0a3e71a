// SPDX-License-Identifier: MIT
//
// Where the ticks of a number axis go: at multiples of 1, 2 or 5 times a power of ten.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plugins/serializers/charting/numbers.hpp"

namespace bourse::charting {

/// The values that an axis spans. INVARIANT after settle(): finite, low < high, and apart enough
/// for doubles to tell a thousand steps between them.
struct Span {
  double low = 0, high = 1;
  [[nodiscard]] double length() const noexcept { return high - low; }
};

/// Widens a span that is a point, or too short for its place on the number line, and brings ends
/// that are not finite or beyond 1e300 back to where lengths can be computed.
Span settle(Span span) noexcept;

struct Ticks {
  Step step;
  std::vector<double> values;  ///< rising, inside the span
};

/// The finest 1-2-5 step with at most `count_max` ticks; at least two ticks where the step allows.
/// Of `whole` numbers, none is between two of them. REQUIRES: a settled span.
Ticks number_ticks(Span span, std::size_t count_max, bool whole = false);

/// A tick and how fine its neighbours are, for its digits.
struct LogTick {
  Step step;
  double value = 0;
};

/// Ticks of a logarithmic axis over `decades`, the logarithms (to 10) of its ends, rising: 1, 2 and
/// 5 of every decade, or only 1 where these are more than `count_max`, or only that of every nth
/// decade. Where fewer than two of them lie within the span, those of an ordinary axis.
/// REQUIRES: a settled span within -300 .. 300.
std::vector<LogTick> log_ticks(Span decades, std::size_t count_max);

}  // namespace bourse::charting
