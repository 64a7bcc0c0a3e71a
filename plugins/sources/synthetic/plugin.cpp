// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "bourse/ext/probe.hpp"
#include "bourse/ext/watch.hpp"
#include "bourse/interval.hpp"
#include "bourse/market.h"
#include "bourse/pulse.hpp"
#include "bourse/symbols.hpp"
#include "plugins/sources/synthetic/book.hpp"
#include "plugins/sources/synthetic/candles.hpp"
#include "plugins/sources/synthetic/market.hpp"

namespace bourse::synthetic {
namespace {

using detail::Int128;

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kUnitE8 = 100'000'000;
constexpr std::int32_t kDecimals = 8;
constexpr Time kForEver{std::numeric_limits<std::int64_t>::max()};

Decimal e8(Int128 units) { return Decimal::make(units, kDecimals).value(); }
Decimal price_of(const Listing& l, std::int64_t ticks) { return e8(Int128{ticks} * l.tick_e8); }
Decimal quantity_of(const Listing& l, std::int64_t lots) { return e8(Int128{lots} * l.lot_e8); }
/// Exact: see the invariant of Listing.
Decimal value_of(const Listing& l, std::int64_t value) {
  return e8(Int128{value} * (l.tick_e8 * l.lot_e8 / kUnitE8));
}

/// A column of decimals that are multiples of one step.
class Column {
 public:
  Column(std::int64_t step, std::size_t rows) : step_(step) { data_.reserve(rows); }
  void add(std::int64_t count) { data_.push_back(e8(Int128{count} * step_).wire()); }
  [[nodiscard]] DecimalColumn view() const {
    return {data_.data(), data_.size(), kDecimals, nullptr};
  }

 private:
  std::int64_t step_;
  std::vector<bourse_i128> data_;
};

using Decimals = std::vector<std::optional<Decimal>>;

/// The best orders of several books; null where there are none.
struct Tops {
  Decimals bid, bid_quantity, ask, ask_quantity;

  void add(const Listing& l, const Book& book) {
    add_side(l, book.bids, bid, bid_quantity);
    add_side(l, book.asks, ask, ask_quantity);
  }

 private:
  static void add_side(const Listing& l, const std::vector<BookLevel>& side, Decimals& price,
                       Decimals& quantity) {
    price.push_back(side.empty() ? std::nullopt : std::optional(price_of(l, side[0].price)));
    quantity.push_back(side.empty() ? std::nullopt : std::optional(quantity_of(l, side[0].lots)));
  }
};

/// Rows of ticker_24h. A market whose window holds no trade has a previous close and volumes of
/// zero; what a trade would have to say is null.
struct Tickers {
  std::vector<std::string_view> names, quotes, status;
  Decimals last, last_quantity, open, high, low, previous, change, percent, average, volume, value;
  Tops tops;
  std::vector<std::int64_t> begins, ends, trades;

  void add_prices(const Listing& l, const Bar& window, const Trade& newest) {
    last.push_back(price_of(l, newest.price));
    last_quantity.push_back(quantity_of(l, newest.lots));
    open.push_back(price_of(l, window.open));
    high.push_back(price_of(l, window.high));
    low.push_back(price_of(l, window.low));
    previous.push_back(open.back());  // each second opens where the one before closed
    change.push_back(*last.back() - *open.back());
    percent.push_back(
        divide(Decimal::of(100) * *change.back(), *open.back(), 3, Rounding::kHalfUp));
    volume.push_back(quantity_of(l, window.lots()));
    value.push_back(value_of(l, window.value()));
    average.push_back(divide(*value.back(), *volume.back(), kDecimals, Rounding::kHalfUp));
    trades.push_back(window.trades);
  }
  void add_silence(const Listing& l, const Trade& newest) {
    for (Decimals* column :
         {&last, &last_quantity, &open, &high, &low, &change, &percent, &average}) {
      column->emplace_back();
    }
    previous.push_back(price_of(l, newest.price));
    volume.push_back(quantity_of(l, 0));
    value.push_back(value_of(l, 0));
    trades.push_back(0);
  }
};

/// A source that never needs a network.
class Synthetic {
 public:
  static constexpr About about{
      .id = "synthetic",
      .title = "Synthetic exchange",
      .doc =
          "A made-up exchange: 31 markets since 2017-08-17 whose whole history follows from a "
          "seed. The same seed and time give the same data, on every machine.",
      .parts = BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = 0};
  static constexpr std::array config{
      Param("seed", BOURSE_TYPE_I64, "Chooses the history.").with_default("42"),
      Param("now", BOURSE_TYPE_TIME,
            "Stops the clock at this time, 2017-08-20 or later. Without it, the request's time "
            "counts.")
          .bounds("2017-08-20T00:00:00Z", "2200-01-01T00:00:00Z")};
  static constexpr std::array datasets{&bourse_candles,     &bourse_ticker_24h, &bourse_prices,
                                       &bourse_book_ticker, &bourse_order_book, &bourse_trades,
                                       &bourse_symbols};
  static constexpr std::array probe_examples{Example{"symbol", "BTCUSDT"},
                                             Example{"symbols", "BTCUSDT,ETHUSDT"}};

  explicit Synthetic(const Values& values)
      : market_(static_cast<std::uint64_t>(values.integer("seed"))) {
    if (values.given("now")) now_ = values.time("now").ns / kSecondNs;
    for (const Symbol& symbol : market_.symbols()) names_.push_back(symbol.listing->symbol);
  }

  void fetch(Call& call, std::size_t dataset, const Values& values) const {
    using Fetch = void (Synthetic::*)(Call&, const Values&, std::int64_t) const;
    static constexpr std::array<Fetch, datasets.size()> kFetch = {
        &Synthetic::fetch_candles,     &Synthetic::fetch_ticker,     &Synthetic::fetch_prices,
        &Synthetic::fetch_book_ticker, &Synthetic::fetch_order_book, &Synthetic::fetch_trades,
        &Synthetic::fetch_symbols};
    const std::int64_t now = clock(call);
    (this->*kFetch.at(dataset))(call, values, now);
    call.meta("clock", Time{now * kSecondNs});
    call.fresh_until(fresh_until(dataset, values, now));
  }

  /// Told when the exchange publishes, except for what no later second has anything to add to.
  std::uint64_t watch(Call& call, std::size_t dataset, const Values& values,
                      Changed changed) const {
    if (fresh_until(dataset, values, clock(call)) == kForEver) {
      return pulse_.watch(changed, [](Time) { return std::optional<Time>(); });
    }
    const bool is_rules = datasets.at(dataset) == &bourse_symbols;
    return pulse_.watch(changed, [this, is_rules](Time now) -> std::optional<Time> {
      const std::int64_t second = now.ns / kSecondNs;
      if (!is_rules) return Time{(second + 1) * kSecondNs};
      const Time next = next_change_of_rules(second);
      return next == kForEver ? std::nullopt : std::optional(next);
    });
  }
  void unwatch(std::uint64_t token) const { pulse_.unwatch(token); }

 private:
  /// The exchange publishes once a second: this many since 1970.
  [[nodiscard]] std::int64_t clock(const Call& call) const {
    if (now_) return *now_;
    const std::int64_t now = call.now().ns / kSecondNs;
    if (now >= kAllListed) return now;
    throw Error(BOURSE_UNAVAILABLE, "clock_wrong",
                "The time of this request is before 2017-08-20, when this exchange had no history "
                "yet: set this machine's clock, or give the source a fixed time with `now`.");
  }
  /// Until when no second has anything else to say.
  [[nodiscard]] Time fresh_until(std::size_t dataset, const Values& values,
                                 std::int64_t now) const {
    if (now_) return kForEver;
    if (datasets.at(dataset) == &bourse_symbols) return next_change_of_rules(now);
    const bool over =
        datasets.at(dataset) == &bourse_candles && is_over(one(values), candle_query(values), now);
    return over ? kForEver : Time{(now + 1) * kSecondNs};
  }
  /// The next time that a market stops trading.
  [[nodiscard]] Time next_change_of_rules(std::int64_t now) const {
    std::int64_t next = kNever;
    for (const Symbol& symbol : market_.symbols()) {
      if (symbol.end_second > now) next = std::min(next, symbol.end_second);
    }
    return next == kNever ? kForEver : Time{next * kSecondNs};
  }
  [[nodiscard]] static bool trades_at(const Symbol& symbol, std::int64_t now) {
    return now < symbol.end_second;
  }
  [[nodiscard]] static std::string_view status_of(const Symbol& symbol, std::int64_t now) {
    return trades_at(symbol, now) ? "TRADING" : "BREAK";
  }
  /// Of prices and books: they hold now, and those of a market that has stopped held until then.
  [[nodiscard]] static std::vector<std::int64_t> times_of(const std::vector<const Symbol*>& symbols,
                                                          std::int64_t now) {
    std::vector<std::int64_t> out;
    for (const Symbol* s : symbols) out.push_back(std::min(now, s->end_second) * kSecondNs);
    return out;
  }
  static void say_newest(const Call& call, const std::vector<std::int64_t>& times) {
    if (!times.empty()) call.as_of(Time{*std::max_element(times.begin(), times.end())});
  }
  [[nodiscard]] static CandleQuery candle_query(const Values& values) {
    return {Interval::parse(values.text("interval")).value(), values.integer("limit"),
            values.maybe<Time>("start"), values.maybe<Time>("end")};
  }

  [[nodiscard]] const Symbol& one(const Values& values) const {
    return market_.symbols()[known_symbol(values.text("symbol"), names_)];
  }
  [[nodiscard]] std::vector<const Symbol*> several(const Call& call, const Values& values) const {
    std::vector<const Symbol*> out;
    for (const std::size_t i : known_symbols(call, values.texts("symbols"), names_)) {
      out.push_back(&market_.symbols()[i]);
    }
    return out;
  }
  [[nodiscard]] Trade newest_trade(const Symbol& symbol, std::int64_t now) const {
    return market_.trades(symbol, now, 1).front();  // a day without trades does not occur
  }
  /// No orders are left where trading has ended.
  [[nodiscard]] Book book(const Symbol& symbol, std::int64_t now, std::size_t depth) const {
    if (trades_at(symbol, now)) return make_book(symbol, newest_trade(symbol, now), now, depth);
    return make_book(symbol, newest_trade(symbol, now), symbol.end_second, 0);
  }

  void fetch_candles(Call& call, const Values& values, std::int64_t now) const {
    const Symbol& symbol = one(values);
    const std::vector<Candle> rows = candles(market_, symbol, candle_query(values), now);
    call.poll();
    call.meta("status", status_of(symbol, now));
    if (!rows.empty()) {
      call.as_of(rows.back().closed ? rows.back().close_time : Time{now * kSecondNs});
    }

    const Listing& l = *symbol.listing;
    const std::size_t n = rows.size();
    Column open(l.tick_e8, n), high(l.tick_e8, n), low(l.tick_e8, n), close(l.tick_e8, n);
    Column volume(l.lot_e8, n), taker_volume(l.lot_e8, n);
    const std::int64_t unit = l.tick_e8 * l.lot_e8 / kUnitE8;
    Column value(unit, n), taker_value(unit, n);
    std::vector<std::int64_t> open_time, close_time, trades;
    std::vector<std::uint8_t> closed;
    for (const Candle& c : rows) {
      open_time.push_back(c.open_time.ns);
      open.add(c.bar.open);
      high.add(c.bar.high);
      low.add(c.bar.low);
      close.add(c.bar.close);
      volume.add(c.bar.lots());
      close_time.push_back(c.close_time.ns);
      value.add(c.bar.value());
      trades.push_back(c.bar.trades);
      taker_volume.add(c.bar.buy.lots);
      taker_value.add(c.bar.buy.value);
      closed.push_back(c.closed ? 1 : 0);
    }
    call.add(TableBuilder("candles", "Candles")
                 .column(bourse_candles_open_time, open_time)
                 .column(bourse_candles_open, open.view())
                 .column(bourse_candles_high, high.view())
                 .column(bourse_candles_low, low.view())
                 .column(bourse_candles_close, close.view())
                 .column(bourse_candles_volume, volume.view())
                 .column(bourse_candles_close_time, close_time)
                 .column(bourse_candles_quote_volume, value.view())
                 .column(bourse_candles_trades, trades)
                 .column(bourse_candles_taker_base_volume, taker_volume.view())
                 .column(bourse_candles_taker_quote_volume, taker_value.view())
                 .column(bourse_candles_closed, closed));
  }

  void fetch_ticker(Call& call, const Values& values, std::int64_t now) const;

  void fetch_prices(Call& call, const Values& values, std::int64_t now) const {
    std::vector<std::string_view> names;
    std::vector<std::optional<Decimal>> prices;
    const std::vector<const Symbol*> wanted = several(call, values);
    for (const Symbol* symbol : wanted) {
      names.push_back(symbol->listing->symbol);
      prices.push_back(price_of(*symbol->listing, newest_trade(*symbol, now).price));
    }
    const std::vector<std::int64_t> times = times_of(wanted, now);
    say_newest(call, times);
    call.add(TableBuilder("prices", "Prices")
                 .column(bourse_prices_symbol, names)
                 .column(bourse_prices_price, prices)
                 .column(bourse_prices_time, times));
  }

  void fetch_book_ticker(Call& call, const Values& values, std::int64_t now) const {
    std::vector<std::string_view> names;
    Tops tops;
    const std::vector<const Symbol*> wanted = several(call, values);
    for (const Symbol* symbol : wanted) {
      names.push_back(symbol->listing->symbol);
      tops.add(*symbol->listing, book(*symbol, now, 1));
    }
    const std::vector<std::int64_t> times = times_of(wanted, now);
    say_newest(call, times);
    call.add(TableBuilder("book_ticker", "Best bid and ask")
                 .column(bourse_book_ticker_symbol, names)
                 .column(bourse_book_ticker_bid, tops.bid)
                 .column(bourse_book_ticker_bid_quantity, tops.bid_quantity)
                 .column(bourse_book_ticker_ask, tops.ask)
                 .column(bourse_book_ticker_ask_quantity, tops.ask_quantity)
                 .column(bourse_book_ticker_time, times));
  }

  void fetch_order_book(Call& call, const Values& values, std::int64_t now) const {
    const Symbol& symbol = one(values);
    const Book whole = book(symbol, now, static_cast<std::size_t>(values.integer("depth")));
    const std::size_t n = whole.bids.size() + whole.asks.size();
    std::vector<std::string_view> sides(whole.bids.size(), "bid");
    sides.resize(n, "ask");
    Column price(symbol.listing->tick_e8, n), quantity(symbol.listing->lot_e8, n);
    for (const std::vector<BookLevel>* side : {&whole.bids, &whole.asks}) {
      for (const BookLevel& level : *side) {
        price.add(level.price);
        quantity.add(level.lots);
      }
    }
    say_newest(call, times_of({&symbol}, now));
    call.meta("status", status_of(symbol, now));
    call.meta("last_update_id", whole.last_update_id);
    call.meta("complete", true);
    call.add(TableBuilder("order_book", "Order book")
                 .column(bourse_order_book_side, sides)
                 .column(bourse_order_book_price, price.view())
                 .column(bourse_order_book_quantity, quantity.view()));
  }

  void fetch_trades(Call& call, const Values& values, std::int64_t now) const {
    const Symbol& symbol = one(values);
    const Listing& l = *symbol.listing;
    const std::vector<Trade> rows =
        market_.trades(symbol, now, static_cast<std::size_t>(values.integer("limit")));
    Column price(l.tick_e8, rows.size()), quantity(l.lot_e8, rows.size());
    Column amount(l.tick_e8 * l.lot_e8 / kUnitE8, rows.size());
    std::vector<std::int64_t> ids, times;
    std::vector<std::uint8_t> maker;
    for (const Trade& t : rows) {
      ids.push_back(t.id);
      times.push_back(t.time_ms * 1'000'000);
      price.add(t.price);
      quantity.add(t.lots);
      amount.add(t.price * t.lots);
      maker.push_back(t.buyer_is_maker ? 1 : 0);
    }
    say_newest(call, times_of({&symbol}, now));
    call.add(TableBuilder("trades", "Trades")
                 .column(bourse_trades_id, ids)
                 .column(bourse_trades_time, times)
                 .column(bourse_trades_price, price.view())
                 .column(bourse_trades_quantity, quantity.view())
                 .column(bourse_trades_quote_quantity, amount.view())
                 .column(bourse_trades_buyer_is_maker, maker));
  }

  void fetch_symbols(Call& call, const Values& values, std::int64_t now) const;

  Market market_;
  std::optional<std::int64_t> now_;
  std::vector<std::string_view> names_;
  mutable Pulse pulse_;
};

void Synthetic::fetch_ticker(Call& call, const Values& values, std::int64_t now) const {
  Tickers rows;
  for (const Symbol* symbol : several(call, values)) {
    const Listing& l = *symbol->listing;
    // The window of a market that has stopped slides on until nothing is left in it.
    const std::int64_t end = std::min(now, symbol->end_second + kDaySeconds);
    const Trade newest = newest_trade(*symbol, now);
    rows.names.push_back(l.symbol);
    rows.quotes.push_back(l.quote);
    rows.status.push_back(status_of(*symbol, now));
    rows.begins.push_back((end - kDaySeconds) * kSecondNs);
    rows.ends.push_back(end * kSecondNs);
    rows.tops.add(l, book(*symbol, now, 1));
    const auto window = market_.bar(*symbol, end - kDaySeconds, end);
    if (window && window->trades > 0) {
      rows.add_prices(l, *window, newest);
    } else {
      rows.add_silence(l, newest);
    }
  }
  say_newest(call, rows.ends);
  call.add(TableBuilder("ticker_24h", "Last 24 hours")
               .column(bourse_ticker_24h_symbol, rows.names)
               .column(bourse_ticker_24h_quote_asset, rows.quotes)
               .column(bourse_ticker_24h_last, rows.last)
               .column(bourse_ticker_24h_last_quantity, rows.last_quantity)
               .column(bourse_ticker_24h_open, rows.open)
               .column(bourse_ticker_24h_high, rows.high)
               .column(bourse_ticker_24h_low, rows.low)
               .column(bourse_ticker_24h_previous_close, rows.previous)
               .column(bourse_ticker_24h_price_change, rows.change)
               .column(bourse_ticker_24h_price_change_percent, rows.percent)
               .column(bourse_ticker_24h_weighted_average, rows.average)
               .column(bourse_ticker_24h_bid, rows.tops.bid)
               .column(bourse_ticker_24h_bid_quantity, rows.tops.bid_quantity)
               .column(bourse_ticker_24h_ask, rows.tops.ask)
               .column(bourse_ticker_24h_ask_quantity, rows.tops.ask_quantity)
               .column(bourse_ticker_24h_volume, rows.volume)
               .column(bourse_ticker_24h_quote_volume, rows.value)
               .column(bourse_ticker_24h_open_time, rows.begins)
               .column(bourse_ticker_24h_close_time, rows.ends)
               .column(bourse_ticker_24h_trades, rows.trades)
               .column(bourse_ticker_24h_status, rows.status));
}

void Synthetic::fetch_symbols(Call& call, const Values& values, std::int64_t now) const {
  std::vector<const Symbol*> wanted;
  if (values.given("symbols")) {
    wanted = several(call, values);
  } else {
    for (const Symbol& symbol : market_.symbols()) wanted.push_back(&symbol);
  }
  std::vector<std::string_view> names, bases, quotes, status;
  std::vector<std::optional<Decimal>> tick, lot, minimum, maximum, notional;
  for (const Symbol* symbol : wanted) {
    const Listing& l = *symbol->listing;
    names.push_back(l.symbol);
    status.push_back(status_of(*symbol, now));
    bases.push_back(l.base);
    quotes.push_back(l.quote);
    tick.push_back(e8(l.tick_e8));
    lot.push_back(e8(l.lot_e8));
    minimum.push_back(e8(l.lot_e8));
    maximum.push_back(e8(Int128{l.maximum_quantity} * kUnitE8));
    notional.push_back(e8(l.minimum_notional_e8));
  }
  const std::vector<std::string_view> orders(
      names.size(),
      "LIMIT LIMIT_MAKER MARKET STOP_LOSS STOP_LOSS_LIMIT TAKE_PROFIT TAKE_PROFIT_LIMIT");
  call.as_of(Time{now * kSecondNs});
  call.add(TableBuilder("symbols", "Symbols")
               .column(bourse_symbols_symbol, names)
               .column(bourse_symbols_status, status)
               .column(bourse_symbols_base_asset, bases)
               .column(bourse_symbols_quote_asset, quotes)
               .column(bourse_symbols_tick_size, tick)
               .column(bourse_symbols_lot_step, lot)
               .column(bourse_symbols_minimum_quantity, minimum)
               .column(bourse_symbols_maximum_quantity, maximum)
               .column(bourse_symbols_minimum_notional, notional)
               .column(bourse_symbols_order_types, orders));
}

}  // namespace
}  // namespace bourse::synthetic

BOURSE_PLUGIN("bourse.synthetic", "0.1.0", bourse::synthetic::Synthetic)
