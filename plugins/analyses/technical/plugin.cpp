// SPDX-License-Identifier: MIT
//
// technical: reads parameters (request.hpp), asks for candles (reading.hpp), computes (series.hpp)
// and says what came out.
#include "bourse/plugin.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "bourse/market.h"
#include "bourse/reads.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/technical/fields.hpp"
#include "plugins/analyses/technical/history.hpp"
#include "plugins/analyses/technical/notes.hpp"
#include "plugins/analyses/technical/reading.hpp"
#include "plugins/analyses/technical/request.hpp"
#include "plugins/analyses/technical/series.hpp"
#include "plugins/analyses/technical/signals.hpp"

namespace bourse::technical {
namespace {

/// By time, as rows may be missing. Null where no candle opened then.
double change_24h_percent(const Call& call, const Candles& candles) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const std::int64_t newest = candles.open_times.back();
  const Time then{newest - std::min(kDay, newest)};
  const auto row = find_row(candles.open_times, then);
  const auto closes = candles.closes;
  if (row && closes[*row] > 0.0) return 100.0 * (closes.back() - closes[*row]) / closes[*row];
  call.note(BOURSE_LEVEL_INFO, "change_24h_unavailable",
            "The change in 24 hours is not known: no candle with a price opened " +
                time_text(then) + ", 24 hours before the newest.");
  return std::nan("");
}

void say_scalars(const Call& call, const Reading& reading, const Candles& candles,
                 const Series& series) {
  call.scalar(kLatestPrice, reading.candles.back().close);
  call.scalar(kCurrentVolume, reading.candles.back().volume);
  call.scalar(kChange24h, change_24h_percent(call, candles));
  const Signals signals = read_signals(candles.closes, series);
  call.scalar(kRsiSignal, signals.rsi_signal);
  call.scalar(kBollingerPosition, signals.bollinger_position);
  call.scalar(kMacdCross, signals.macd_cross);
  call.scalar(kShortTermTrend, signals.short_term_trend);
  call.scalar(kLongTermTrend, signals.long_term_trend);
  call.scalar(kVolatilityRegime, signals.volatility_regime);
}

void say_series(const Call& call, const Reading& reading, const Series& series) {
  const std::size_t first = reading.first_shown;
  const std::span shown = std::span(reading.candles).subspan(first);
  TableBuilder table("series", "Candles and indicators");
  const auto column = [&](const Field& field, auto value_of) {
    std::vector<std::decay_t<decltype(value_of(shown.front()))>> values;
    values.reserve(shown.size());
    for (const Candle& candle : shown) values.push_back(value_of(candle));
    table.column(field, std::move(values));
  };
  const auto decimals = [&](const bourse_field& field, int scale, auto member) {
    column(Field(field).scaled(scale), [member](const Candle& c) { return c.*member; });
  };
  column(Field(bourse_candles_open_time), [](const Candle& c) { return Time{c.open_time}; });
  const Scales& scales = reading.scales;
  decimals(bourse_candles_open, scales.open, &Candle::open);
  decimals(bourse_candles_high, scales.high, &Candle::high);
  decimals(bourse_candles_low, scales.low, &Candle::low);
  decimals(bourse_candles_close, scales.close, &Candle::close);
  decimals(bourse_candles_volume, scales.volume, &Candle::volume);
  decimals(bourse_candles_quote_volume, scales.quote_volume, &Candle::quote_volume);
  column(Field(bourse_candles_trades), [](const Candle& c) { return c.trades; });
  for (std::size_t c = 0; c < kColumns; ++c) {
    table.column(kIndicatorFields[c], series[static_cast<Column>(c)].subspan(first));
  }
  column(Field(bourse_candles_closed), [](const Candle& c) { return c.closed; });
  call.add(table);
}

void say_charts(const Call& call, const Settings& settings) {
  const auto chart = [](bourse_chart_kind kind, const char* name, std::string title,
                        const char* pane) {
    return Chart(kind, name, std::move(title))
        .of("series")
        .pane(pane)
        .channel(BOURSE_ROLE_X, "open_time");
  };
  const auto number = [](std::size_t n) { return std::to_string(n); };
  call.add(chart(BOURSE_CHART_CANDLE, "price", "Price", "price")
               .channel(BOURSE_ROLE_OPEN, "open")
               .channel(BOURSE_ROLE_HIGH, "high")
               .channel(BOURSE_ROLE_LOW, "low")
               .channel(BOURSE_ROLE_CLOSE, "close"));
  call.add(chart(BOURSE_CHART_AREA, "bollinger", "Bollinger bands", "price")
               .channel(BOURSE_ROLE_LOWER, "bollinger_lower", "Lower band")
               .channel(BOURSE_ROLE_UPPER, "bollinger_upper", "Upper band"));
  call.add(chart(BOURSE_CHART_LINE, "averages", "Simple averages", "price")
               .channel(BOURSE_ROLE_Y, "sma_fast", "SMA " + number(settings.sma_fast))
               .channel(BOURSE_ROLE_Y, "sma_slow", "SMA " + number(settings.sma_slow)));
  call.add(chart(BOURSE_CHART_BAR, "volume", "Volume", "volume").channel(BOURSE_ROLE_Y, "volume"));
  call.add(chart(BOURSE_CHART_LINE, "rsi", "RSI " + number(settings.rsi_period), "rsi")
               .channel(BOURSE_ROLE_Y, "rsi", "RSI")
               .level(30)
               .level(70)
               .range(0, 100));
  call.add(chart(BOURSE_CHART_BAR, "macd_histogram", "MACD histogram", "macd")
               .channel(BOURSE_ROLE_Y, "macd_histogram", "Histogram")
               .channel(BOURSE_ROLE_COLOR, "macd_histogram"));
  call.add(chart(BOURSE_CHART_LINE, "macd",
                 "MACD " + number(settings.macd.fast) + ", " + number(settings.macd.slow) + ", " +
                     number(settings.macd.signal),
                 "macd")
               .channel(BOURSE_ROLE_Y, "macd", "MACD")
               .channel(BOURSE_ROLE_Y, "macd_signal", "Signal"));
}

class Technical {
 public:
  static constexpr About about{
      .id = "technical",
      .title = "Technical analysis",
      .doc =
          "Candles of one market with moving averages, RSI, MACD, Bollinger bands, ATR, "
          "stochastic, OBV and VWAP, and the newest row in words.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr auto params = kParams;
  static constexpr auto returns = kReturns;
  static constexpr std::array config{kRowsMax};
  static constexpr std::array datasets{
      &reads<"candles", "open_time", "open?", "high", "low", "close", "volume", "quote_volume?",
             "close_time?", "trades?", "closed?">};

  explicit Technical(const Values& settings)
      : rows_max_(static_cast<std::size_t>(settings.integer("rows_max"))) {}

  void run(const Call& call, const Values& values) const {
    const Request request = read_request(values, rows_max_);
    const Wanted& wanted = request.wanted;
    const Reading reading = read_candles(call, wanted);
    const History history(reading.candles, wanted.interval);
    const Candles candles = history.candles();
    const Series series = compute(candles, request.settings, [&call] { call.poll(); });
    call.poll();

    const std::string interval(wanted.interval.name());
    call.title(wanted.symbol + ", " + interval + ": technical analysis");
    call.as_of(newest_input(reading, wanted.interval));
    call.meta("symbol", wanted.symbol);
    call.meta("interval", interval);
    if (!reading.status.empty()) call.meta("status", reading.status);
    say_notes(call, request, reading, candles, series);
    say_scalars(call, reading, candles, series);
    say_series(call, reading, series);
    say_charts(call, request.settings);
  }

 private:
  std::size_t rows_max_;
};

}  // namespace
}  // namespace bourse::technical

BOURSE_PLUGIN("bourse.technical", "0.1.0", bourse::technical::Technical)
