// SPDX-License-Identifier: MIT
//
// technical: reads parameters, asks for candles, computes (series.hpp) and says what came out.
#include "bourse/plugin.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "bourse/market.h"
#include "bourse/reads.hpp"
#include "plugins/analyses/technical/fields.hpp"
#include "plugins/analyses/technical/history.hpp"
#include "plugins/analyses/technical/series.hpp"
#include "plugins/analyses/technical/signals.hpp"
#include "plugins/analyses/technical/volume.hpp"

namespace bourse::technical {
namespace {

constexpr std::size_t kCandlesMax = 5000;  // that one query may ask for

// ---- what is asked for --------------------------------------------------------------------------

struct Request {
  std::string symbol;
  std::string interval_name;
  Interval interval;
  std::size_t limit;
  Settings settings;
};

std::size_t count(const Values& values, std::string_view name) {
  return static_cast<std::size_t>(values.integer(name));
}

void require_faster(std::string_view fast, std::size_t fast_period, std::string_view slow,
                    std::size_t slow_period) {
  if (fast_period < slow_period) return;
  const std::string name(fast);
  throw Error(BOURSE_BAD_PARAM, "parameters_disagree",
              name + " (" + std::to_string(fast_period) + ") must be less than " +
                  std::string(slow) + " (" + std::to_string(slow_period) + ")")
      .blame(name);
}

Settings read_settings(const Values& values) {
  Settings s;
  s.sma_fast = count(values, "sma_fast");
  s.sma_slow = count(values, "sma_slow");
  s.rsi_period = count(values, "rsi_period");
  s.rsi_method = values.text("rsi_method") == "cutler" ? RsiMethod::kCutler : RsiMethod::kWilder;
  s.macd = {count(values, "macd_fast"), count(values, "macd_slow"), count(values, "macd_signal")};
  s.bollinger_period = count(values, "bollinger_period");
  s.bollinger_deviations = values.real("bollinger_deviations");
  s.atr_period = count(values, "atr_period");
  s.stochastic = {count(values, "stochastic_period"), count(values, "stochastic_smoothing"),
                  count(values, "stochastic_signal")};
  require_faster("sma_fast", s.sma_fast, "sma_slow", s.sma_slow);
  require_faster("macd_fast", s.macd.fast, "macd_slow", s.macd.slow);
  return s;
}

Request read_request(const Values& values) {
  const std::string interval(values.text("interval"));
  return {.symbol = std::string(values.text("symbol")),
          .interval_name = interval,
          .interval = Interval::parse(interval).value(),  // checked: one of bourse_intervals
          .limit = count(values, "limit"),
          .settings = read_settings(values)};
}

/// The shown rows, their warm-up, and the first shown day's start where that can be had.
std::size_t candles_to_read(const Request& request) {
  const std::size_t warm_up = warm_up_rows(request.settings);
  const std::size_t with_day =
      request.limit + std::max(warm_up, candles_of_a_day(request.interval));
  return with_day <= kCandlesMax ? with_day : std::min(request.limit + warm_up, kCandlesMax);
}

// ---- what came ----------------------------------------------------------------------------------

/// The answer's columns, borrowed, and as doubles what indicators are computed of.
class History {
 public:
  explicit History(const TableView& from)
      : table(from),
        open_times(from.times("open_time")),
        highs_(from.decimals("high").to_doubles()),
        lows_(from.decimals("low").to_doubles()),
        closes_(from.decimals("close").to_doubles()),
        volumes_(from.decimals("volume").to_doubles()) {}
  [[nodiscard]] Candles candles() const {
    return {.open_times = open_times,
            .highs = highs_,
            .lows = lows_,
            .closes = closes_,
            .volumes = volumes_};
  }
  [[nodiscard]] std::size_t rows() const { return open_times.size(); }
  [[nodiscard]] bool forming() const {
    const std::size_t last = rows() - 1;
    return table.find("closed") && table.has("closed", last) && table.booleans("closed")[last] == 0;
  }
  [[nodiscard]] Time latest() const { return Time{open_times.back()}; }

  const TableView table;
  const std::span<const std::int64_t> open_times;

 private:
  std::vector<double> highs_, lows_, closes_, volumes_;
};

History read_history(const ReportView& answer, const Request& request) {
  const std::string what = request.interval_name + " candles of " + request.symbol;
  if (answer.tables() == 0) {
    throw Error(BOURSE_UPSTREAM, "bad_source",
                "The source's answer for " + what + " has no table.");
  }
  if (answer.table(0).rows() == 0) {
    throw Error(BOURSE_UNPROCESSABLE, "no_history",
                "There are no " + what + ": the market has no history at this interval.");
  }
  History history(answer.table(0));
  if (const auto fault = find_fault(history.candles())) {
    throw Error(BOURSE_UPSTREAM, "bad_candle",
                "The source sent " + what + " that cannot be computed with: " + *fault + ".");
  }
  return history;
}

// ---- what is said -------------------------------------------------------------------------------

void say_missing(const Call& call, const History& history, const Series& series, std::size_t asked,
                 std::size_t first) {
  std::string columns;
  for (std::size_t c = 0; c < kColumns; ++c) {
    const auto column = static_cast<Column>(c);
    if (column == Column::kVwap || !std::isnan(series[column][first])) continue;
    columns += (columns.empty() ? "" : ", ") + std::string(name_of(column));
  }
  if (!columns.empty()) {
    call.warn("insufficient_history",
              "History is too short for some values, which are null: " + columns + ". Asked for " +
                  std::to_string(asked) + " candles, there are " + std::to_string(history.rows()) +
                  ".");
  }
  if (first < rows_without_day_start(history.open_times)) {
    call.warn(
        "insufficient_history",
        "vwap is null in the first day shown, as that day's start is before the candles read.");
  }
}

void say_notes(const Call& call, const Request& request, const History& history) {
  const Gaps gaps = find_gaps(history.open_times, request.interval);
  if (gaps.count != 0) call.warn("gaps", describe(gaps));
  if (history.forming()) {
    call.note(BOURSE_LEVEL_INFO, "forming_candle",
              "The newest candle, opened " + rfc3339(history.latest()) +
                  ", is still forming: its row changes until it closes.");
  }
}

/// By time, as rows may be missing. Null where no candle opened then.
double change_24h_percent(const Call& call, const History& history) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const auto closes = history.candles().closes;
  const Time then{history.latest().ns - std::min(kDay, history.latest().ns)};
  const auto row = find_row(history.open_times, then);
  if (row && closes[*row] > 0.0) return 100.0 * (closes.back() - closes[*row]) / closes[*row];
  call.note(BOURSE_LEVEL_INFO, "change_24h_unavailable",
            "current.change_24h_percent is null: no candle with a price opened " + rfc3339(then) +
                ", 24 hours before the newest.");
  return std::nan("");
}

void say_scalars(const Call& call, const History& history, const Series& series) {
  const std::size_t last = history.rows() - 1;
  call.scalar(kLatestPrice, history.table.decimals("close")[last]);
  call.scalar(kCurrentVolume, history.table.decimals("volume")[last]);
  call.scalar(kChange24h, change_24h_percent(call, history));
  const Signals signals = read_signals(history.candles().closes, series);
  call.scalar(kRsiSignal, signals.rsi_signal);
  call.scalar(kBollingerPosition, signals.bollinger_position);
  call.scalar(kMacdCross, signals.macd_cross);
  call.scalar(kShortTermTrend, signals.short_term_trend);
  call.scalar(kLongTermTrend, signals.long_term_trend);
  call.scalar(kVolatilityRegime, signals.volatility_regime);
}

std::vector<std::optional<std::int64_t>> trades_from(const TableView& table, std::size_t first) {
  std::vector<std::optional<std::int64_t>> trades(table.rows() - first);
  if (!table.find("trades")) return trades;
  const auto values = table.integers("trades");
  for (std::size_t row = first; row < values.size(); ++row) {
    if (table.has("trades", row)) trades[row - first] = values[row];
  }
  return trades;
}

std::vector<std::optional<bool>> closed_from(const TableView& table, std::size_t first) {
  std::vector<std::optional<bool>> closed(table.rows() - first);
  if (!table.find("closed")) return closed;
  const auto values = table.booleans("closed");
  for (std::size_t row = first; row < values.size(); ++row) {
    if (table.has("closed", row)) closed[row - first] = values[row] != 0;
  }
  return closed;
}

/// Columns keep their place in the report, whatever the source leaves out.
void say_left_out(const Call& call, const TableView& from) {
  std::string names;
  for (const char* name : {"quote_volume", "trades", "closed"}) {
    if (!from.find(name)) names += (names.empty() ? "" : ", ") + std::string(name);
  }
  if (names.empty()) return;
  call.note(BOURSE_LEVEL_INFO, "columns_unavailable",
            "Null, because the source does not deliver it: " + names + ".");
}

void say_series(const Call& call, const History& history, const Series& series, std::size_t first) {
  const TableView& from = history.table;
  TableBuilder table("series", "Candles and indicators");
  table.column(Field(bourse_candles_open_time), history.open_times.subspan(first));
  for (const bourse_field* field : {&bourse_candles_open, &bourse_candles_high, &bourse_candles_low,
                                    &bourse_candles_close, &bourse_candles_volume}) {
    table.column(Field(*field), from.decimals(field->name).from(first));
  }
  if (from.find("quote_volume")) {
    table.column(Field(bourse_candles_quote_volume), from.decimals("quote_volume").from(first));
  } else {
    table.column(Field(bourse_candles_quote_volume),
                 std::vector<std::optional<Decimal>>(from.rows() - first));
  }
  table.column(Field(bourse_candles_trades), trades_from(from, first));
  for (std::size_t c = 0; c < kColumns; ++c) {
    table.column(kIndicatorFields[c], series[static_cast<Column>(c)].subspan(first));
  }
  table.column(Field(bourse_candles_closed), closed_from(from, first));
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
               .channel(BOURSE_ROLE_Y, "macd_histogram", "Histogram"));
  call.add(chart(BOURSE_CHART_LINE, "macd",
                 "MACD " + number(settings.macd.fast) + ", " + number(settings.macd.slow) + ", " +
                     number(settings.macd.signal),
                 "macd")
               .channel(BOURSE_ROLE_Y, "macd", "MACD")
               .channel(BOURSE_ROLE_Y, "macd_signal", "Signal"));
}

struct Technical {
  static constexpr About about{
      .id = "technical",
      .title = "Technical analysis",
      .doc =
          "Candles of one market with moving averages, RSI, MACD, Bollinger bands, ATR, "
          "stochastic, OBV and VWAP, and the newest row in words.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr auto params = kParams;
  static constexpr std::array datasets{
      &reads<"candles", "open_time", "open", "high", "low", "close", "volume", "quote_volume?",
             "trades?", "closed?">};

  void run(const Call& call, const Values& values) const {
    const Request request = read_request(values);
    const std::size_t asked = candles_to_read(request);
    const ReportView answer = call.ask(Query("candles")
                                           .with("symbol", request.symbol)
                                           .with("interval", request.interval_name)
                                           .with("limit", asked));
    const History history = read_history(answer, request);
    call.poll();
    const Series series = compute(history.candles(), request.settings);
    const std::size_t first = history.rows() - std::min(request.limit, history.rows());

    call.title(request.symbol + ", " + request.interval_name + ": technical analysis");
    if (answer.as_of().ns == 0) call.as_of(history.latest());
    call.meta("symbol", request.symbol);
    call.meta("interval", request.interval_name);
    call.notes_of(answer);
    say_notes(call, request, history);
    say_left_out(call, history.table);
    say_missing(call, history, series, asked, first);
    say_scalars(call, history, series);
    say_series(call, history, series, first);
    say_charts(call, request.settings);
  }
};

}  // namespace
}  // namespace bourse::technical

BOURSE_PLUGIN("bourse.technical", "0.1.0", bourse::technical::Technical)
