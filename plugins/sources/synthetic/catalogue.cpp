// SPDX-License-Identifier: MIT
#include "plugins/sources/synthetic/catalogue.hpp"

#include <array>

namespace bourse::synthetic {
namespace {

constexpr std::int64_t kUnit = 100'000'000;

/// A market that moves on its own.
constexpr Listing market(std::string_view symbol, std::string_view base, std::string_view quote,
                         std::int64_t price_e8, std::int64_t tick_e8, std::int64_t lot_e8,
                         std::int64_t deviation, std::int64_t loading, std::int64_t daily_value,
                         std::int64_t trade_value, std::int64_t spread, std::int64_t max_quantity,
                         std::int64_t first_day, std::int64_t end = 0) {
  return {symbol,    base,      quote,   price_e8,    tick_e8,
          lot_e8,    deviation, loading, daily_value, trade_value * kUnit,
          spread,    {},        {},      5 * kUnit,   max_quantity,
          first_day, end};
}

/// One market in terms of another.
constexpr Listing cross(std::string_view symbol, std::string_view base, std::string_view quote,
                        std::string_view numerator, std::string_view denominator,
                        std::int64_t tick_e8, std::int64_t lot_e8, std::int64_t daily_value,
                        std::int64_t trade_value_e8, std::int64_t notional_e8,
                        std::int64_t max_quantity, std::int64_t first_day) {
  return {symbol,   base,      quote,       0,           tick_e8,
          lot_e8,   0,         0,           daily_value, trade_value_e8,
          1,        numerator, denominator, notional_e8, max_quantity,
          first_day};
}

// clang-format off
constexpr std::array kListings = {
    //     symbol      base    quote    price e8           tick e8    lot e8       dev  load daily value    trade spread max  day
    market("BTCUSDT",  "BTC",  "USDT",  9'700'000'000'000, 1'000'000, 1'000,       250, 93, 2'000'000'000,  1100, 1, 9'000, 0),
    market("ETHUSDT",  "ETH",  "USDT",    340'000'000'000, 1'000'000, 10'000,      330, 88, 1'200'000'000,   700, 1, 9'000, 0),
    market("BNBUSDT",  "BNB",  "USDT",     65'000'000'000, 1'000'000, 100'000,     280, 75,   200'000'000,   350, 3, 9'000, 0),
    market("ADAUSDT",  "ADA",  "USDT",         95'000'000,    10'000, 10'000'000,  420, 72,   150'000'000,   220, 1, 900'000, 0),
    market("XRPUSDT",  "XRP",  "USDT",        230'000'000,    10'000, 10'000'000,  420, 66,   500'000'000,   300, 1, 9'222'449, 2),
    market("SOLUSDT",  "SOL",  "USDT",     19'500'000'000, 1'000'000, 100'000,     460, 74,   600'000'000,   350, 1, 90'000, 1),
    market("DOTUSDT",  "DOT",  "USDT",        700'000'000,   100'000, 1'000'000,   430, 74,    40'000'000,   160, 1, 90'000, 2),
    market("LINKUSDT", "LINK", "USDT",      2'200'000'000,   100'000, 1'000'000,   450, 72,    80'000'000,   180, 4, 90'000, 1),
    market("LTCUSDT",  "LTC",  "USDT",     10'500'000'000, 1'000'000, 100'000,     360, 74,    60'000'000,   190, 1, 90'000, 1),
    market("DOGEUSDT", "DOGE", "USDT",         33'000'000,     1'000, 100'000'000, 480, 70,   400'000'000,   260, 1, 9'000'000, 0),
    market("TRXUSDT",  "TRX",  "USDT",         25'000'000,    10'000, 10'000'000,  250, 50,    70'000'000,   240, 1, 9'000'000, 1),
    market("AVAXUSDT", "AVAX", "USDT",      3'700'000'000, 1'000'000, 1'000'000,   480, 75,    60'000'000,   170, 1, 90'000, 1),
    market("UNIUSDT",  "UNI",  "USDT",      1'300'000'000,   100'000, 1'000'000,   470, 68,    45'000'000,   160, 2, 90'000, 2),
    market("ATOMUSDT", "ATOM", "USDT",        650'000'000,   100'000, 1'000'000,   420, 72,    22'000'000,   140, 1, 90'000, 2),
    market("ETCUSDT",  "ETC",  "USDT",      2'600'000'000, 1'000'000, 1'000'000,   400, 72,    25'000'000,   150, 1, 90'000, 0),
    market("XLMUSDT",  "XLM",  "USDT",         36'000'000,    10'000, 100'000'000, 420, 64,    50'000'000,   180, 1, 900'000, 1),
    market("BCHUSDT",  "BCH",  "USDT",     44'000'000'000, 1'000'000, 100'000,     380, 72,    28'000'000,   180, 4, 9'000, 2),
    market("NEARUSDT", "NEAR", "USDT",        520'000'000,   100'000, 10'000'000,  490, 73,    40'000'000,   160, 1, 90'000, 0),
    market("FILUSDT",  "FIL",  "USDT",        500'000'000,   100'000, 1'000'000,   450, 72,    30'000'000,   150, 1, 90'000, 1),
    market("AAVEUSDT", "AAVE", "USDT",     31'000'000'000, 1'000'000, 100'000,     470, 70,    40'000'000,   210, 3, 9'000, 2),
    market("SHIBUSDT", "SHIB", "USDT",              2'150,         1, 100'000'000, 460, 70,   100'000'000,   230, 1, 46'116'860'414, 0),
    market("PEPEUSDT", "PEPE", "USDT",              1'850,         1, 100'000'000, 620, 66,   300'000'000,   280, 1, 92'141'578'741, 1),
    market("USDCUSDT", "USDC", "USDT",        100'010'000,    10'000, 100'000'000,   3,  0,   500'000'000,  1500, 1, 10'000'000, 2),
    market("PAXGUSDT", "PAXG", "USDT",    270'000'000'000, 1'000'000, 10'000,       95, 15,    10'000'000,   400, 9, 900, 0),
    market("EURUSDT",  "EUR",  "USDT",        104'000'000,    10'000, 10'000'000,   50, 20,    30'000'000,   420, 1, 900'000, 1),
    //    symbol     base   quote  legs                    tick e8    lot e8     daily value trade e8       notional e8 max  day
    cross("ETHBTC",  "ETH", "BTC", "ETHUSDT", "BTCUSDT",       1'000, 100'000,           600,    1'500'000,     10'000, 9'000, 0),
    cross("BNBBTC",  "BNB", "BTC", "BNBUSDT", "BTCUSDT",         100, 1'000'000,         120,      600'000,     10'000, 9'000, 1),
    cross("SOLBTC",  "SOL", "BTC", "SOLUSDT", "BTCUSDT",         100, 1'000'000,          90,      500'000,     10'000, 90'000, 2),
    cross("BTCEUR",  "BTC", "EUR", "BTCUSDT", "EURUSDT",   1'000'000, 1'000,      40'000'000, 600 * kUnit, 5 * kUnit, 9'000, 1),
    // Not ASCII; and one that stopped trading, 2024-02-20T03:00:00Z.
    market("币安人生USDT", "币安人生", "USDT",  15'000'000,    10'000, 10'000'000,  700, 55,    30'000'000,   210, 1, 9'000'000, 2),
    market("XMRUSDT",  "XMR",  "USDT",     16'000'000'000, 10'000'000, 100'000,    350, 60,    30'000'000,   200, 1, 9'000, 1, 1'708'398'000),
};
// clang-format on

constexpr bool all_products_have_eight_decimals() {
  for (const Listing& l : kListings) {
    if (l.tick_e8 * l.lot_e8 % kUnit != 0) return false;
  }
  return true;
}
static_assert(all_products_have_eight_decimals(), "a tick times a lot has more than 8 decimals");

}  // namespace

std::span<const Listing> catalogue() noexcept { return kListings; }

}  // namespace bourse::synthetic
