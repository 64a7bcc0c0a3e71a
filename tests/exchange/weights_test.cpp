// SPDX-License-Identifier: MIT
//
// What every request costs, by the documents' table, right or wrong.
#include "tests/exchange/fixture.hpp"

namespace bourse::fake_exchange::test {
namespace {

/// '["S0","S1",...]', percent-encoded.
std::string names(int count) {
  std::string out = "%5B";
  for (int i = 0; i < count; ++i) {
    out += (i == 0 ? "%22S" : "%2C%22S") + std::to_string(i) + "%22";
  }
  return out + "%5D";
}

struct Weight {
  std::string target;
  std::int64_t weight;
};

TEST(Weights, OfPublicRequestsAreDocumented) {
  const Standing s;
  const std::vector<Weight> table = {
      {"ping", 1},
      {"time", 1},
      {"exchangeInfo", 20},
      {"exchangeInfo?symbol=BTCUSDT", 20},
      {"depth?symbol=BTCUSDT", 5},
      {"depth?symbol=BTCUSDT&limit=1", 5},
      {"depth?symbol=BTCUSDT&limit=100", 5},
      {"depth?symbol=BTCUSDT&limit=101", 25},
      {"depth?symbol=BTCUSDT&limit=500", 25},
      {"depth?symbol=BTCUSDT&limit=501", 50},
      {"depth?symbol=BTCUSDT&limit=1000", 50},
      {"depth?symbol=BTCUSDT&limit=1001", 250},
      {"depth?symbol=BTCUSDT&limit=5000", 250},
      {"trades?symbol=BTCUSDT", 25},
      {"historicalTrades?symbol=BTCUSDT", 25},
      {"historicalBlockTrades?symbol=BTCUSDT&fromId=0", 25},
      {"aggTrades?symbol=BTCUSDT&limit=1", 4},
      {"klines?symbol=BTCUSDT&interval=1h&limit=1000", 2},
      {"uiKlines?symbol=BTCUSDT&interval=1h&limit=1", 2},
      {"avgPrice?symbol=BTCUSDT", 2},
      {"ticker/24hr?symbol=BTCUSDT", 2},
      {"ticker/24hr?symbols=" + names(1), 2},
      {"ticker/24hr?symbols=" + names(20), 2},
      {"ticker/24hr?symbols=" + names(21), 40},
      {"ticker/24hr?symbols=" + names(100), 40},
      {"ticker/24hr?symbols=" + names(101), 80},
      {"ticker/24hr", 80},
      {"ticker/tradingDay?symbol=BTCUSDT", 4},
      {"ticker/tradingDay?symbols=" + names(3), 12},
      {"ticker/tradingDay?symbols=" + names(50), 200},
      {"ticker/tradingDay?symbols=" + names(51), 200},
      {"ticker?symbols=" + names(2), 8},
      {"ticker/price?symbol=BTCUSDT", 2},
      {"ticker/price?symbols=" + names(1), 4},
      {"ticker/price", 4},
      {"ticker/bookTicker?symbol=BTCUSDT", 2},
      {"ticker/bookTicker", 4},
      {"executionRules?symbol=BTCUSDT", 2},
      {"executionRules?symbols=" + names(3), 6},
      {"executionRules?symbols=" + names(30), 40},
      {"executionRules", 40},
      {"referencePrice?symbol=BTCUSDT", 2},
      {"referencePrice/calculation?symbol=BTCUSDT", 2},
  };
  std::int64_t used = 0;
  for (const auto& [target, weight] : table) {
    get(s.exchange, "/api/v3/" + target);
    EXPECT_EQ(s.exchange.used_weight() - used, weight) << target;
    used = s.exchange.used_weight();
  }
}

TEST(Weights, OfSignedRequestsAreDocumented) {
  const Standing s;
  const std::vector<Weight> table = {{"account", 20},
                                     {"account/commission?symbol=BTCUSDT", 20},
                                     {"myTrades?symbol=BTCUSDT&limit=1", 20},
                                     {"myTrades?symbol=BTCUSDT&orderId=7", 5},
                                     {"rateLimit/order", 40}};
  std::int64_t used = 0;
  for (const auto& [target, weight] : table) {
    const std::size_t mark = std::min(target.find('?'), target.size());
    const Answer answer = signed_get(s.exchange, "/api/v3/" + target.substr(0, mark),
                                     target.substr(std::min(mark + 1, target.size())));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(s.exchange.used_weight() - used, weight) << target;
    used = s.exchange.used_weight();
  }
}

TEST(Weights, OfAnOrderTestDependOnTheCommissionRates) {
  const Standing s;
  const std::string order =
      "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&timestamp=" + std::to_string(kNoonMs);
  ASSERT_EQ(signed_post(s.exchange, "/api/v3/order/test", order, "").status, 200);
  EXPECT_EQ(s.exchange.used_weight(), 1);
  ASSERT_EQ(
      signed_post(s.exchange, "/api/v3/order/test", order, "computeCommissionRates=true").status,
      200);
  EXPECT_EQ(s.exchange.used_weight(), 21);
}

TEST(Weights, AreChargedForWhatIsRefused) {
  const Standing s;
  EXPECT_EQ(get(s.exchange, "/api/v3/depth?symbol=NOPE&limit=5000").status, 400);
  EXPECT_EQ(s.exchange.used_weight(), 250);
  EXPECT_EQ(get(s.exchange, "/api/v3/account").status, 401);
  EXPECT_EQ(s.exchange.used_weight(), 270);
  EXPECT_EQ(signed_get(s.exchange, "/api/v3/account", "", kNoonMs - 60'000).status, 400);
  EXPECT_EQ(s.exchange.used_weight(), 290) << "the timestamp's check costs weight too";
}

TEST(Weights, AreNotChargedForUnknownPathsAndSwitches) {
  const Standing s;
  get(s.exchange, "/api/v3/nothing");
  get(s.exchange, "/_fake/state");
  EXPECT_EQ(s.exchange.used_weight(), 0);
}

}  // namespace
}  // namespace bourse::fake_exchange::test
