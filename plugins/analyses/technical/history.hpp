// SPDX-License-Identifier: MIT
//
// What candles say by their times: holes, days, places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bourse/interval.hpp"

namespace bourse::technical {

struct Gap {
  Time first;                ///< open time of the first missing candle
  std::int64_t missing = 0;  ///< how many
};

struct Gaps {
  std::size_t count = 0;
  std::int64_t missing = 0;  ///< candles in all of them
  std::vector<Gap> first;    ///< the oldest, at most kGapsShown
};
inline constexpr std::size_t kGapsShown = 5;

/// Grid places between neighbouring candles that no candle has. A candle off the grid counts for
/// the place it lies in. Candles of three days have no common grid: of each pair of neighbours, the
/// earlier one lays it. REQUIRES: ascending times.
Gaps find_gaps(std::span<const std::int64_t> open_times, Interval interval);

/// A sentence for people.
std::string describe(const Gaps& gaps);

/// Candles of this interval in a day; 1 for a day and longer.
std::size_t candles_of_a_day(Interval interval) noexcept;

/// Fewest ns from one candle of this interval to the next: its length; of months, 28 days.
std::int64_t least_spacing(Interval interval) noexcept;

/// The row of the candle that opened exactly at this time.
std::optional<std::size_t> find_row(std::span<const std::int64_t> open_times, Time time) noexcept;

}  // namespace bourse::technical
