// SPDX-License-Identifier: MIT
//
// Spans of several series as lines of one chart: each series has a height of its own, and its line
// is broken where nothing is known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bourse/value.hpp"

namespace bourse::coverage {

struct Known {
  std::size_t series = 0;  ///< 0 is the first
  Time from, to;           ///< its first and its last instant
};

/// Ascending times, and for each of them one height a series: NaN where it is not known. Two rows
/// for each end of a span, so that no line reaches beyond it.
struct Timeline {
  std::vector<std::int64_t> times;
  std::vector<std::vector<double>> heights;  ///< of each series
};
/// The first series is the uppermost: at height `series`; the last one is at 1.
Timeline timeline(const std::vector<Known>& spans, std::size_t series);

}  // namespace bourse::coverage
