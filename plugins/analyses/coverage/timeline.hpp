// SPDX-License-Identifier: MIT
//
// Spans of several series as cells of one picture: how much of each part of a time is known.
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

/// A time in parts of equal length, from the first known instant to the last.
struct Timeline {
  std::vector<std::int64_t> begins;  ///< of each part
  std::vector<std::string> names;    ///< of each part, for people: its begin, all different
  /// Of each series the percentage of each part that is known; 100 only where all of it is.
  std::vector<std::vector<double>> known;
};
/// Nothing where nothing is known. REQUIRES: parts > 0, and spans of one series do not overlap.
Timeline timeline(const std::vector<Known>& spans, std::size_t series, std::size_t parts);

}  // namespace bourse::coverage
