// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/endpoints.hpp"

#include <algorithm>
#include <array>

namespace bourse::binance {
namespace {

template <int Weight>
int always(const Shape& /*shape*/) {
  return Weight;
}

int depth(const Shape& shape) {
  const int limit = shape.limit.value_or(100);
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
}

int ticker_24h(const Shape& shape) {
  if (shape.symbol) return 2;
  if (!shape.symbols) return 80;
  return *shape.symbols <= 20 ? 2 : *shape.symbols <= 100 ? 40 : 80;
}

int one_or_more(const Shape& shape) { return shape.symbol ? 2 : 4; }

int four_each(const Shape& shape) {
  return static_cast<int>(std::min<std::size_t>(4 * shape.symbols.value_or(1), 200));
}

int order_test(const Shape& shape) { return shape.commission_rates ? 20 : 1; }
int my_trades(const Shape& shape) { return shape.order_id ? 5 : 20; }

using E = Endpoint;
constexpr std::array<EndpointInfo, kEndpoints> kTable = {{
    {E::kPing, "GET", "/api/v3/ping", false, true, always<1>},
    {E::kTime, "GET", "/api/v3/time", false, true, always<1>},
    {E::kExchangeInfo, "GET", "/api/v3/exchangeInfo", false, true, always<20>},
    {E::kDepth, "GET", "/api/v3/depth", false, true, depth},
    {E::kTrades, "GET", "/api/v3/trades", false, true, always<25>},
    {E::kHistoricalTrades, "GET", "/api/v3/historicalTrades", false, false, always<25>},
    {E::kAggTrades, "GET", "/api/v3/aggTrades", false, true, always<4>},
    {E::kKlines, "GET", "/api/v3/klines", false, true, always<2>},
    {E::kUiKlines, "GET", "/api/v3/uiKlines", false, true, always<2>},
    {E::kAvgPrice, "GET", "/api/v3/avgPrice", false, true, always<2>},
    {E::kTicker24h, "GET", "/api/v3/ticker/24hr", false, true, ticker_24h},
    {E::kTickerTradingDay, "GET", "/api/v3/ticker/tradingDay", false, false, four_each},
    {E::kTickerPrice, "GET", "/api/v3/ticker/price", false, true, one_or_more},
    {E::kTickerBook, "GET", "/api/v3/ticker/bookTicker", false, true, one_or_more},
    {E::kTickerRolling, "GET", "/api/v3/ticker", false, true, four_each},
    {E::kAccount, "GET", "/api/v3/account", true, false, always<20>},
    {E::kAccountCommission, "GET", "/api/v3/account/commission", true, false, always<20>},
    {E::kOrderTest, "POST", "/api/v3/order/test", true, false, order_test},
    {E::kMyTrades, "GET", "/api/v3/myTrades", true, false, my_trades},
    {E::kRateLimitOrder, "GET", "/api/v3/rateLimit/order", true, false, always<40>},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].endpoint) != i) return false;
  }
  return true;
}
static_assert(in_order(), "kTable is indexed by Endpoint");

}  // namespace

const EndpointInfo& info_of(Endpoint endpoint) noexcept {
  return kTable[static_cast<std::size_t>(endpoint)];
}

}  // namespace bourse::binance
