// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "bourse/market.h"
#include "bourse/symbols.hpp"
#include "plugins/sources/replay/candles.hpp"
#include "plugins/sources/replay/recording.hpp"

namespace bourse::replay {
namespace {

using Decimals8 = std::vector<std::optional<Decimal>>;

/// A market that has what was asked for.
template <class T>
struct Found {
  std::string_view symbol;
  T data;
};

constexpr Time kForEver{std::numeric_limits<std::int64_t>::max()};

struct Top {
  std::optional<Decimal> bid, bid_quantity, ask, ask_quantity;
};

std::string time_text(Time time) {
  const std::chrono::sys_seconds second{std::chrono::seconds{time.ns / 1'000'000'000}};
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{second - day};
  char text[32];
  const auto part = [](auto value) { return static_cast<int>(value.count()); };
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                part(clock.hours()), part(clock.minutes()), part(clock.seconds()));
  return text;
}

/// Answers from recorded files.
class Replay {
 public:
  static constexpr About about{
      .id = "replay",
      .title = "Recorded market data",
      .doc =
          "Reads a folder of the exchange's bulk candle files (SYMBOL-INTERVAL-YYYY-MM.csv) and "
          "recorded answers (ticker_24h*.json, depth_SYMBOL*.json), and shows the market as it "
          "was known at one time.",
      .parts = BOURSE_PART_TABLES | BOURSE_PART_NOTES};
  static constexpr std::array config{
      Param("folder", BOURSE_TYPE_TEXT,
            "The folder of recorded files; all of it is read at the start.")
          .required()
          .bounds("1", "4096"),
      Param("now", BOURSE_TYPE_TIME,
            "Shows the market as it was known at this time: no candle that was not over, no newer "
            "ticker. Without it, all: the first millisecond after the newest close time.")};
  static constexpr std::array datasets{&bourse_candles,     &bourse_ticker_24h, &bourse_prices,
                                       &bourse_book_ticker, &bourse_order_book, &bourse_symbols};

  explicit Replay(const Values& values) {
    const auto now = values.maybe<Time>("now");
    recording_ = load(std::filesystem::path(std::string(values.text("folder"))), now);
    now_ = now.value_or(recording_.end);
    for (const auto& [symbol, market] : recording_.markets) {
      names_.push_back(symbol);
      tickers_.push_back(market.ticker ? market.ticker : computed_ticker(symbol, market));
    }
  }

  void fetch(Call& call, std::size_t dataset, const Values& values) const {
    using Fetch = void (Replay::*)(Call&, const Values&) const;
    static constexpr std::array<Fetch, datasets.size()> kFetch = {
        &Replay::fetch_candles,     &Replay::fetch_ticker,     &Replay::fetch_prices,
        &Replay::fetch_book_ticker, &Replay::fetch_order_book, &Replay::fetch_symbols};
    (this->*kFetch.at(dataset))(call, values);
    const Time newest = std::min(now_, recording_.end);
    if (newest.ns != 0) call.as_of(newest);
    call.fresh_until(kForEver);  // all was read when this instance was made
  }

 private:
  /// In names_, which are sorted. REQUIRES: there is one.
  [[nodiscard]] std::size_t index_of(std::string_view symbol) const {
    return static_cast<std::size_t>(std::lower_bound(names_.begin(), names_.end(), symbol) -
                                    names_.begin());
  }
  [[nodiscard]] const Market& market_of(std::string_view symbol) const {
    return recording_.markets.find(names_[known_symbol(symbol, names_)])->second;
  }

  void fetch_candles(Call& call, const Values& values) const;
  void show(Call& call, const Series& series, Rows rows,
            const std::vector<std::uint8_t>& closed) const;
  void note_conflicts(Call& call, std::string_view symbol, const Series& series, Time from,
                      Time to) const;

  [[nodiscard]] std::optional<Ticker> computed_ticker(const std::string& symbol,
                                                      const Market& market) const {
    try {
      return ticker_of(market, now_);
    } catch (const DecimalError& e) {
      throw Error(BOURSE_UNPROCESSABLE, "bad_recording",
                  "the last 24 hours of " + symbol + ": " + e.what());
    }
  }

  // What is known of one market; nullopt when nothing is recorded.
  [[nodiscard]] std::optional<Decimal> price(const Market& market) const {
    std::optional<Decimal> last;
    std::int64_t newest = std::numeric_limits<std::int64_t>::min();
    for (const auto& [interval, series] : market.series) {
      if (series.size() == 0 || series.close_time.back() <= newest) continue;
      newest = series.close_time.back();
      last = series.close[series.size() - 1];
    }
    if (market.ticker && market.ticker->close_time.ns >= newest) last = market.ticker->last;
    return last;
  }
  [[nodiscard]] std::optional<Top> top(const Market& market) const {
    Top top;
    if (market.book) {
      const Book& book = *market.book;
      if (!book.bids.empty()) top.bid = book.bids[0].price;
      if (!book.bids.empty()) top.bid_quantity = book.bids[0].quantity;
      if (!book.asks.empty()) top.ask = book.asks[0].price;
      if (!book.asks.empty()) top.ask_quantity = book.asks[0].quantity;
      return top;
    }
    if (!market.ticker || !market.ticker->bid || !market.ticker->ask) return std::nullopt;
    // The exchange writes zeros for a side without orders.
    if (!market.ticker->bid->is_zero()) {
      top.bid = market.ticker->bid;
      top.bid_quantity = market.ticker->bid_quantity;
    }
    if (!market.ticker->ask->is_zero()) {
      top.ask = market.ticker->ask;
      top.ask_quantity = market.ticker->ask_quantity;
    }
    return top;
  }

  /// What `get` knows of each symbol asked, each once; what it does not know becomes a note, and
  /// the failure when that is all.
  template <class Get>
  auto gather(Call& call, const Values& values, const char* what, const Get& get) const {
    using Data = typename decltype(get(0, std::declval<const Market&>()))::value_type;
    std::vector<Found<Data>> out;
    std::vector<std::string> missing;
    std::vector<std::string_view> seen;
    const std::vector<std::string> asked = values.texts("symbols");
    for (const std::string& symbol : asked) {
      if (std::find(seen.begin(), seen.end(), symbol) != seen.end()) continue;
      seen.push_back(symbol);
      const auto entry = recording_.markets.find(symbol);
      if (entry == recording_.markets.end()) {
        missing.push_back(no_such_symbol(symbol, names_));
      } else if (auto data = get(index_of(symbol), entry->second)) {
        out.push_back({entry->first, std::move(*data)});
      } else {
        missing.push_back("No " + std::string(what) + " of " + symbol + " is recorded before " +
                          time_text(now_) + ".");
      }
    }
    if (out.empty() && !missing.empty()) {
      throw Error(BOURSE_NOT_FOUND, "symbol_not_found", missing.front()).blame("symbols");
    }
    for (const std::string& text : missing) call.warn("symbol_unavailable", text);
    return out;
  }

  void fetch_ticker(Call& call, const Values& values) const;
  void fetch_prices(Call& call, const Values& values) const;
  void fetch_symbols(Call& call, const Values& values) const;
  void fetch_book_ticker(Call& call, const Values& values) const;
  void fetch_order_book(Call& call, const Values& values) const;

  Recording recording_;
  Time now_;
  std::vector<std::string> names_;              ///< of the markets, sorted
  std::vector<std::optional<Ticker>> tickers_;  ///< of each, recorded or computed
};

/// "1h, 4h": the intervals that can be had of a market.
std::string offered(const Market& market) {
  std::string text;
  for (const Interval interval : Interval::all()) {
    if (!base_for(market, interval)) continue;
    text += (text.empty() ? "" : ", ") + std::string(interval.name());
  }
  return text;
}

void Replay::fetch_candles(Call& call, const Values& values) const {
  const std::string_view symbol = values.text("symbol");
  const Market& market = market_of(symbol);
  if (market.series.empty()) {
    throw Error(BOURSE_UNPROCESSABLE, "not_recorded",
                "No candles of " + std::string(symbol) + " are recorded; add a file such as " +
                    std::string(symbol) + "-1h.csv to the folder.")
        .blame("symbol");
  }
  const Interval interval = Interval::parse(values.text("interval")).value();
  const auto base = base_for(market, interval);
  if (!base) {
    throw Error(BOURSE_UNPROCESSABLE, "interval_not_recorded",
                "Candles of " + std::string(interval.name()) +
                    " cannot be made from what is recorded "
                    "of " +
                    std::string(symbol) + "; ask for one of " + offered(market) + ".")
        .blame("interval");
  }
  const CandleQuery query{values.integer("limit"), values.maybe<Time>("start"),
                          values.maybe<Time>("end")};

  const Series& series = market.series.at(*base);
  if (*base == interval) {
    const Rows rows = select(series, query);
    show(call, series, rows, std::vector<std::uint8_t>(rows.count, 1));
    if (rows.count == 0) return;
    note_conflicts(call, symbol, series, Time{series.open_time[rows.first]},
                   Time{series.open_time[rows.first + rows.count - 1]});
    return;
  }
  const Aggregate made = aggregate(series, *base, interval, query, now_, [&call] { call.poll(); });
  show(call, made.series, {0, made.series.size()}, made.closed);
  if (made.series.size() == 0) return;
  if (made.incomplete > 0) {
    call.warn("gaps", std::to_string(made.incomplete) + " of " +
                          std::to_string(made.series.size()) + " candles of " +
                          std::string(interval.name()) + " were made of fewer candles of " +
                          std::string(base->name()) + " than fit in: the recording has gaps.");
  }
  note_conflicts(call, symbol, series, Time{made.series.open_time.front()},
                 Time{made.series.close_time.back()});
}

void Replay::note_conflicts(Call& call, std::string_view symbol, const Series& series, Time from,
                            Time to) const {
  const auto first = std::lower_bound(series.conflicts.begin(), series.conflicts.end(), from.ns);
  const auto last = std::upper_bound(first, series.conflicts.end(), to.ns);
  if (first == last) return;
  call.warn("conflicting_candles",
            std::to_string(last - first) + " candles of " + std::string(symbol) +
                " are recorded with different values, the first at " + time_text(Time{*first}) +
                "; the file whose name comes later was believed.");
}

void Replay::show(Call& call, const Series& s, Rows rows,
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
}

void Replay::fetch_ticker(Call& call, const Values& values) const {
  const auto rows = gather(call, values, "ticker and no candle of the last 24 hours",
                           [this](std::size_t i, const Market&) { return tickers_[i]; });
  const auto column = [&rows](std::optional<Decimal> Ticker::*member) {
    Decimals8 out;
    for (const auto& row : rows) out.push_back(row.data.*member);
    return out;
  };
  std::vector<std::string_view> names;
  std::vector<std::optional<std::string_view>> quotes;
  std::vector<std::int64_t> begins, ends, trades;
  for (const auto& [symbol, data] : rows) {
    names.push_back(symbol);
    const std::string_view quote = quote_asset(symbol);
    quotes.push_back(quote.empty() ? std::nullopt : std::optional(quote));
    begins.push_back(data.open_time.ns);
    ends.push_back(data.close_time.ns);
    trades.push_back(data.trades);
  }
  call.add(
      TableBuilder("ticker_24h", "Last 24 hours")
          .column(bourse_ticker_24h_symbol, names)
          .column(bourse_ticker_24h_quote_asset, quotes)
          .column(bourse_ticker_24h_last, column(&Ticker::last))
          .column(bourse_ticker_24h_last_quantity, column(&Ticker::last_quantity))
          .column(bourse_ticker_24h_open, column(&Ticker::open))
          .column(bourse_ticker_24h_high, column(&Ticker::high))
          .column(bourse_ticker_24h_low, column(&Ticker::low))
          .column(bourse_ticker_24h_previous_close, column(&Ticker::previous_close))
          .column(bourse_ticker_24h_price_change, column(&Ticker::price_change))
          .column(bourse_ticker_24h_price_change_percent, column(&Ticker::price_change_percent))
          .column(bourse_ticker_24h_weighted_average, column(&Ticker::weighted_average))
          .column(bourse_ticker_24h_bid, column(&Ticker::bid))
          .column(bourse_ticker_24h_bid_quantity, column(&Ticker::bid_quantity))
          .column(bourse_ticker_24h_ask, column(&Ticker::ask))
          .column(bourse_ticker_24h_ask_quantity, column(&Ticker::ask_quantity))
          .column(bourse_ticker_24h_volume, column(&Ticker::volume))
          .column(bourse_ticker_24h_quote_volume, column(&Ticker::quote_volume))
          .column(bourse_ticker_24h_open_time, begins)
          .column(bourse_ticker_24h_close_time, ends)
          .column(bourse_ticker_24h_trades, trades));
}

void Replay::fetch_prices(Call& call, const Values& values) const {
  const auto rows = gather(call, values, "price",
                           [this](std::size_t, const Market& market) { return price(market); });
  std::vector<std::string_view> names;
  Decimals8 prices;
  for (const auto& [symbol, data] : rows) {
    names.push_back(symbol);
    prices.push_back(data);
  }
  call.add(TableBuilder("prices", "Prices")
               .column(bourse_prices_symbol, names)
               .column(bourse_prices_price, prices));
}

/// A recording has no trading rules, only markets: rules are null.
void Replay::fetch_symbols(Call& call, const Values& values) const {
  std::vector<std::size_t> rows(names_.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (values.given("symbols")) rows = known_symbols(call, values.texts("symbols"), names_);
  std::vector<std::string_view> symbols;
  std::vector<std::optional<std::string_view>> bases, quotes;
  for (const std::size_t row : rows) {
    const std::string_view symbol = symbols.emplace_back(names_[row]);
    const std::string_view quote = quote_asset(symbol);
    const auto base = symbol.substr(0, symbol.size() - quote.size());
    bases.push_back(quote.empty() ? std::nullopt : std::optional(base));
    quotes.push_back(quote.empty() ? std::nullopt : std::optional(quote));
  }
  const std::vector<std::string_view> status(rows.size(), "TRADING");
  const std::vector<std::optional<std::string_view>> no_text(rows.size());
  const Decimals8 none(rows.size());
  call.add(TableBuilder("symbols", "Symbols")
               .column(bourse_symbols_symbol, symbols)
               .column(bourse_symbols_status, status)
               .column(bourse_symbols_base_asset, bases)
               .column(bourse_symbols_quote_asset, quotes)
               .column(bourse_symbols_tick_size, none)
               .column(bourse_symbols_lot_step, none)
               .column(bourse_symbols_minimum_quantity, none)
               .column(bourse_symbols_maximum_quantity, none)
               .column(bourse_symbols_minimum_notional, none)
               .column(bourse_symbols_order_types, no_text));
}

void Replay::fetch_book_ticker(Call& call, const Values& values) const {
  const auto rows = gather(call, values, "order book and no ticker with bid and ask",
                           [this](std::size_t, const Market& market) { return top(market); });
  std::vector<std::string_view> names;
  Decimals8 bid, bid_quantity, ask, ask_quantity;
  for (const auto& [symbol, data] : rows) {
    names.push_back(symbol);
    bid.push_back(data.bid);
    bid_quantity.push_back(data.bid_quantity);
    ask.push_back(data.ask);
    ask_quantity.push_back(data.ask_quantity);
  }
  call.add(TableBuilder("book_ticker", "Best bid and ask")
               .column(bourse_book_ticker_symbol, names)
               .column(bourse_book_ticker_bid, bid)
               .column(bourse_book_ticker_bid_quantity, bid_quantity)
               .column(bourse_book_ticker_ask, ask)
               .column(bourse_book_ticker_ask_quantity, ask_quantity));
}

void Replay::fetch_order_book(Call& call, const Values& values) const {
  const std::string_view symbol = values.text("symbol");
  const Market& market = market_of(symbol);
  if (!market.book) {
    throw Error(BOURSE_UNPROCESSABLE, "not_recorded",
                "No order book of " + std::string(symbol) + " is recorded; add a file depth_" +
                    std::string(symbol) + ".json to the folder.")
        .blame("symbol");
  }
  const auto depth = static_cast<std::size_t>(values.integer("depth"));
  std::vector<std::string_view> sides;
  Decimals8 prices, quantities;
  const auto add = [&](const std::vector<BookLevel>& levels, std::string_view side) {
    for (std::size_t i = 0; i < std::min(depth, levels.size()); ++i) {
      sides.push_back(side);
      prices.push_back(levels[i].price);
      quantities.push_back(levels[i].quantity);
    }
  };
  add(market.book->bids, "bid");
  add(market.book->asks, "ask");
  call.meta("last_update_id", market.book->last_update_id);
  call.add(TableBuilder("order_book", "Order book")
               .column(bourse_order_book_side, sides)
               .column(bourse_order_book_price, prices)
               .column(bourse_order_book_quantity, quantities));
}

}  // namespace
}  // namespace bourse::replay

BOURSE_PLUGIN("bourse.replay", "0.1.0", bourse::replay::Replay)
