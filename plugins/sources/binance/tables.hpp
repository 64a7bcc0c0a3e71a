// SPDX-License-Identifier: MIT
//
// From the client's models to the tables that market.h declares.
#pragma once

#include <string>
#include <vector>

#include "bourse/plugin.hpp"
#include "plugins/sources/binance/candle_series.hpp"
#include "plugins/sources/binance/client/models.hpp"
#include "plugins/sources/binance/market.hpp"

namespace bourse::binance {

void add_candles(const bourse::Call& call, const std::vector<Candle>& rows);
void add_tickers(const bourse::Call& call, const TickerListing& listing);
void add_prices(const bourse::Call& call, const std::vector<Price>& rows);
void add_book_tickers(const bourse::Call& call, const std::vector<BookTicker>& rows);
void add_order_book(const bourse::Call& call, const OrderBook& book);
void add_trades(const bourse::Call& call, const std::vector<Trade>& rows);
void add_symbols(const bourse::Call& call, const std::vector<SymbolInfo>& rows);
/// With its meta.
void add_account(const bourse::Call& call, const Account& account);

}  // namespace bourse::binance
