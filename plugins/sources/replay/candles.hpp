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
/// last close, sums. They start on the grid; where nothing is recorded there is none.
/// `poll` is called before each candle is made. REQUIRES: base.divides(longer). Throws DecimalError
/// when a sum needs more than 38 digits.
[[nodiscard]] Aggregate aggregate(const Series& series, Interval base, Interval longer,
                                  const CandleQuery& query, Time now,
                                  const std::function<void()>& poll = {});

/// The recorded interval from which `wanted` is had with the fewest rows: itself, else the longest
/// that divides it. nullopt when there is none.
[[nodiscard]] std::optional<Interval> base_for(const Market& market, Interval wanted);

/// The 24 hours before `now` by the market's shortest candles that lie in them whole; nullopt when
/// nothing is recorded there.
[[nodiscard]] std::optional<Ticker> ticker_of(const Market& market, Time now);

}  // namespace bourse::replay
