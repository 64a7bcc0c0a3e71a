// SPDX-License-Identifier: MIT
#include <array>
#include <utility>

#include "plugins/sources/binance/client/parse.hpp"
#include "plugins/sources/binance/client/records.hpp"

namespace bourse::binance {
namespace {

using T = Ticker24h;
constexpr std::array<Column<T>, 21> kTickerColumns = {{
    {"symbol", set_name<&T::symbol, T>},
    {"priceChange", set_decimal<&T::price_change, T>},
    {"priceChangePercent", set_decimal<&T::price_change_percent, T>},
    {"weightedAvgPrice", set_amount<&T::weighted_average, T>},
    {"prevClosePrice", set_amount<&T::previous_close, T>},
    {"lastPrice", set_amount<&T::last, T>},
    {"lastQty", set_amount<&T::last_quantity, T>},
    {"bidPrice", set_amount<&T::bid, T>},
    {"bidQty", set_amount<&T::bid_quantity, T>},
    {"askPrice", set_amount<&T::ask, T>},
    {"askQty", set_amount<&T::ask_quantity, T>},
    {"openPrice", set_amount<&T::open, T>},
    {"highPrice", set_amount<&T::high, T>},
    {"lowPrice", set_amount<&T::low, T>},
    {"volume", set_amount<&T::volume, T>},
    {"quoteVolume", set_amount<&T::quote_volume, T>},
    {"openTime", set_time<&T::open_time, T>},
    {"closeTime", set_time<&T::close_time, T>},
    {"firstId", set_integer<&T::first_id, T>},
    {"lastId", set_integer<&T::last_id, T>},
    {"count", set_integer<&T::trades, T>},
}};

/// An empty side is zero and has no order.
bool is_crossed(Decimal bid, Decimal ask) noexcept {
  return !bid.is_zero() && !ask.is_zero() && bid >= ask;
}

std::string check_ticker(const Ticker24h& row) {
  if (row.trades < 0) return "its number of trades is negative";
  if (row.close_time < row.open_time) return "it ends before it starts";
  if (row.trades == 0) return {};  // an inactive market: its prices are zero or stale
  if (row.low > row.high) return "its low is above its high";
  if (row.open < row.low || row.high < row.open) return "its open is not between low and high";
  if (row.last < row.low || row.high < row.last) return "its last is not between low and high";
  if (is_crossed(row.bid, row.ask)) return "its bid is not below its ask";
  return {};
}

constexpr std::array<Column<Price>, 2> kPriceColumns = {{
    {"symbol", set_name<&Price::symbol, Price>},
    {"price", set_amount<&Price::price, Price>},
}};

std::string check_price(const Price& /*row*/) { return {}; }

using B = BookTicker;
constexpr std::array<Column<B>, 5> kBookColumns = {{
    {"symbol", set_name<&B::symbol, B>},
    {"bidPrice", set_amount<&B::bid, B>},
    {"bidQty", set_amount<&B::bid_quantity, B>},
    {"askPrice", set_amount<&B::ask, B>},
    {"askQty", set_amount<&B::ask_quantity, B>},
}};

std::string check_book(const BookTicker& row) {
  return is_crossed(row.bid, row.ask) ? "its bid is not below its ask" : "";
}

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

Result<std::vector<Trade>> parse_trades(std::string& body) {
  RecordsVisitor<Trade> visitor(kTradeColumns, check_trade);
  if (auto parsed = parse_json(body, visitor, "trades"); !parsed) {
    return std::move(parsed).error();
  }
  if (!visitor.refused().empty()) {
    const auto& refused = visitor.refused().front();
    return refused_row("trades", refused.number, {}, refused.reason);
  }
  const std::vector<Trade>& trades = visitor.rows();
  for (std::size_t i = 1; i < trades.size(); ++i) {
    if (trades[i].id <= trades[i - 1].id || trades[i].time < trades[i - 1].time) {
      return refused_row("trades", i + 1, {}, "it does not come after the one before it");
    }
  }
  return std::move(visitor.rows());
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
