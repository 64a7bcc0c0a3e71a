// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/tables.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "bourse/market.h"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

using Decimals = std::vector<std::optional<Decimal>>;

template <class Row, class Get>
auto gathered(const std::vector<Row>& rows, Get get) {
  std::vector<std::remove_cvref_t<decltype(get(rows.front()))>> out;
  out.reserve(rows.size());
  for (const Row& row : rows) out.push_back(get(row));
  return out;
}

/// Null where the row has none.
template <class Row, class Member>
Decimals decimals(const std::vector<Row>& rows, Member Row::*member) {
  return gathered(rows, [=](const Row& row) { return std::optional<Decimal>(row.*member); });
}

using Texts = std::vector<std::optional<std::string_view>>;

template <class Row, class Get>
Texts texts(const std::vector<Row>& rows, Get get) {
  return gathered(rows, [=](const Row& row) {
    const std::optional<std::string>& text = get(row);
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
  });
}

template <class Row>
std::vector<std::string_view> names(const std::vector<Row>& rows,
                                    std::string Row::*member = &Row::symbol) {
  return gathered(rows, [=](const Row& row) { return std::string_view(row.*member); });
}

/// A decimal column of many rows: brought to one scale without a detour.
class Column {
 public:
  Column(const std::vector<Candle>& rows, Decimal Candle::*member, std::int32_t scale)
      : scale_(scale) {
    for (const Candle& row : rows) scale_ = std::max(scale_, (row.*member).scale());
    data_.reserve(rows.size());
    for (const Candle& row : rows) {
      const Decimal value = row.*member;
      data_.push_back(
          (value.scale() == scale_ ? value : value.rescaled(scale_, Rounding::kDown)).wire());
    }
  }
  [[nodiscard]] DecimalColumn view() const { return {data_.data(), data_.size(), scale_, nullptr}; }

 private:
  std::int32_t scale_;
  std::vector<bourse_i128> data_;
};

std::optional<std::string> joined(const std::optional<std::vector<std::string>>& words) {
  if (!words) return std::nullopt;
  std::string text;
  for (const std::string& word : *words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

std::optional<Decimal> unless_zero(Decimal amount, Decimal price) {
  return price.is_zero() ? std::nullopt : std::optional(amount);
}

}  // namespace

void add_candles(const bourse::Call& call, const std::vector<Candle>& rows) {
  const auto column = [&](Decimal Candle::*member, const bourse_field& field) {
    return Column(rows, member, field.scale);
  };
  const Column open = column(&Candle::open, bourse_candles_open);
  const Column high = column(&Candle::high, bourse_candles_high);
  const Column low = column(&Candle::low, bourse_candles_low);
  const Column close = column(&Candle::close, bourse_candles_close);
  const Column volume = column(&Candle::volume, bourse_candles_volume);
  const Column value = column(&Candle::quote_volume, bourse_candles_quote_volume);
  const Column taker = column(&Candle::taker_base_volume, bourse_candles_taker_base_volume);
  const Column taker_value = column(&Candle::taker_quote_volume, bourse_candles_taker_quote_volume);
  const auto opens = gathered(rows, [](const Candle& row) { return from_ms(row.open_ms).ns; });
  const auto closes = gathered(rows, [](const Candle& row) { return from_ms(row.close_ms).ns; });
  const auto trades = gathered(rows, [](const Candle& row) { return row.trades; });
  const auto closed = gathered(
      rows, [](const Candle& row) { return static_cast<std::uint8_t>(row.closed ? 1 : 0); });
  call.add(TableBuilder("candles", "Candles")
               .column(bourse_candles_open_time, opens)
               .column(bourse_candles_open, open.view())
               .column(bourse_candles_high, high.view())
               .column(bourse_candles_low, low.view())
               .column(bourse_candles_close, close.view())
               .column(bourse_candles_volume, volume.view())
               .column(bourse_candles_close_time, closes)
               .column(bourse_candles_quote_volume, value.view())
               .column(bourse_candles_trades, trades)
               .column(bourse_candles_taker_base_volume, taker.view())
               .column(bourse_candles_taker_quote_volume, taker_value.view())
               .column(bourse_candles_closed, closed));
}

void add_tickers(const bourse::Call& call, const TickerListing& listing) {
  const std::vector<Ticker24h>& rows = listing.answer.rows;
  const auto column = [&](auto member) { return decimals(rows, member); };
  const auto itself = [](const std::optional<std::string>& text) -> const auto& { return text; };
  const auto begins = gathered(rows, [](const Ticker24h& row) { return row.open_time.ns; });
  const auto ends = gathered(rows, [](const Ticker24h& row) { return row.close_time.ns; });
  const auto trades = gathered(rows, [](const Ticker24h& row) { return row.trades; });
  call.add(
      TableBuilder("ticker_24h", "Last 24 hours")
          .column(bourse_ticker_24h_symbol, names(rows))
          .column(bourse_ticker_24h_quote_asset, texts(listing.quote_assets, itself))
          .column(bourse_ticker_24h_last, column(&Ticker24h::last))
          .column(bourse_ticker_24h_last_quantity, column(&Ticker24h::last_quantity))
          .column(bourse_ticker_24h_open, column(&Ticker24h::open))
          .column(bourse_ticker_24h_high, column(&Ticker24h::high))
          .column(bourse_ticker_24h_low, column(&Ticker24h::low))
          .column(bourse_ticker_24h_previous_close, column(&Ticker24h::previous_close))
          .column(bourse_ticker_24h_price_change, column(&Ticker24h::price_change))
          .column(bourse_ticker_24h_price_change_percent, column(&Ticker24h::price_change_percent))
          .column(bourse_ticker_24h_weighted_average, column(&Ticker24h::weighted_average))
          .column(bourse_ticker_24h_bid, column(&Ticker24h::bid))
          .column(bourse_ticker_24h_bid_quantity, column(&Ticker24h::bid_quantity))
          .column(bourse_ticker_24h_ask, column(&Ticker24h::ask))
          .column(bourse_ticker_24h_ask_quantity, column(&Ticker24h::ask_quantity))
          .column(bourse_ticker_24h_volume, column(&Ticker24h::volume))
          .column(bourse_ticker_24h_quote_volume, column(&Ticker24h::quote_volume))
          .column(bourse_ticker_24h_open_time, begins)
          .column(bourse_ticker_24h_close_time, ends)
          .column(bourse_ticker_24h_trades, trades)
          .column(bourse_ticker_24h_status, texts(listing.statuses, itself)));
}

void add_prices(const bourse::Call& call, const std::vector<Price>& rows) {
  call.add(TableBuilder("prices", "Prices")
               .column(bourse_prices_symbol, names(rows))
               .column(bourse_prices_price, decimals(rows, &Price::price)));
}

void add_book_tickers(const bourse::Call& call, const std::vector<BookTicker>& rows) {
  // The exchange writes zeros for a side without orders.
  const auto side = [&](Decimal BookTicker::*amount, Decimal BookTicker::*price) {
    return gathered(rows,
                    [=](const BookTicker& row) { return unless_zero(row.*amount, row.*price); });
  };
  using Book = BookTicker;
  call.add(TableBuilder("book_ticker", "Best bid and ask")
               .column(bourse_book_ticker_symbol, names(rows))
               .column(bourse_book_ticker_bid, side(&Book::bid, &Book::bid))
               .column(bourse_book_ticker_bid_quantity, side(&Book::bid_quantity, &Book::bid))
               .column(bourse_book_ticker_ask, side(&Book::ask, &Book::ask))
               .column(bourse_book_ticker_ask_quantity, side(&Book::ask_quantity, &Book::ask)));
}

void add_order_book(const bourse::Call& call, const OrderBook& book) {
  std::vector<std::string_view> sides(book.bids.size(), "bid");
  sides.resize(book.bids.size() + book.asks.size(), "ask");
  std::vector<Level> levels = book.bids;
  levels.insert(levels.end(), book.asks.begin(), book.asks.end());
  if (book.last_update_id) call.meta("last_update_id", *book.last_update_id);
  // As many as were asked for, or all there are: but for those that were left out.
  call.meta("complete", book.unreadable == 0);
  call.add(TableBuilder("order_book", "Order book")
               .column(bourse_order_book_side, sides)
               .column(bourse_order_book_price, decimals(levels, &Level::price))
               .column(bourse_order_book_quantity, decimals(levels, &Level::quantity)));
}

void add_trades(const bourse::Call& call, const std::vector<Trade>& rows) {
  const auto ids = gathered(rows, [](const Trade& row) { return row.id; });
  const auto times = gathered(rows, [](const Trade& row) { return row.time.ns; });
  const auto makers = gathered(
      rows, [](const Trade& row) { return static_cast<std::uint8_t>(row.buyer_is_maker ? 1 : 0); });
  call.add(TableBuilder("trades", "Trades")
               .column(bourse_trades_id, ids)
               .column(bourse_trades_time, times)
               .column(bourse_trades_price, decimals(rows, &Trade::price))
               .column(bourse_trades_quantity, decimals(rows, &Trade::quantity))
               .column(bourse_trades_quote_quantity, decimals(rows, &Trade::quote_quantity))
               .column(bourse_trades_buyer_is_maker, makers));
}

void add_symbols(const bourse::Call& call, const std::vector<SymbolInfo>& rows) {
  const auto rule = [&](std::optional<Decimal> SymbolInfo::*member) {
    return gathered(rows, [=](const SymbolInfo& row) { return row.*member; });
  };
  call.add(TableBuilder("symbols", "Symbols")
               .column(bourse_symbols_symbol, names(rows))
               .column(bourse_symbols_status, names(rows, &SymbolInfo::status_text))
               .column(bourse_symbols_base_asset, names(rows, &SymbolInfo::base_asset))
               .column(bourse_symbols_quote_asset, names(rows, &SymbolInfo::quote_asset))
               .column(bourse_symbols_tick_size, rule(&SymbolInfo::tick_size))
               .column(bourse_symbols_lot_step, rule(&SymbolInfo::lot_step))
               .column(bourse_symbols_minimum_quantity, rule(&SymbolInfo::minimum_quantity))
               .column(bourse_symbols_maximum_quantity, rule(&SymbolInfo::maximum_quantity))
               .column(bourse_symbols_minimum_notional, rule(&SymbolInfo::minimum_notional))
               .column(bourse_symbols_order_types,
                       texts(
                           rows, [](const SymbolInfo& row) -> auto& { return row.order_types; })));
}

void add_account(const bourse::Call& call, const Account& account) {
  const auto say = [&](const char* name, const auto& value) {
    if (value) call.meta(name, *value);  // what was not said is not there
  };
  say("account_type", account.account_type);
  say("can_trade", account.can_trade);
  say("can_withdraw", account.can_withdraw);
  say("can_deposit", account.can_deposit);
  say("permissions", joined(account.permissions));
  say("maker_commission", account.maker_commission);
  say("taker_commission", account.taker_commission);
  const std::vector<Balance>& rows = account.balances;
  call.add(TableBuilder("account", "Balances")
               .column(bourse_account_asset, names(rows, &Balance::asset))
               .column(bourse_account_free, decimals(rows, &Balance::free))
               .column(bourse_account_locked, decimals(rows, &Balance::locked)));
}

}  // namespace bourse::binance
