// SPDX-License-Identifier: MIT
//
// market-statistics: reads parameters, asks for tickers, computes (statistics.hpp) and says what
// came out.
#include "bourse/plugin.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "bourse/fresh.hpp"
#include "bourse/market.h"
#include "bourse/notes.hpp"
#include "bourse/reads.hpp"
#include "bourse/symbols.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/market_statistics/fields.hpp"
#include "plugins/analyses/market_statistics/statistics.hpp"

namespace bourse::market_statistics {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000, kMinuteNs = 60 * kSecondNs;
constexpr std::int64_t kDayNs = 24 * 60 * kMinuteNs;

// ---- what came ----------------------------------------------------------------------------------

/// The answer's rows. Those that were traded, in `active`, have an entry in `movements`.
struct Tickers {
  TableView table;
  std::optional<Time> newest;         ///< of the close times; empty: none is said
  std::vector<std::size_t> active;    ///< rows
  std::vector<Movement> movements;    ///< of the active rows
  std::vector<double> volatility;     ///< of all rows; NaN where not active
  std::vector<std::size_t> inactive;  ///< rows
};

std::string_view symbol_of(const TableView& table, std::size_t row) {
  return view(table.texts("symbol")[row]);
}

/// A source may leave out some columns.
bool tells(const TableView& table, const char* column, std::size_t row) {
  return table.find(column) && table.has(column, row);
}

std::optional<Time> time_at(const TableView& table, const char* column, std::size_t row) {
  return tells(table, column, row) ? std::optional(Time{table.times(column)[row]}) : std::nullopt;
}

/// later - earlier; the largest number of ns where that is beyond it.
std::int64_t ns_between(Time earlier, Time later) {
  std::int64_t ns = 0;
  if (!__builtin_sub_overflow(later.ns, earlier.ns, &ns)) return ns;
  return later.ns > earlier.ns ? INT64_MAX : INT64_MIN;
}

/// A window that ends more than a day after the source's clock is a mistake, and no newest.
bool is_of_the_future(Time close, Time clock) { return ns_between(clock, close) > kDayNs; }

std::optional<Time> newest_close(const TableView& table, Time clock) {
  std::optional<Time> newest;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto close = time_at(table, "close_time", row);
    if (!close || is_of_the_future(*close, clock)) continue;
    if (!newest || close->ns > newest->ns) newest = close;
  }
  return newest;
}

/// Its window ended before that of the newest began: it says nothing of the same 24 hours.
bool is_of_another_day(const Tickers& tickers, std::size_t row) {
  const auto close = time_at(tickers.table, "close_time", row);
  return close && tickers.newest && ns_between(*close, *tickers.newest) >= kDayNs;
}

bool was_traded(const TableView& table, std::size_t row) {
  if (tells(table, "trades", row) && table.integers("trades")[row] == 0) return false;
  for (const char* name : {"last", "high", "low", "price_change_percent"}) {
    if (!table.has(name, row)) return false;
  }
  const Decimal low = table.decimals("low")[row];
  return table.decimals("last")[row].sign() > 0 && low.sign() > 0 &&
         table.decimals("high")[row] >= low;
}

Tickers read_tickers(const Call& call, ReportView answer) {
  if (answer.tables() == 0) {
    throw Error(BOURSE_UPSTREAM, "bad_source", "The source's answer for tickers has no table.");
  }
  Tickers out{.table = answer.table(0),
              .newest = {},
              .active = {},
              .movements = {},
              .volatility = {},
              .inactive = {}};
  const TableView& table = out.table;
  if (table.find("close_time")) out.newest = newest_close(table, clock_of(call, answer));
  if (table.rows() == 0) {
    throw Error(BOURSE_NOT_FOUND, "symbol_not_found", "The source knows none of these markets.")
        .blame("symbols");
  }
  const DecimalColumn highs = table.decimals("high"), lows = table.decimals("low");
  const DecimalColumn changes = table.decimals("price_change_percent");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!was_traded(table, row) || is_of_another_day(out, row)) {
      out.inactive.push_back(row);
      out.volatility.push_back(std::nan(""));
      continue;
    }
    const double volatility = volatility_percent(highs[row], lows[row]);
    out.active.push_back(row);
    out.movements.push_back({changes[row].to_double(), volatility});
    out.volatility.push_back(volatility);
  }
  return out;
}

// ---- what is said -------------------------------------------------------------------------------

std::string names_of(const TableView& table, std::span<const std::size_t> rows) {
  NamedFew names;
  for (const std::size_t row : rows) names.add(symbol_of(table, row));
  return names.text();
}

void say_inactive(const Call& call, const Tickers& tickers) {
  if (tickers.inactive.empty()) return;
  call.warn("inactive_symbol",
            "Without trades or usable prices in the last 24 hours, so left out of "
            "averages, counts, rankings and sums: " +
                names_of(tickers.table, tickers.inactive) + ".");
}

/// Old tickers, inactive ones too: how long they have been silent.
void say_stale(const Call& call, ReportView answer, const TableView& table) {
  StaleNote stale;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto close = time_at(table, "close_time", row);
    if (!close || !stale_ticker(*close, clock_of(call, answer))) continue;
    const auto status = tells(table, "status", row) ? view(table.texts("status")[row]) : "";
    stale.add(symbol_of(table, row), *close, clock_of(call, answer), status);
  }
  stale.say(call);
}

void say_halted(const Call& call, const TableView& table) {
  NotTradingNote halted;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!tells(table, "status", row)) continue;
    halted.add(symbol_of(table, row), view(table.texts("status")[row]));
  }
  halted.say(call);
}

/// Without another close time, the newest that can be is the source's present.
void say_time(const Call& call, ReportView answer, const Tickers& tickers) {
  const Time clock = clock_of(call, answer);
  NamedFew odd;
  for (std::size_t row = 0; row < tickers.table.rows(); ++row) {
    const auto close = time_at(tickers.table, "close_time", row);
    if (!close || !is_of_the_future(*close, clock)) continue;
    odd.add(std::string(symbol_of(tickers.table, row)) + " (" + time_text(*close) + ")");
  }
  if (tickers.newest || odd.count() != 0) call.as_of(tickers.newest.value_or(clock));
  if (odd.count() == 0) return;
  call.warn("odd_candle", "24 hours that end more than a day after the source's present, " +
                              time_text(clock) + ", shown as they came: " + odd.text() + ".");
}

/// "23.5 hours"
std::string length_text(std::int64_t ns) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.4g hours",
                static_cast<double>(ns) / static_cast<double>(60 * kMinuteNs));
  return text.data();
}

void say_other_windows(const Call& call, ReportView answer, const Tickers& tickers) {
  NamedFew names;
  for (const std::size_t row : tickers.active) {
    const auto open = time_at(tickers.table, "open_time", row);
    const auto close = time_at(tickers.table, "close_time", row);
    if (!open || !close) continue;
    const std::int64_t window = ns_between(*open, *close);
    const std::string symbol(symbol_of(tickers.table, row));
    const bool is_a_day = kDayNs - kMinuteNs <= window && window <= kDayNs + kMinuteNs;
    if (is_a_day || is_told(answer, "partial_window", symbol)) continue;
    names.add(symbol + " (" + length_text(window) + ")");
  }
  if (names.count() == 0) return;
  call.warn(
      "partial_window",
      "Counted like the others, though their window is not 24 hours long: " + names.text() + ".");
}

template <class Word>
std::optional<std::string_view> in_words(const std::optional<double>& number, Word word) {
  if (!number) return std::nullopt;
  return word(*number);
}

void say_scalars(const Call& call, const Tickers& tickers) {
  const Summary s = summarize(tickers.movements);
  const auto count = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  call.scalar(kTotalSymbols, count(tickers.table.rows()));
  call.scalar(kAverageChange, s.average_change);
  call.scalar(kMaxChange, s.max_change);
  call.scalar(kMinChange, s.min_change);
  call.scalar(kAverageVolatility, s.average_volatility);
  call.scalar(kMaxVolatility, s.max_volatility);
  call.scalar(kMinVolatility, s.min_volatility);
  call.scalar(kSentiment, in_words(s.average_change, sentiment));
  call.scalar(kSentimentStrength,
              s.average_change ? std::optional(std::abs(*s.average_change)) : std::nullopt);
  call.scalar(kAdvancers, count(s.advancers));
  call.scalar(kDecliners, count(s.decliners));
  call.scalar(kUnchanged, count(s.unchanged));
  call.scalar(kBreadth, s.breadth);
  call.scalar(kRegime, in_words(s.average_volatility, regime));
  call.scalar(kUniformity, in_words(s.change_deviation, uniformity));
}

std::vector<std::optional<std::int64_t>> trades_of(const TableView& table) {
  std::vector<std::optional<std::int64_t>> trades;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    trades.push_back(tells(table, "trades", row) ? std::optional(table.integers("trades")[row])
                                                 : std::nullopt);
  }
  return trades;
}

void say_tickers(const Call& call, const Tickers& tickers, bool include_volume) {
  const TableView& from = tickers.table;
  TableBuilder table("tickers", "Last 24 hours");
  UndeliveredNote undelivered;
  for (const char* name : {"trades", "close_time"}) {
    if (!from.find(name)) undelivered.add(name);
  }
  const auto borrowed = [&](const bourse_field& field) {
    if (from.find(field.name)) {
      table.column(Field(field), from.decimals(field.name));
    } else {
      table.column(Field(field), std::vector<std::optional<Decimal>>(from.rows()));
      undelivered.add(field.name);
    }
  };
  table.column(Field(bourse_ticker_24h_symbol), from.texts("symbol"));
  for (const bourse_field* field :
       {&bourse_ticker_24h_last, &bourse_ticker_24h_open, &bourse_ticker_24h_high,
        &bourse_ticker_24h_low, &bourse_ticker_24h_price_change,
        &bourse_ticker_24h_price_change_percent, &bourse_ticker_24h_weighted_average}) {
    borrowed(*field);
  }
  if (include_volume) {
    borrowed(bourse_ticker_24h_volume);
    borrowed(bourse_ticker_24h_quote_volume);
  }
  table.column(kVolatility, tickers.volatility);
  table.column(Field(bourse_ticker_24h_trades), trades_of(from));
  std::vector<std::optional<Time>> closes;
  for (std::size_t row = 0; row < from.rows(); ++row) {
    closes.push_back(time_at(from, "close_time", row));
  }
  table.column(Field(bourse_ticker_24h_close_time), closes);
  call.add(table);
  undelivered.say(call);
}

/// `order`: indices into the active markets.
void say_ranking(const Call& call, const char* name, const char* label, const Tickers& tickers,
                 std::span<const std::size_t> order) {
  std::vector<std::string_view> symbols;
  std::vector<std::optional<Decimal>> prices, changes;
  std::vector<double> volatility;
  for (const std::size_t i : order) {
    const std::size_t row = tickers.active[i];
    symbols.push_back(symbol_of(tickers.table, row));
    prices.push_back(tickers.table.decimals("last")[row]);
    changes.push_back(tickers.table.decimals("price_change_percent")[row]);
    volatility.push_back(tickers.movements[i].volatility_percent);
  }
  TableBuilder table(name, label);
  table.column(Field(bourse_ticker_24h_symbol), symbols)
      .column(Field(bourse_ticker_24h_last), prices)
      .column(Field(bourse_ticker_24h_price_change_percent), changes)
      .column(kVolatility, volatility);
  call.add(table);
}

void say_rankings(const Call& call, const Tickers& tickers, std::size_t top) {
  std::vector<double> changes, volatility;
  for (const Movement& m : tickers.movements) {
    changes.push_back(m.change_percent);
    volatility.push_back(m.volatility_percent);
  }
  say_ranking(call, "top_performers", "Top performers", tickers, largest(changes, top));
  say_ranking(call, "worst_performers", "Worst performers", tickers, smallest(changes, top));
  say_ranking(call, "most_volatile", "Most volatile", tickers, largest(volatility, top));
}

void say_quote_volumes(const Call& call, const Tickers& tickers) {
  const TableView& from = tickers.table;
  std::vector<Traded> traded;
  std::vector<std::size_t> unknown;
  for (const std::size_t row : tickers.active) {
    if (!tells(from, "quote_asset", row)) {
      unknown.push_back(row);
    } else if (tells(from, "quote_volume", row)) {
      traded.push_back({view(from.texts("quote_asset")[row]), from.decimals("quote_volume")[row]});
    }
  }
  if (!unknown.empty()) {
    call.warn("quote_asset_unknown",
              "The source does not say what these are priced in, so no sum has their volume: " +
                  names_of(from, unknown) + ".");
  }
  std::vector<std::string_view> assets;
  std::vector<std::optional<Decimal>> totals;
  std::vector<std::int64_t> symbols;
  const std::vector<QuoteVolume> sums = sum_by_quote_asset(traded);
  for (const QuoteVolume& sum : sums) {
    assets.push_back(sum.quote_asset);
    totals.emplace_back(sum.total);
    symbols.push_back(static_cast<std::int64_t>(sum.symbols));
  }
  TableBuilder table("quote_volumes", "Volume by quote asset");
  table.column(kQuoteAsset, assets).column(kQuoteVolume, totals).column(kSymbols, symbols);
  call.add(table);
}

void say_charts(const Call& call) {
  call.add(Chart(BOURSE_CHART_BAR, "price_change", "Change in 24 hours")
               .of("tickers")
               .channel(BOURSE_ROLE_X, "symbol")
               .channel(BOURSE_ROLE_Y, "price_change_percent", "Change")
               .channel(BOURSE_ROLE_COLOR, "price_change_percent"));
  call.add(Chart(BOURSE_CHART_BAR, "volatility", "Volatility in 24 hours")
               .of("tickers")
               .channel(BOURSE_ROLE_X, "symbol")
               .channel(BOURSE_ROLE_Y, "volatility_percent", "Volatility"));
}

struct MarketStatistics {
  static constexpr About about{
      .id = "market-statistics",
      .title = "Market statistics",
      .doc =
          "The last 24 hours of several markets: averages, breadth, sentiment, rankings and "
          "traded volume.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr auto params = kParams;
  static constexpr auto returns = kReturns;
  static constexpr std::array datasets{
      &reads<"ticker_24h", "symbol", "last", "high", "low", "price_change_percent", "open?",
             "price_change?", "weighted_average?", "volume?", "quote_volume?", "quote_asset?",
             "trades?", "open_time?", "close_time?", "status?">};

  void run(const Call& call, const Values& values) const {
    const bool include_volume = values.boolean("include_volume");
    const std::vector<std::string> named = values.texts("symbols");
    const std::vector<std::string_view> symbols = each_once(named);
    const ReportView answer =
        call.ask(Query("ticker_24h")
                     .with("symbols", std::vector<std::string>(symbols.begin(), symbols.end())));
    const Tickers tickers = read_tickers(call, answer);

    call.notes_of(answer);
    say_time(call, answer, tickers);
    say_stale(call, answer, tickers.table);
    say_halted(call, tickers.table);
    say_inactive(call, tickers);
    say_other_windows(call, answer, tickers);
    say_scalars(call, tickers);
    say_tickers(call, tickers, include_volume);
    say_rankings(call, tickers, static_cast<std::size_t>(values.integer("top")));
    if (include_volume) say_quote_volumes(call, tickers);
    say_charts(call);
  }
};

}  // namespace
}  // namespace bourse::market_statistics

BOURSE_PLUGIN("bourse.market-statistics", "0.1.0", bourse::market_statistics::MarketStatistics)
