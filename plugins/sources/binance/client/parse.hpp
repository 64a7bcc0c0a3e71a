// SPDX-License-Identifier: MIT
//
// From the exchange's JSON to checked models, in one pass without a tree. Nothing a body can hold
// makes these crash, recurse deeply or take more memory than a small multiple of its size; what is
// not as documented is a kProtocol Error that says where. Unknown members are skipped, unknown
// enum values kept as text.
//
// Bodies are parsed in place: their bytes are destroyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

/// One page of candles. Those that close before `surely_past` are marked closed.
Result<Candles> parse_candles(std::string& body, Time surely_past);

enum class Keep : std::uint8_t { kOldest, kNewest };

/// Joins pages, oldest page first, into at most `rows_max` rows. Pages may overlap: rows not newer
/// than those before them are left out. Gaps are what is missing between neighbours.
Candles join(std::vector<Candles> pages, Interval interval, std::size_t rows_max, Keep keep);

/// These take an object as well as an array of them. When one row of an array is refused, the
/// others still count: up to kRejectedMax.
Result<Rows<Ticker24h>> parse_tickers(std::string& body);
Result<Rows<Price>> parse_prices(std::string& body);
Result<Rows<BookTicker>> parse_book_tickers(std::string& body);

Result<OrderBook> parse_order_book(std::string& body);
Result<std::vector<Trade>> parse_trades(std::string& body);
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
