// SPDX-License-Identifier: MIT
//
// The candles of Source: recorded, or made of shorter ones.
#include <algorithm>
#include <limits>
#include <span>

#include "bourse/market.h"
#include "bourse/table.hpp"
#include "bourse/words.hpp"
#include "plugins/sources/replay/source.hpp"

namespace bourse::replay {
namespace {

/// "1h, 4h": the intervals that can be had of a market.
std::string offered(const Market& market) {
  std::string text;
  for (const Interval interval : Interval::all()) {
    if (!base_for(market, interval)) continue;
    text += (text.empty() ? "" : ", ") + std::string(interval.name());
  }
  return text;
}

Error no_candles(const std::string& symbol, const Market& market) {
  return Error(BOURSE_UNPROCESSABLE, "not_recorded",
               "No candles of " + symbol + " are recorded; recorded of it: " + recorded_of(market) +
                   ". Add a file such as " + symbol + "-1h.csv to the folder." +
                   why_left_out(market.bad_candles))
      .blame("symbol");
}

Error not_made(const std::string& symbol, const Market& market, Interval interval) {
  return Error(BOURSE_UNPROCESSABLE, "interval_not_recorded",
               "Candles of " + std::string(interval.name()) +
                   " cannot be made from what is recorded of " + symbol + "; ask for one of " +
                   offered(market) + "." + why_left_out(market.bad_candles))
      .blame("interval");
}

void say_unknown_grid(const Call& call, std::string_view symbol, const Market& market,
                      Interval interval) {
  const std::string name(interval.name());
  call.warn("unknown_grid",
            "Candles of " + name + " of " + std::string(symbol) + " are counted from " +
                time_text(market.grid.value_or(Time{})) +
                ", where the recording begins. The exchange counts them from the market's first "
                "trading day, so its own may begin a day or two apart. A recorded file of " +
                name + " candles would tell.");
}

}  // namespace

void Source::candles(Call& call, const Values& values) const {
  const std::string symbol(values.text("symbol"));
  const Market& market = market_of(symbol);
  if (market.series.empty()) throw no_candles(symbol, market);
  const Interval interval = Interval::parse(values.text("interval")).value();
  const auto base = base_for(market, interval);
  if (!base) throw not_made(symbol, market, interval);
  say_status(call, market);
  const CandleQuery query{values.integer("limit"), values.maybe<Time>("start"),
                          values.maybe<Time>("end")};
  if (*base == interval) {
    const Series& series = market.series.at(interval);
    const Rows rows = select(series, query);
    show(call, series, rows, std::vector<std::uint8_t>(rows.count, 1));
    say_odd_candles(call, symbol, series, rows);
  } else {
    show_made(call, market, symbol, *base, on_grid(market, interval), query);
  }
  say_left_out(call, "candles of " + symbol, market.bad_candles);
}

void Source::show_made(Call& call, const Market& market, std::string_view symbol, Interval base,
                       Interval interval, const CandleQuery& query) const {
  const Series& series = market.series.at(base);
  const Aggregate made = aggregate(series, base, interval, query, now_, [&call] { call.poll(); });
  show(call, made.series, {0, made.series.size()}, made.closed);
  if (made.series.size() == 0) return;
  if (made.incomplete > 0) {
    call.warn("gaps", std::to_string(made.incomplete) + " of " +
                          std::to_string(made.series.size()) + " candles of " +
                          std::string(interval.name()) + " were made of fewer candles of " +
                          std::string(base.name()) + " than fit in: the recording has gaps.");
  }
  if (!interval.has_common_grid() && !market.grid_known) {
    say_unknown_grid(call, symbol, market, interval);
  }
  const CandleQuery made_of{std::numeric_limits<std::int64_t>::max(),
                            Time{made.series.open_time.front()},
                            Time{made.series.close_time.back()}};
  say_odd_candles(call, symbol, series, select(series, made_of));
}

void Source::show(Call& call, const Series& s, Rows rows,
                  const std::vector<std::uint8_t>& closed) const {
  const auto part = [rows](const std::vector<std::int64_t>& column) {
    return std::span<const std::int64_t>(column).subspan(rows.first, rows.count);
  };
  const auto decimals = [rows](const Decimals& column) {
    return column.view(rows.first, rows.count);
  };
  call.add(TableBuilder("candles", "Candles")
               .column(bourse_candles_open_time, part(s.open_time))
               .column(bourse_candles_open, decimals(s.open))
               .column(bourse_candles_high, decimals(s.high))
               .column(bourse_candles_low, decimals(s.low))
               .column(bourse_candles_close, decimals(s.close))
               .column(bourse_candles_volume, decimals(s.volume))
               .column(bourse_candles_close_time, part(s.close_time))
               .column(bourse_candles_quote_volume, decimals(s.quote_volume))
               .column(bourse_candles_trades, part(s.trades))
               .column(bourse_candles_taker_base_volume, decimals(s.taker_base_volume))
               .column(bourse_candles_taker_quote_volume, decimals(s.taker_quote_volume))
               .column(bourse_candles_closed, closed));
  if (rows.count == 0) return;
  // What still forms is of now.
  call.as_of(closed.back() != 0 ? Time{s.close_time[rows.first + rows.count - 1]} : now_);
}

}  // namespace bourse::replay
