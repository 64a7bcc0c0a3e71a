// SPDX-License-Identifier: MIT
//
// What the streams say of markets, as the rows that REST has for the same: member by member the
// same text, so that an answer made of them is the one that REST would give at that moment.
//
// All read JSON that may hold anything. nullopt: it cannot be read, or contradicts itself in a way
// of which REST's reader has something to say; then REST is asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bourse/interval.hpp"
#include "plugins/sources/binance/candle_series.hpp"
#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

struct TickerEvent : Ticker24h {
  Time at;  ///< by the exchange's clock, as all of these
};
struct PriceEvent : Price {
  Time at;
};
struct BookTickerEvent : BookTicker {
  std::int64_t update = 0;  ///< of the order book; it has no time
};
struct TradeEvent : Trade {
  std::string symbol;
  bool is_exact = true;  ///< false: `quote_quantity` is not known
  Time at;
};
struct CandleEvent {
  std::string symbol;
  Interval interval = *Interval::parse("1m");
  Candle row;  ///< `closed`: the exchange says that it is final
  Time at;
};

std::optional<TickerEvent> read_ticker(std::string_view json);
/// Of a miniTicker.
std::optional<PriceEvent> read_price(std::string_view json);
std::optional<BookTickerEvent> read_book_ticker(std::string_view json);
/// The stream does not say what price times quantity is: that is computed, and not known where it
/// has more than eight decimals, as the exchange's rounding is not known.
std::optional<TradeEvent> read_trade(std::string_view json);
std::optional<CandleEvent> read_candle(std::string_view json);

}  // namespace bourse::binance
