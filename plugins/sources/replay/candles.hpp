// SPDX-License-Identifier: MIT
//
// Candles out of a recorded series: the rows that a query selects, and longer candles made of
// shorter ones, exact in every decimal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "plugins/sources/replay/recording.hpp"

namespace bourse::replay {

struct CandleQuery {
  std::int64_t limit = 500;
  std::optional<Time> start, end;  ///< of open times, inclusive
};

struct Rows {
  std::size_t first = 0, count = 0;
};
/// Paging as market.h says.
[[nodiscard]] Rows select(const Series& series, const CandleQuery& query);

struct Aggregate {
  Series series;
  std::vector<std::uint8_t> closed;  ///< 0: the last one, whose time is not over at `now`
  std::size_t incomplete = 0;        ///< closed ones that were made of fewer candles than fit in
};
/// Candles of `longer` made of those of `base`, by open time: first open, highest high, lowest low,
/// last close, sums. They start on the grid of `longer`; where nothing is recorded there is none.
/// `poll` is called before each candle is made. REQUIRES: base.divides(longer). Throws DecimalError
/// when a sum needs more than 38 digits.
[[nodiscard]] Aggregate aggregate(const Series& series, Interval base, Interval longer,
                                  const CandleQuery& query, Time now,
                                  const std::function<void()>& poll = {});

/// The recorded interval from which `wanted` is had with the fewest rows: itself, else the longest
/// that divides it; of 3d, which a few rows may be recorded of for their grid, not itself when
/// others reach further. One without rows (none was over at `now`) only when there is no other.
/// nullopt when there is none.
[[nodiscard]] std::optional<Interval> base_for(const Market& market, Interval wanted);

/// The interval with the market's own grid, as far as the recording knows it: Market::grid.
[[nodiscard]] Interval on_grid(const Market& market, Interval interval);

/// The 24 hours before `now` by the candles that lie in them whole, of the interval of which they
/// cover the most, the shortest of those; nullopt when nothing is recorded there. The ticker's
/// times are those of the first and the last of these candles, `covered` is their length together:
/// with a gap, or at a `now` off the grid, it is less than 24 hours.
[[nodiscard]] std::optional<Ticker> ticker_of(const Market& market, Time now);

}  // namespace bourse::replay
