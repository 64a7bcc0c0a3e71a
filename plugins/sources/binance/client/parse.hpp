// SPDX-License-Identifier: MIT
//
// From the exchange's JSON to checked models, in one pass without a tree. Nothing a body can hold
// makes these crash, recurse deeply or take more memory than a small multiple of its size. A row
// that cannot be read costs itself and is listed; an envelope that cannot, or of which nothing is
// left, is a kProtocol Error that says where. Members that are not expected are skipped, whatever
// they hold; unknown enum values are kept as text.
//
// Bodies are parsed in place: their bytes are destroyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

/// The open times that an answer about candles can hold, both inclusive.
struct OpenTimes {
  Time first{std::numeric_limits<std::int64_t>::min()};
  Time last{std::numeric_limits<std::int64_t>::max()};
};

/// One page of candles of that interval. Those that close before `surely_past` are marked closed.
/// The open time is a candle's identity: rows are brought into its order, and one that opens
/// outside of `within`, or when another one does, cannot be read. A close time that is not after
/// the open time, or not in its interval, is mended and marked.
Result<Candles> parse_candles(std::string& body, Interval interval, Time surely_past,
                              OpenTimes within = {});
/// The same about an answer of which nothing is of use.
Error nothing_readable(const UnreadableCandle& first);

enum class Keep : std::uint8_t { kOldest, kNewest };

/// Joins pages, oldest page first, into at most `rows_max` rows. Pages may overlap: rows not newer
/// than those before them are left out. Gaps are what is missing between neighbours, on the grid of
/// the market, which is that of its newest row.
Candles join(std::vector<Candles> pages, Interval interval, std::size_t rows_max, Keep keep);

/// These take an object as well as an array of them. When one row of an array is refused, the
/// others still count: up to kRejectedMax.
Result<Rows<Ticker24h>> parse_tickers(std::string& body);
Result<Rows<Price>> parse_prices(std::string& body);
Result<Rows<BookTicker>> parse_book_tickers(std::string& body);

/// A level that cannot be read is left out; a crossed book is kept.
Result<OrderBook> parse_order_book(std::string& body);
/// Brought into the order of their numbers; one whose number came before is left out.
Result<Trades> parse_trades(std::string& body);
/// A market that makes no sense is refused alone, too; a limit by which requests are counted is
/// not.
Result<ExchangeInfo> parse_exchange_info(std::string& body);
Result<Account> parse_account(std::string& body);
Result<Time> parse_server_time(std::string& body);

/// The exchange's error document, {"code": -1121, "msg": "Invalid symbol."}; `found` is false when
/// something else stands there: nothing, HTML, half a document. The code may be a string, the
/// message may be missing.
struct ErrorBody {
  bool found = false;
  std::int64_t code = 0;
  std::string message;
};
ErrorBody parse_error(std::string body);

}  // namespace bourse::binance
