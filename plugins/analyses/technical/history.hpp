// SPDX-License-Identifier: MIT
//
// What candles say by their times: holes, days, broken rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bourse/interval.hpp"
#include "bourse/report.hpp"
#include "plugins/analyses/technical/series.hpp"

namespace bourse::technical {

/// "2024-11-03T04:00:00Z"; with as many digits of a second as the time has.
std::string rfc3339(Time time);

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
/// the place it lies in. REQUIRES: ascending times.
Gaps find_gaps(std::span<const std::int64_t> open_times, Interval interval);

/// A sentence for people.
std::string describe(const Gaps& gaps);

/// Why these columns cannot be computed with: not ascending in time, a value missing or negative,
/// low <= close <= high broken. nullopt: they can.
std::optional<std::string> find_fault(const Candles& candles);

/// Candles of this interval in a day; 1 for a day and longer.
std::size_t candles_of_a_day(Interval interval) noexcept;

/// The row of the candle that opened exactly at this time.
std::optional<std::size_t> find_row(std::span<const std::int64_t> open_times, Time time) noexcept;

}  // namespace bourse::technical
