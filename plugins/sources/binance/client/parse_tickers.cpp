// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <utility>

#include "plugins/sources/binance/client/parse.hpp"
#include "plugins/sources/binance/client/records.hpp"

namespace bourse::binance {
namespace {

using T = Ticker24h;
constexpr std::array<Column<T>, 21> kTickerColumns = {{
    {"symbol", set_symbol<&T::symbol, T>},
    {"priceChange", set_optional<&T::price_change, T, to_decimal>, false},
    {"priceChangePercent", set_optional<&T::price_change_percent, T, to_decimal>, false},
    {"weightedAvgPrice", set_optional<&T::weighted_average, T, read_amount>, false},
    {"prevClosePrice", set_optional<&T::previous_close, T, read_amount>, false},
    {"lastPrice", set_amount<&T::last, T>},
    {"lastQty", set_optional<&T::last_quantity, T, read_amount>, false},
    {"bidPrice", set_optional<&T::bid, T, read_amount>, false},
    {"bidQty", set_optional<&T::bid_quantity, T, read_amount>, false},
    {"askPrice", set_optional<&T::ask, T, read_amount>, false},
    {"askQty", set_optional<&T::ask_quantity, T, read_amount>, false},
    {"openPrice", set_amount<&T::open, T>},
    {"highPrice", set_amount<&T::high, T>},
    {"lowPrice", set_amount<&T::low, T>},
    {"volume", set_amount<&T::volume, T>},
    {"quoteVolume", set_amount<&T::quote_volume, T>},
    {"openTime", set_time<&T::open_time, T>},
    {"closeTime", set_time<&T::close_time, T>},
    {"firstId", set_optional<&T::first_id, T, to_integer>, false},
    {"lastId", set_optional<&T::last_id, T, to_integer>, false},
    {"count", set_integer<&T::trades, T>},
}};

std::string check_ticker(const Ticker24h& row) {
  return row.trades < 0 ? "its number of trades is negative" : "";
}

constexpr std::array<Column<Price>, 2> kPriceColumns = {{
    {"symbol", set_symbol<&Price::symbol, Price>},
    {"price", set_amount<&Price::price, Price>},
}};

std::string check_price(const Price& /*row*/) { return {}; }

using B = BookTicker;
constexpr std::array<Column<B>, 5> kBookColumns = {{
    {"symbol", set_symbol<&B::symbol, B>},
    {"bidPrice", set_amount<&B::bid, B>},
    {"bidQty", set_amount<&B::bid_quantity, B>},
    {"askPrice", set_amount<&B::ask, B>},
    {"askQty", set_amount<&B::ask_quantity, B>},
}};

/// A crossed book is shown as it came.
std::string check_book(const BookTicker& /*row*/) { return {}; }

Error refused_row(std::string_view what, std::size_t number, const std::string& symbol,
                  const std::string& reason) {
  return {.kind = ErrorKind::kProtocol,
          .message = "The exchange's answer about " + std::string(what) + " makes no sense: row " +
                     std::to_string(number) + (symbol.empty() ? "" : ", " + symbol) + ": " +
                     reason + ".",
          .advice = "Try again later; if it stays so, this client may be out of date.",
          .reach = Reach::kAnswered};
}

template <class Row>
Result<Rows<Row>> parse_rows(std::string& body, std::span<const Column<Row>> columns,
                             std::string (*check)(const Row&), std::string_view what) {
  RecordsVisitor<Row> visitor(columns, check);
  if (auto parsed = parse_json(body, visitor, what); !parsed) return std::move(parsed).error();
  auto& refused = visitor.refused();
  if (!refused.empty() && (!visitor.is_array() || visitor.rows().empty())) {
    return refused_row(what, refused[0].number, refused[0].row.symbol, refused[0].reason);
  }
  Rows<Row> rows;
  rows.rows = std::move(visitor.rows());
  for (auto& one : refused) {
    rows.rejected.push_back({std::move(one.row.symbol), std::move(one.reason)});
  }
  return rows;
}

constexpr std::array<Column<Trade>, 6> kTradeColumns = {{
    {"id", set_integer<&Trade::id, Trade>},
    {"price", set_amount<&Trade::price, Trade>},
    {"qty", set_amount<&Trade::quantity, Trade>},
    {"quoteQty", set_amount<&Trade::quote_quantity, Trade>},
    {"time", set_time<&Trade::time, Trade>},
    {"isBuyerMaker", set_bool<&Trade::buyer_is_maker, Trade>},
}};

std::string check_trade(const Trade& /*row*/) { return {}; }

struct ServerTime {
  Time time;
};
constexpr std::array<Column<ServerTime>, 1> kTimeColumns = {
    {{"serverTime", set_time<&ServerTime::time, ServerTime>}}};

std::string check_time(const ServerTime& /*row*/) { return {}; }

}  // namespace

Result<Rows<Ticker24h>> parse_tickers(std::string& body) {
  return parse_rows<Ticker24h>(body, kTickerColumns, check_ticker, "tickers");
}

Result<Rows<Price>> parse_prices(std::string& body) {
  return parse_rows<Price>(body, kPriceColumns, check_price, "prices");
}

Result<Rows<BookTicker>> parse_book_tickers(std::string& body) {
  return parse_rows<BookTicker>(body, kBookColumns, check_book, "best bids and asks");
}

Result<Trades> parse_trades(std::string& body) {
  RecordsVisitor<Trade> visitor(kTradeColumns, check_trade);
  if (auto parsed = parse_json(body, visitor, "trades"); !parsed) {
    return std::move(parsed).error();
  }
  const auto& refused = visitor.refused();
  if (!refused.empty() && visitor.rows().empty()) {
    return refused_row("trades", refused[0].number, {}, refused[0].reason);
  }
  Trades trades{.rows = {}, .unreadable = refused.size(), .unreadable_reason = {}};
  if (!refused.empty()) {
    trades.unreadable_reason =
        "row " + std::to_string(refused[0].number) + ": " + refused[0].reason;
  }
  std::ranges::stable_sort(visitor.rows(), {}, &Trade::id);
  for (Trade& trade : visitor.rows()) {
    if (trades.rows.empty() || trade.id != trades.rows.back().id) {
      trades.rows.push_back(trade);
    } else if (trades.unreadable++ == 0) {
      trades.unreadable_reason = "trade " + std::to_string(trade.id) + ": it came twice";
    }
  }
  return trades;
}

Result<Time> parse_server_time(std::string& body) {
  RecordsVisitor<ServerTime> visitor(kTimeColumns, check_time);
  if (auto parsed = parse_json(body, visitor, "its clock"); !parsed) {
    return std::move(parsed).error();
  }
  if (visitor.is_array() || visitor.rows().size() != 1) {
    return refused_row("its clock", 1, {}, "serverTime is missing");
  }
  return visitor.rows().front().time;
}

}  // namespace bourse::binance
