// SPDX-License-Identifier: MIT
//
// Candles out of bars: which ones a query asks for, and what is in them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bourse/interval.hpp"
#include "plugins/sources/synthetic/market.hpp"

namespace bourse::synthetic {

struct CandleQuery {
  Interval interval;
  std::int64_t limit = 500;
  std::optional<Time> start, end;  ///< of open times, inclusive
};

struct Candle {
  Time open_time, close_time;
  bool closed = true;
  Bar bar;
};

/// The candles that the query selects (paging as market.h says) of what was traded before the
/// second `now`. A candle appears once a second of it has passed; it is closed once all of it has.
/// Candles of three days count from the market's first day.
[[nodiscard]] std::vector<Candle> candles(const Market& market, const Symbol& symbol,
                                          const CandleQuery& query, std::int64_t now);

/// Whether the query selects the same candles at every later second, and all of them are closed.
[[nodiscard]] bool is_over(const Symbol& symbol, const CandleQuery& query, std::int64_t now);

}  // namespace bourse::synthetic
