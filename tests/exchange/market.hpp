// SPDX-License-Identifier: MIT
//
// The datasets of a source as the exchange's endpoints need them: typed rows, and what no source
// delivers but follows from what it does: trades by time and by number, averages, and the sums of
// candles over any span. Throws ApiError: -1121 for an unknown symbol, 500 with -1000 when the
// source cannot deliver. Times are microseconds since 1970.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/decimal.hpp"
#include "bourse/interval.hpp"
#include "tests/exchange/source.hpp"

namespace bourse::fake_exchange {

struct Candle {
  std::int64_t open_time = 0, close_time = 0;
  Decimal open, high, low, close, volume, quote_volume;
  std::int64_t trades = 0;
  Decimal taker_base, taker_quote;
};

struct Trade {
  std::int64_t id = 0, time = 0;
  Decimal price, quantity, quote_quantity;
  bool buyer_is_maker = false;
};

/// Fills of one taker order at one price at one moment. The number is that of the first trade:
/// ascending and the same in every answer, though with gaps.
struct Aggregate {
  Trade sum;
  std::int64_t last = 0;  ///< number of the last trade in it
};
[[nodiscard]] std::vector<Aggregate> aggregated(const std::vector<Trade>& trades);

struct Ticker {
  std::string symbol;
  Decimal change, change_percent, average, previous_close, last, last_quantity, bid, bid_quantity,
      ask, ask_quantity, open, high, low, volume, quote_volume;
  std::int64_t open_time = 0, close_time = 0, first_id = -1, last_id = -1, count = 0;
};

struct Quote {
  std::string symbol;
  Decimal bid, bid_quantity, ask, ask_quantity;  ///< zeros: no orders on that side
};

struct Level {
  Decimal price, quantity;
};

struct Depth {
  std::int64_t last_update_id = 0;
  std::vector<Level> bids, asks;  ///< best first
};

/// Rules of one market; a rule that is switched off is zero.
struct SymbolRules {
  std::string symbol, status, base, quote, order_types;
  Decimal tick, step, minimum, maximum, minimum_notional;
};

struct CandleSpan {
  std::string interval = "1h";
  std::int64_t limit = 500;
  std::optional<std::int64_t> start, end;  ///< of open times, inclusive
  std::int64_t zone_minutes = 0;           ///< candles begin so much earlier than in UTC
};

/// Candles of a day or less that open from `from` on and before `to` are missing; longer ones are
/// made of the days that are left.
struct Hole {
  std::string symbol;
  std::int64_t from = 0, to = 0;
};

/// What happened to markets, by command.
struct Disruptions {
  std::map<std::string, std::int64_t> stopped;  ///< from this time on nothing is known of a market
  std::vector<Hole> holes;
  std::int64_t book_levels = 5'000;  ///< of a side that there are at most
};

/// The market at one instant; a request makes one. Borrows the source.
class Market {
 public:
  Market(const Source& source, std::int64_t now_us, Disruptions disruptions = {})
      : source_(source), now_(now_us), disruptions_(std::move(disruptions)) {}

  /// All markets, in the exchange's order.
  [[nodiscard]] const std::vector<SymbolRules>& symbols() const;
  /// -1121 when there is none.
  [[nodiscard]] const SymbolRules& rules(std::string_view symbol) const;

  [[nodiscard]] std::vector<Candle> candles(const std::string& symbol,
                                            const CandleSpan& span) const;
  /// In the order asked.
  [[nodiscard]] std::vector<Ticker> tickers(const std::vector<std::string>& symbols) const;
  [[nodiscard]] std::vector<std::pair<std::string, Decimal>> prices(
      const std::vector<std::string>& symbols) const;
  [[nodiscard]] std::vector<Quote> quotes(const std::vector<std::string>& symbols) const;
  /// `ago_us`: as it was so long ago.
  [[nodiscard]] Depth depth(const std::string& symbol, std::int64_t levels,
                            std::int64_t ago_us = 0) const;

  /// The newest, oldest first; at most 1000.
  [[nodiscard]] std::vector<Trade> trades(const std::string& symbol, std::int64_t limit) const;
  /// The oldest with this number or a higher one.
  [[nodiscard]] std::vector<Trade> trades_from(const std::string& symbol, std::int64_t id,
                                               std::int64_t limit) const;
  /// With a start: the oldest from there; else the newest up to `end`.
  [[nodiscard]] std::vector<Trade> trades_between(const std::string& symbol,
                                                  std::optional<std::int64_t> start,
                                                  std::optional<std::int64_t> end,
                                                  std::int64_t limit) const;
  /// The trade before `time`, if there is one.
  [[nodiscard]] std::optional<Trade> trade_before(const std::string& symbol,
                                                  std::int64_t time) const;

  /// [from, to) as one ticker, without its ask and bid; count 0 when nothing was traded.
  [[nodiscard]] Ticker span(const std::string& symbol, std::int64_t from, std::int64_t to) const;
  /// Volume-weighted over the last minutes; the last price when nothing was traded.
  [[nodiscard]] Decimal average(const std::string& symbol, std::int64_t minutes) const;

  [[nodiscard]] std::int64_t now() const noexcept { return now_; }

 private:
  [[nodiscard]] bourse::test::ReportPtr fetch(std::string_view dataset,
                                              const bourse::test::Texts& params,
                                              std::int64_t at_us) const;
  /// Now, or when the market stopped.
  [[nodiscard]] std::int64_t now_of(const std::string& symbol) const;
  using Use = std::function<void(const std::vector<std::string>& names, std::int64_t at)>;
  /// Hands out the names in order, as many at a time as a source can be asked for at one instant.
  void in_batches(const std::vector<std::string>& names, const Use& use) const;
  /// Without holes.
  [[nodiscard]] std::vector<Candle> known_candles(const std::string& symbol,
                                                  const CandleSpan& span) const;
  /// Those that are left: in UTC, whatever the span's zone.
  [[nodiscard]] std::vector<Candle> source_candles(const std::string& symbol,
                                                   const CandleSpan& span) const;
  [[nodiscard]] std::vector<Candle> candles_after_holes(const std::string& symbol,
                                                        const CandleSpan& span) const;
  [[nodiscard]] std::vector<Candle> candles_before_holes(const std::string& symbol,
                                                         const CandleSpan& span) const;
  [[nodiscard]] std::vector<Candle> candles_of_days(const std::string& symbol,
                                                    const CandleSpan& span) const;
  [[nodiscard]] const Hole* hole_at(const std::string& symbol, std::int64_t open_time) const;
  /// The span's interval; of three days on the market's own grid, in the span's zone.
  [[nodiscard]] Interval grid_of(const std::string& symbol, const CandleSpan& span) const;
  [[nodiscard]] std::vector<Candle> shifted_candles(const std::string& symbol,
                                                    const CandleSpan& span) const;
  [[nodiscard]] std::vector<Candle> all_candles(const std::string& symbol,
                                                std::string_view interval, std::int64_t from,
                                                std::int64_t to) const;
  [[nodiscard]] std::vector<Trade> trades_at(const std::string& symbol, std::int64_t limit,
                                             std::int64_t at_us) const;

  const Source& source_;
  std::int64_t now_;
  Disruptions disruptions_;
  mutable std::vector<SymbolRules> symbols_;
};

}  // namespace bourse::fake_exchange
