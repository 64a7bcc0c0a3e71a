// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/source.hpp"

#include <algorithm>

#include "bourse/fresh.hpp"
#include "bourse/market.h"
#include "bourse/table.hpp"
#include "bourse/words.hpp"

namespace bourse::replay {

Source::Source(const std::string& folder, std::optional<Time> now, Host host)
    : recording_(load(std::filesystem::path(folder), now)), now_(now.value_or(recording_.end)) {
  log_remarks(host, folder, recording_);
  for (const auto& [symbol, market] : recording_.markets) names_.push_back(symbol);
  find_tickers(host);
}

Source::Source(const std::string& folder, Host host)
    : recording_(load_all(std::filesystem::path(folder))), now_(recording_.end) {
  log_remarks(host, folder, recording_);
  for (const auto& [symbol, market] : recording_.markets) names_.push_back(symbol);
  find_tickers(host);
}

void Source::show(Time now) {
  const bool is_later = now >= now_;
  for (auto& [symbol, market] : recording_.markets) market.show(now, is_later);
  now_ = now;
  find_tickers(std::nullopt);
}

void Source::find_tickers(std::optional<Host> log) {
  tickers_.clear();
  for (const auto& [symbol, market] : recording_.markets) {
    if (auto found = ticker(symbol, market, log)) tickers_.emplace(symbol, std::move(*found));
  }
}

std::optional<std::string_view> Source::status_of(const Market& market) {
  if (!market.rules || !market.rules->status) return std::nullopt;
  return *market.rules->status;
}

void Source::say_status(const Call& call, const Market& market) {
  if (const auto status = status_of(market)) call.meta("status", *status);
}

/// A market whose last day cannot be added up has no ticker; its candles are shown all the same.
std::optional<Ticker> Source::ticker(const std::string& symbol, const Market& market,
                                     std::optional<Host> log) const {
  if (market.ticker) return market.ticker;
  try {
    return ticker_of(market, now_);
  } catch (const DecimalError& e) {
    if (log) {
      log->log(BOURSE_LEVEL_WARN, "the last 24 hours of a market cannot be added up",
               {{"symbol", symbol}, {"reason", std::string_view(e.what())}});
    }
    return std::nullopt;
  }
}

std::optional<Source::Price> Source::price(const Market& market) {
  std::optional<Price> last;
  for (const auto& [interval, series] : market.series) {
    if (series.size() == 0) continue;
    const Time close{series.close_time[series.size() - 1]};
    if (!last || last->time < close) last = Price{series.close[series.size() - 1], close};
  }
  const auto& ticker = market.ticker;
  if (ticker && ticker->last && (!last || ticker->close_time >= last->time)) {
    last = Price{*ticker->last, ticker->close_time};
  }
  return last;
}

std::optional<Source::Top> Source::top(const Market& market) {
  Top top;
  if (market.book) {
    const Book& book = *market.book;
    if (!book.bids.empty()) top.bid = book.bids[0].price;
    if (!book.bids.empty()) top.bid_quantity = book.bids[0].quantity;
    if (!book.asks.empty()) top.ask = book.asks[0].price;
    if (!book.asks.empty()) top.ask_quantity = book.asks[0].quantity;
    top.time = book.time;
    return top;
  }
  if (!market.ticker || !market.ticker->bid || !market.ticker->ask) return std::nullopt;
  top.time = market.ticker->close_time;
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

Error Source::not_recorded(const std::string& what, const std::string& symbol, const Market& market,
                           const LeftOut& left_out) const {
  const std::string before = now_.ns == 0 ? "" : " before " + time_text(now_);
  return Error(BOURSE_UNPROCESSABLE, "not_recorded",
               "No " + what + " of " + symbol + " is recorded" + before +
                   "; recorded of it: " + recorded_of(market) + "." + why_left_out(left_out));
}

void Source::prices(Call& call, const Values& values) const {
  const auto rows = gather(call, values, "price", {&Market::bad_tickers, &Market::bad_candles},
                           recording_.bad_tickers,
                           [](const std::string&, const Market& market) { return price(market); });
  std::vector<std::string_view> names;
  std::vector<Decimal> last;
  std::vector<Time> times;
  Newest newest;
  for (const auto& row : rows) {
    names.push_back(row.symbol);
    last.push_back(row.data.price);
    times.push_back(row.data.time);
    newest.add(row.data.time);
  }
  call.add(TableBuilder("prices", "Prices")
               .column(bourse_prices_symbol, names)
               .column(bourse_prices_price, last)
               .column(bourse_prices_time, times));
  newest.say(call);
}

void Source::book_ticker(Call& call, const Values& values) const {
  const auto rows = gather(call, values, "order book and no ticker with bid and ask",
                           {&Market::bad_books, &Market::bad_tickers}, recording_.bad_tickers,
                           [](const std::string&, const Market& market) { return top(market); });
  std::vector<std::string_view> names;
  Decimals8 bid, bid_quantity, ask, ask_quantity;
  std::vector<std::optional<Time>> times;
  Newest newest;
  for (const auto& row : rows) {
    const Top& data = row.data;
    names.push_back(row.symbol);
    bid.push_back(data.bid);
    bid_quantity.push_back(data.bid_quantity);
    ask.push_back(data.ask);
    ask_quantity.push_back(data.ask_quantity);
    times.push_back(data.time);
    newest.add(data.time);
  }
  call.add(TableBuilder("book_ticker", "Best bid and ask")
               .column(bourse_book_ticker_symbol, names)
               .column(bourse_book_ticker_bid, bid)
               .column(bourse_book_ticker_bid_quantity, bid_quantity)
               .column(bourse_book_ticker_ask, ask)
               .column(bourse_book_ticker_ask_quantity, ask_quantity)
               .column(bourse_book_ticker_time, times));
  newest.say(call);
}

void Source::order_book(Call& call, const Values& values) const {
  const std::string symbol(values.text("symbol"));
  const Market& market = market_of(symbol);
  if (!market.book) {
    throw Error(BOURSE_UNPROCESSABLE, "not_recorded",
                "No order book of " + symbol +
                    " is recorded; recorded of it: " + recorded_of(market) + ". Add a file depth_" +
                    symbol + ".json to the folder." + why_left_out(market.bad_books))
        .blame("symbol");
  }
  const Book& book = *market.book;
  const auto depth = static_cast<std::size_t>(values.integer("depth"));
  std::vector<std::string_view> sides;
  std::vector<Decimal> prices, quantities;
  const auto add = [&](const std::vector<BookLevel>& levels, std::string_view side) {
    for (std::size_t i = 0; i < std::min(depth, levels.size()); ++i) {
      sides.push_back(side);
      prices.push_back(levels[i].price);
      quantities.push_back(levels[i].quantity);
    }
  };
  add(book.bids, "bid");
  add(book.asks, "ask");
  say_status(call, market);
  if (book.last_update_id) call.meta("last_update_id", *book.last_update_id);
  const bool bids_told = book.bids_whole || book.bids.size() >= depth;
  const bool asks_told = book.asks_whole || book.asks.size() >= depth;
  call.meta("complete", bids_told && asks_told);
  if (book.time) call.as_of(*book.time);
  call.add(TableBuilder("order_book", "Order book")
               .column(bourse_order_book_side, sides)
               .column(bourse_order_book_price, prices)
               .column(bourse_order_book_quantity, quantities));
  if (book.sorted) {
    call.warn("unsorted_book", "The levels of " + symbol +
                                   " are recorded in another order; they are given best first.");
  }
  say_left_out(call, "order book of " + symbol, market.bad_books);
}

}  // namespace bourse::replay
