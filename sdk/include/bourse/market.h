/* SPDX-License-Identifier: MIT
 *
 * market.h - the well-known datasets: names, parameters, columns. A source that delivers one of
 * them declares it by the constant below; an analysis asks for it by name and may rely on every
 * column, its type and its meaning. C11.
 *
 * Prices and quantities are decimals, exact to the last digit that the exchange sent. A column has
 * one scale, that of the delivered table's field: 8 unless the data needs more digits. Units "base"
 * and "quote" stand for the symbol's two assets. A market without trades may have zero prices.
 * Columns are added at the end only.
 *
 * Where many symbols are asked for, rows come in the order asked, each symbol once.
 */
#ifndef BOURSE_MARKET_H
#define BOURSE_MARKET_H
#include "bourse/bourse.h"

#if defined(__cplusplus)
#define BOURSE_MARKET_CONSTANT inline constexpr
#define BOURSE_MARKET_LIST(type, name) inline constexpr const type* const name[]
#else
#define BOURSE_MARKET_CONSTANT __attribute__((unused)) static const
#define BOURSE_MARKET_LIST(type, name) __attribute__((unused)) static const type* const name[]
#endif
#define BOURSE_MARKET_COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define BOURSE_MARKET_FIELD(variable, name, type, scale, label, unit, doc) \
  BOURSE_MARKET_CONSTANT bourse_field variable = {                         \
      sizeof(bourse_field), type, scale, 0, name, label, unit, doc}
#define BOURSE_MARKET_PARAM(variable, name, type, flags, item, def, min, max, choices, doc) \
  BOURSE_MARKET_CONSTANT bourse_param variable = {                                          \
      sizeof(bourse_param), type, flags, item, name, doc, NULL, def, min, max, choices}

/* Legal values of `interval`, case-sensitive: m is a minute, M a month. */
BOURSE_MARKET_LIST(char, bourse_intervals) = {"1s", "1m", "3m", "5m", "15m", "30m",
                                              "1h", "2h", "4h", "6h", "8h",  "12h",
                                              "1d", "3d", "1w", "1M", NULL};

/* candles.
   One row a candle of one symbol, oldest first. Real histories have gaps, candles without trades
   and candles off the grid: never compute a candle's time from another's. Without start and end:
   the newest `limit`. With start: the oldest from there. With end: the newest up to there. With
   both: from start, stopping at end. start and end are compared with the open time, both inclusive.
   The last candle may still be forming: closed is false then. Fewer rows than `limit` means there
   is no more. */
BOURSE_MARKET_PARAM(bourse_candles_param_symbol, "symbol", BOURSE_TYPE_TEXT, BOURSE_PARAM_REQUIRED,
                    BOURSE_TYPE_NULL, NULL, "1", "40", NULL, "Market, such as BTCUSDT.");
BOURSE_MARKET_PARAM(bourse_candles_param_interval, "interval", BOURSE_TYPE_TEXT, 0,
                    BOURSE_TYPE_NULL, "1h", NULL, NULL, bourse_intervals,
                    "Length of a candle; weeks start on Monday, months on the 1st, 00:00 UTC.");
BOURSE_MARKET_PARAM(bourse_candles_param_limit, "limit", BOURSE_TYPE_I64, 0, BOURSE_TYPE_NULL,
                    "500", "1", "5000", NULL,
                    "Number of candles, the newest unless start is given.");
BOURSE_MARKET_PARAM(bourse_candles_param_start, "start", BOURSE_TYPE_TIME, 0, BOURSE_TYPE_NULL,
                    NULL, NULL, NULL, NULL, "Earliest open time, inclusive.");
BOURSE_MARKET_PARAM(bourse_candles_param_end, "end", BOURSE_TYPE_TIME, 0, BOURSE_TYPE_NULL, NULL,
                    NULL, NULL, NULL, "Latest open time, inclusive.");
BOURSE_MARKET_FIELD(bourse_candles_open_time, "open_time", BOURSE_TYPE_TIME, 0, "Open time", NULL,
                    "start of the candle and its identity");
BOURSE_MARKET_FIELD(bourse_candles_open, "open", BOURSE_TYPE_DECIMAL, 8, "Open", "quote",
                    "first price");
BOURSE_MARKET_FIELD(bourse_candles_high, "high", BOURSE_TYPE_DECIMAL, 8, "High", "quote",
                    "highest price");
BOURSE_MARKET_FIELD(bourse_candles_low, "low", BOURSE_TYPE_DECIMAL, 8, "Low", "quote",
                    "lowest price");
BOURSE_MARKET_FIELD(bourse_candles_close, "close", BOURSE_TYPE_DECIMAL, 8, "Close", "quote",
                    "last price");
BOURSE_MARKET_FIELD(bourse_candles_volume, "volume", BOURSE_TYPE_DECIMAL, 8, "Volume", "base",
                    "traded quantity");
BOURSE_MARKET_FIELD(bourse_candles_close_time, "close_time", BOURSE_TYPE_TIME, 0, "Close time",
                    NULL, "last instant of the candle");
BOURSE_MARKET_FIELD(bourse_candles_quote_volume, "quote_volume", BOURSE_TYPE_DECIMAL, 8,
                    "Quote volume", "quote", "traded value");
BOURSE_MARKET_FIELD(bourse_candles_trades, "trades", BOURSE_TYPE_I64, 0, "Trades", NULL,
                    "number of trades");
BOURSE_MARKET_FIELD(bourse_candles_taker_base_volume, "taker_base_volume", BOURSE_TYPE_DECIMAL, 8,
                    "Taker buy volume", "base", "quantity bought by takers");
BOURSE_MARKET_FIELD(bourse_candles_taker_quote_volume, "taker_quote_volume", BOURSE_TYPE_DECIMAL, 8,
                    "Taker buy quote volume", "quote", "value bought by takers");
BOURSE_MARKET_FIELD(bourse_candles_closed, "closed", BOURSE_TYPE_BOOL, 0, "Closed", NULL,
                    "false while the candle is still forming");
BOURSE_MARKET_LIST(bourse_param, bourse_candles_params) = {
    &bourse_candles_param_symbol, &bourse_candles_param_interval, &bourse_candles_param_limit,
    &bourse_candles_param_start, &bourse_candles_param_end};
BOURSE_MARKET_LIST(bourse_field, bourse_candles_fields) = {&bourse_candles_open_time,
                                                           &bourse_candles_open,
                                                           &bourse_candles_high,
                                                           &bourse_candles_low,
                                                           &bourse_candles_close,
                                                           &bourse_candles_volume,
                                                           &bourse_candles_close_time,
                                                           &bourse_candles_quote_volume,
                                                           &bourse_candles_trades,
                                                           &bourse_candles_taker_base_volume,
                                                           &bourse_candles_taker_quote_volume,
                                                           &bourse_candles_closed};
BOURSE_MARKET_CONSTANT bourse_dataset bourse_candles = {sizeof(bourse_dataset),
                                                        0,
                                                        "candles",
                                                        NULL,
                                                        BOURSE_MARKET_COUNT(bourse_candles_params),
                                                        bourse_candles_params,
                                                        BOURSE_MARKET_COUNT(bourse_candles_fields),
                                                        bourse_candles_fields};

/* ticker_24h.
   Statistics of the last 24 hours, one row a symbol, in the order asked. Unknown symbols are left
   out with a note `symbol_unavailable`, unless all are unknown: then the query fails with NOT_FOUND
   `symbol_not_found`. */
BOURSE_MARKET_PARAM(bourse_ticker_24h_param_symbols, "symbols", BOURSE_TYPE_LIST,
                    BOURSE_PARAM_REQUIRED, BOURSE_TYPE_TEXT, NULL, "1", "500", NULL, "Markets.");
BOURSE_MARKET_FIELD(bourse_ticker_24h_symbol, "symbol", BOURSE_TYPE_TEXT, 0, "Symbol", NULL,
                    "market");
BOURSE_MARKET_FIELD(bourse_ticker_24h_quote_asset, "quote_asset", BOURSE_TYPE_TEXT, 0,
                    "Quote asset", NULL, "what prices are counted in; null if unknown");
BOURSE_MARKET_FIELD(bourse_ticker_24h_last, "last", BOURSE_TYPE_DECIMAL, 8, "Last", "quote",
                    "last price");
BOURSE_MARKET_FIELD(bourse_ticker_24h_last_quantity, "last_quantity", BOURSE_TYPE_DECIMAL, 8,
                    "Last quantity", "base", "quantity of the last trade");
BOURSE_MARKET_FIELD(bourse_ticker_24h_open, "open", BOURSE_TYPE_DECIMAL, 8, "Open", "quote",
                    "first price of the window");
BOURSE_MARKET_FIELD(bourse_ticker_24h_high, "high", BOURSE_TYPE_DECIMAL, 8, "High", "quote",
                    "highest price");
BOURSE_MARKET_FIELD(bourse_ticker_24h_low, "low", BOURSE_TYPE_DECIMAL, 8, "Low", "quote",
                    "lowest price");
BOURSE_MARKET_FIELD(bourse_ticker_24h_previous_close, "previous_close", BOURSE_TYPE_DECIMAL, 8,
                    "Previous close", "quote", "last price before the window");
BOURSE_MARKET_FIELD(bourse_ticker_24h_price_change, "price_change", BOURSE_TYPE_DECIMAL, 8,
                    "Change", "quote", "last - open");
BOURSE_MARKET_FIELD(bourse_ticker_24h_price_change_percent, "price_change_percent",
                    BOURSE_TYPE_DECIMAL, 3, "Change", "%", "100 x (last - open) / open");
BOURSE_MARKET_FIELD(bourse_ticker_24h_weighted_average, "weighted_average", BOURSE_TYPE_DECIMAL, 8,
                    "Weighted average", "quote", "quote volume / volume");
BOURSE_MARKET_FIELD(bourse_ticker_24h_bid, "bid", BOURSE_TYPE_DECIMAL, 8, "Bid", "quote",
                    "best bid");
BOURSE_MARKET_FIELD(bourse_ticker_24h_bid_quantity, "bid_quantity", BOURSE_TYPE_DECIMAL, 8,
                    "Bid quantity", "base", "quantity at the best bid");
BOURSE_MARKET_FIELD(bourse_ticker_24h_ask, "ask", BOURSE_TYPE_DECIMAL, 8, "Ask", "quote",
                    "best ask");
BOURSE_MARKET_FIELD(bourse_ticker_24h_ask_quantity, "ask_quantity", BOURSE_TYPE_DECIMAL, 8,
                    "Ask quantity", "base", "quantity at the best ask");
BOURSE_MARKET_FIELD(bourse_ticker_24h_volume, "volume", BOURSE_TYPE_DECIMAL, 8, "Volume", "base",
                    "traded quantity");
BOURSE_MARKET_FIELD(bourse_ticker_24h_quote_volume, "quote_volume", BOURSE_TYPE_DECIMAL, 8,
                    "Quote volume", "quote", "traded value");
BOURSE_MARKET_FIELD(bourse_ticker_24h_open_time, "open_time", BOURSE_TYPE_TIME, 0, "Open time",
                    NULL, "start of the window");
BOURSE_MARKET_FIELD(bourse_ticker_24h_close_time, "close_time", BOURSE_TYPE_TIME, 0, "Close time",
                    NULL, "end of the window");
BOURSE_MARKET_FIELD(bourse_ticker_24h_trades, "trades", BOURSE_TYPE_I64, 0, "Trades", NULL,
                    "number of trades; 0: the market is inactive and its prices mean nothing");
BOURSE_MARKET_LIST(bourse_param, bourse_ticker_24h_params) = {&bourse_ticker_24h_param_symbols};
BOURSE_MARKET_LIST(bourse_field, bourse_ticker_24h_fields) = {
    &bourse_ticker_24h_symbol,
    &bourse_ticker_24h_quote_asset,
    &bourse_ticker_24h_last,
    &bourse_ticker_24h_last_quantity,
    &bourse_ticker_24h_open,
    &bourse_ticker_24h_high,
    &bourse_ticker_24h_low,
    &bourse_ticker_24h_previous_close,
    &bourse_ticker_24h_price_change,
    &bourse_ticker_24h_price_change_percent,
    &bourse_ticker_24h_weighted_average,
    &bourse_ticker_24h_bid,
    &bourse_ticker_24h_bid_quantity,
    &bourse_ticker_24h_ask,
    &bourse_ticker_24h_ask_quantity,
    &bourse_ticker_24h_volume,
    &bourse_ticker_24h_quote_volume,
    &bourse_ticker_24h_open_time,
    &bourse_ticker_24h_close_time,
    &bourse_ticker_24h_trades};
BOURSE_MARKET_CONSTANT bourse_dataset bourse_ticker_24h = {
    sizeof(bourse_dataset),
    0,
    "ticker_24h",
    NULL,
    BOURSE_MARKET_COUNT(bourse_ticker_24h_params),
    bourse_ticker_24h_params,
    BOURSE_MARKET_COUNT(bourse_ticker_24h_fields),
    bourse_ticker_24h_fields};

/* prices.
   Last price, one row a symbol, in the order asked. Unknown symbols as in ticker_24h. */
BOURSE_MARKET_PARAM(bourse_prices_param_symbols, "symbols", BOURSE_TYPE_LIST, BOURSE_PARAM_REQUIRED,
                    BOURSE_TYPE_TEXT, NULL, "1", "500", NULL, "Markets.");
BOURSE_MARKET_FIELD(bourse_prices_symbol, "symbol", BOURSE_TYPE_TEXT, 0, "Symbol", NULL, "market");
BOURSE_MARKET_FIELD(bourse_prices_price, "price", BOURSE_TYPE_DECIMAL, 8, "Price", "quote",
                    "last price");
BOURSE_MARKET_LIST(bourse_param, bourse_prices_params) = {&bourse_prices_param_symbols};
BOURSE_MARKET_LIST(bourse_field, bourse_prices_fields) = {&bourse_prices_symbol,
                                                          &bourse_prices_price};
BOURSE_MARKET_CONSTANT bourse_dataset bourse_prices = {sizeof(bourse_dataset),
                                                       0,
                                                       "prices",
                                                       NULL,
                                                       BOURSE_MARKET_COUNT(bourse_prices_params),
                                                       bourse_prices_params,
                                                       BOURSE_MARKET_COUNT(bourse_prices_fields),
                                                       bourse_prices_fields};

/* book_ticker.
   Best bid and ask, one row a symbol, in the order asked. Unknown symbols as in ticker_24h. A side
   without orders is null. */
BOURSE_MARKET_PARAM(bourse_book_ticker_param_symbols, "symbols", BOURSE_TYPE_LIST,
                    BOURSE_PARAM_REQUIRED, BOURSE_TYPE_TEXT, NULL, "1", "500", NULL, "Markets.");
BOURSE_MARKET_FIELD(bourse_book_ticker_symbol, "symbol", BOURSE_TYPE_TEXT, 0, "Symbol", NULL,
                    "market");
BOURSE_MARKET_FIELD(bourse_book_ticker_bid, "bid", BOURSE_TYPE_DECIMAL, 8, "Bid", "quote",
                    "best bid");
BOURSE_MARKET_FIELD(bourse_book_ticker_bid_quantity, "bid_quantity", BOURSE_TYPE_DECIMAL, 8,
                    "Bid quantity", "base", "quantity there");
BOURSE_MARKET_FIELD(bourse_book_ticker_ask, "ask", BOURSE_TYPE_DECIMAL, 8, "Ask", "quote",
                    "best ask");
BOURSE_MARKET_FIELD(bourse_book_ticker_ask_quantity, "ask_quantity", BOURSE_TYPE_DECIMAL, 8,
                    "Ask quantity", "base", "quantity there");
BOURSE_MARKET_LIST(bourse_param, bourse_book_ticker_params) = {&bourse_book_ticker_param_symbols};
BOURSE_MARKET_LIST(bourse_field, bourse_book_ticker_fields) = {
    &bourse_book_ticker_symbol, &bourse_book_ticker_bid, &bourse_book_ticker_bid_quantity,
    &bourse_book_ticker_ask, &bourse_book_ticker_ask_quantity};
BOURSE_MARKET_CONSTANT bourse_dataset bourse_book_ticker = {
    sizeof(bourse_dataset),
    0,
    "book_ticker",
    NULL,
    BOURSE_MARKET_COUNT(bourse_book_ticker_params),
    bourse_book_ticker_params,
    BOURSE_MARKET_COUNT(bourse_book_ticker_fields),
    bourse_book_ticker_fields};

/* order_book.
   Price levels of one symbol: all bids, best (highest) first, then all asks, best (lowest) first. A
   thin book has fewer levels than asked, or none. A quantity of 92233720368.54775807 means that
   much or more. Meta: last_update_id (i64). */
BOURSE_MARKET_PARAM(bourse_order_book_param_symbol, "symbol", BOURSE_TYPE_TEXT,
                    BOURSE_PARAM_REQUIRED, BOURSE_TYPE_NULL, NULL, "1", "40", NULL,
                    "Market, such as BTCUSDT.");
BOURSE_MARKET_PARAM(bourse_order_book_param_depth, "depth", BOURSE_TYPE_I64, 0, BOURSE_TYPE_NULL,
                    "100", "1", "5000", NULL, "Levels of each side.");
BOURSE_MARKET_FIELD(bourse_order_book_side, "side", BOURSE_TYPE_TEXT, 0, "Side", NULL,
                    "\"bid\" or \"ask\"");
BOURSE_MARKET_FIELD(bourse_order_book_price, "price", BOURSE_TYPE_DECIMAL, 8, "Price", "quote",
                    "price of the level");
BOURSE_MARKET_FIELD(bourse_order_book_quantity, "quantity", BOURSE_TYPE_DECIMAL, 8, "Quantity",
                    "base", "quantity at that price");
BOURSE_MARKET_LIST(bourse_param, bourse_order_book_params) = {&bourse_order_book_param_symbol,
                                                              &bourse_order_book_param_depth};
BOURSE_MARKET_LIST(bourse_field, bourse_order_book_fields) = {
    &bourse_order_book_side, &bourse_order_book_price, &bourse_order_book_quantity};
BOURSE_MARKET_CONSTANT bourse_dataset bourse_order_book = {
    sizeof(bourse_dataset),
    0,
    "order_book",
    NULL,
    BOURSE_MARKET_COUNT(bourse_order_book_params),
    bourse_order_book_params,
    BOURSE_MARKET_COUNT(bourse_order_book_fields),
    bourse_order_book_fields};

/* trades.
   The newest trades of one symbol, oldest first. */
BOURSE_MARKET_PARAM(bourse_trades_param_symbol, "symbol", BOURSE_TYPE_TEXT, BOURSE_PARAM_REQUIRED,
                    BOURSE_TYPE_NULL, NULL, "1", "40", NULL, "Market, such as BTCUSDT.");
BOURSE_MARKET_PARAM(bourse_trades_param_limit, "limit", BOURSE_TYPE_I64, 0, BOURSE_TYPE_NULL, "500",
                    "1", "1000", NULL, "Number of trades.");
BOURSE_MARKET_FIELD(bourse_trades_id, "id", BOURSE_TYPE_I64, 0, "Trade", NULL, "ascending");
BOURSE_MARKET_FIELD(bourse_trades_time, "time", BOURSE_TYPE_TIME, 0, "Time", NULL,
                    "time of the trade");
BOURSE_MARKET_FIELD(bourse_trades_price, "price", BOURSE_TYPE_DECIMAL, 8, "Price", "quote",
                    "price");
BOURSE_MARKET_FIELD(bourse_trades_quantity, "quantity", BOURSE_TYPE_DECIMAL, 8, "Quantity", "base",
                    "quantity");
BOURSE_MARKET_FIELD(bourse_trades_quote_quantity, "quote_quantity", BOURSE_TYPE_DECIMAL, 8, "Value",
                    "quote", "price x quantity");
BOURSE_MARKET_FIELD(bourse_trades_buyer_is_maker, "buyer_is_maker", BOURSE_TYPE_BOOL, 0,
                    "Buyer is maker", NULL, "true: a seller took the price");
BOURSE_MARKET_LIST(bourse_param, bourse_trades_params) = {&bourse_trades_param_symbol,
                                                          &bourse_trades_param_limit};
BOURSE_MARKET_LIST(bourse_field, bourse_trades_fields) = {
    &bourse_trades_id,       &bourse_trades_time,           &bourse_trades_price,
    &bourse_trades_quantity, &bourse_trades_quote_quantity, &bourse_trades_buyer_is_maker};
BOURSE_MARKET_CONSTANT bourse_dataset bourse_trades = {sizeof(bourse_dataset),
                                                       0,
                                                       "trades",
                                                       NULL,
                                                       BOURSE_MARKET_COUNT(bourse_trades_params),
                                                       bourse_trades_params,
                                                       BOURSE_MARKET_COUNT(bourse_trades_fields),
                                                       bourse_trades_fields};

/* symbols.
   Trading rules, one row a symbol; all symbols when none are named. Unknown symbols as in
   ticker_24h. A rule that is switched off is null. */
BOURSE_MARKET_PARAM(bourse_symbols_param_symbols, "symbols", BOURSE_TYPE_LIST, 0, BOURSE_TYPE_TEXT,
                    NULL, "1", "500", NULL, "Markets; all when not given.");
BOURSE_MARKET_FIELD(bourse_symbols_symbol, "symbol", BOURSE_TYPE_TEXT, 0, "Symbol", NULL, "market");
BOURSE_MARKET_FIELD(bourse_symbols_status, "status", BOURSE_TYPE_TEXT, 0, "Status", NULL,
                    "TRADING, HALT, BREAK, ...; others may appear");
BOURSE_MARKET_FIELD(bourse_symbols_base_asset, "base_asset", BOURSE_TYPE_TEXT, 0, "Base asset",
                    NULL, "what is traded");
BOURSE_MARKET_FIELD(bourse_symbols_quote_asset, "quote_asset", BOURSE_TYPE_TEXT, 0, "Quote asset",
                    NULL, "what prices are counted in");
BOURSE_MARKET_FIELD(bourse_symbols_tick_size, "tick_size", BOURSE_TYPE_DECIMAL, 8, "Tick size",
                    "quote", "step of prices");
BOURSE_MARKET_FIELD(bourse_symbols_lot_step, "lot_step", BOURSE_TYPE_DECIMAL, 8, "Lot step", "base",
                    "step of quantities");
BOURSE_MARKET_FIELD(bourse_symbols_minimum_quantity, "minimum_quantity", BOURSE_TYPE_DECIMAL, 8,
                    "Minimum quantity", "base", "of an order");
BOURSE_MARKET_FIELD(bourse_symbols_maximum_quantity, "maximum_quantity", BOURSE_TYPE_DECIMAL, 8,
                    "Maximum quantity", "base", "of an order");
BOURSE_MARKET_FIELD(bourse_symbols_minimum_notional, "minimum_notional", BOURSE_TYPE_DECIMAL, 8,
                    "Minimum notional", "quote", "price x quantity of an order");
BOURSE_MARKET_FIELD(bourse_symbols_order_types, "order_types", BOURSE_TYPE_TEXT, 0, "Order types",
                    NULL, "separated by blanks: \"LIMIT MARKET\"");
BOURSE_MARKET_LIST(bourse_param, bourse_symbols_params) = {&bourse_symbols_param_symbols};
BOURSE_MARKET_LIST(bourse_field, bourse_symbols_fields) = {
    &bourse_symbols_symbol,           &bourse_symbols_status,
    &bourse_symbols_base_asset,       &bourse_symbols_quote_asset,
    &bourse_symbols_tick_size,        &bourse_symbols_lot_step,
    &bourse_symbols_minimum_quantity, &bourse_symbols_maximum_quantity,
    &bourse_symbols_minimum_notional, &bourse_symbols_order_types};
BOURSE_MARKET_CONSTANT bourse_dataset bourse_symbols = {sizeof(bourse_dataset),
                                                        0,
                                                        "symbols",
                                                        NULL,
                                                        BOURSE_MARKET_COUNT(bourse_symbols_params),
                                                        bourse_symbols_params,
                                                        BOURSE_MARKET_COUNT(bourse_symbols_fields),
                                                        bourse_symbols_fields};

/* account.
   Balances of the account whose key the source holds, one row an asset that is not zero. Meta:
   account_type (text), can_trade, can_withdraw, can_deposit (bool), permissions (text, separated by
   blanks), maker_commission, taker_commission (decimal fractions). */
BOURSE_MARKET_FIELD(bourse_account_asset, "asset", BOURSE_TYPE_TEXT, 0, "Asset", NULL,
                    "such as BTC");
BOURSE_MARKET_FIELD(bourse_account_free, "free", BOURSE_TYPE_DECIMAL, 8, "Free", "asset",
                    "available");
BOURSE_MARKET_FIELD(bourse_account_locked, "locked", BOURSE_TYPE_DECIMAL, 8, "Locked", "asset",
                    "held by open orders");
BOURSE_MARKET_LIST(bourse_field, bourse_account_fields) = {
    &bourse_account_asset, &bourse_account_free, &bourse_account_locked};
BOURSE_MARKET_CONSTANT bourse_dataset bourse_account = {sizeof(bourse_dataset),
                                                        BOURSE_DATASET_PRIVATE,
                                                        "account",
                                                        NULL,
                                                        0,
                                                        NULL,
                                                        BOURSE_MARKET_COUNT(bourse_account_fields),
                                                        bourse_account_fields};

#endif
