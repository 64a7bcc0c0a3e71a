// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/endpoints.hpp"

#include <gtest/gtest.h>

namespace bourse::binance {
namespace {

// Expected: the exchange's documentation, by endpoint, as of 2026-07-21.
TEST(Weight, IsFixedForMostEndpoints) {
  using E = Endpoint;
  const std::pair<Endpoint, int> fixed[] = {{E::kPing, 1},
                                            {E::kTime, 1},
                                            {E::kExchangeInfo, 20},
                                            {E::kTrades, 25},
                                            {E::kAggTrades, 4},
                                            {E::kKlines, 2},
                                            {E::kUiKlines, 2},
                                            {E::kAvgPrice, 2},
                                            {E::kAccount, 20},
                                            {E::kAccountCommission, 20},
                                            {E::kRateLimitOrder, 40},
                                            {E::kHistoricalTrades, 25}};
  for (const auto& [endpoint, weight] : fixed) {
    EXPECT_EQ(weight_of(endpoint, {}), weight) << info_of(endpoint).path;
  }
}

TEST(Weight, OfDepthGrowsWithTheLimit) {
  const std::pair<int, int> steps[] = {{1, 5},    {100, 5},   {101, 25},   {500, 25},
                                       {501, 50}, {1000, 50}, {1001, 250}, {5000, 250}};
  for (const auto& [limit, weight] : steps) {
    EXPECT_EQ(weight_of(Endpoint::kDepth, {.limit = limit}), weight) << limit;
  }
  EXPECT_EQ(weight_of(Endpoint::kDepth, {}), 5);
}

TEST(Weight, OfTicker24hGrowsInStepsWithTheNumberOfSymbols) {
  const auto weight = [](std::size_t symbols) {
    return weight_of(Endpoint::kTicker24h, {.symbols = symbols});
  };
  EXPECT_EQ(weight_of(Endpoint::kTicker24h, {.symbol = true}), 2);
  EXPECT_EQ(weight(1), 2);
  EXPECT_EQ(weight(20), 2);
  EXPECT_EQ(weight(21), 40);
  EXPECT_EQ(weight(100), 40);
  EXPECT_EQ(weight(101), 80);
  EXPECT_EQ(weight_of(Endpoint::kTicker24h, {}), 80);
}

TEST(Weight, OfPricesIsTwoForOneSymbolAndFourOtherwise) {
  for (const Endpoint endpoint : {Endpoint::kTickerPrice, Endpoint::kTickerBook}) {
    EXPECT_EQ(weight_of(endpoint, {.symbol = true}), 2);
    EXPECT_EQ(weight_of(endpoint, {.symbols = 1}), 4);
    EXPECT_EQ(weight_of(endpoint, {}), 4);
  }
}

TEST(Weight, OfRollingTickersIsFourEachUpTo200) {
  for (const Endpoint endpoint : {Endpoint::kTickerRolling, Endpoint::kTickerTradingDay}) {
    EXPECT_EQ(weight_of(endpoint, {.symbol = true}), 4);
    EXPECT_EQ(weight_of(endpoint, {.symbols = 49}), 196);
    EXPECT_EQ(weight_of(endpoint, {.symbols = 50}), 200);
    EXPECT_EQ(weight_of(endpoint, {.symbols = 100}), 200);
  }
}

TEST(Weight, OfSomeSignedCallsDependsOnWhatIsAsked) {
  EXPECT_EQ(weight_of(Endpoint::kOrderTest, {}), 1);
  EXPECT_EQ(weight_of(Endpoint::kOrderTest, {.commission_rates = true}), 20);
  EXPECT_EQ(weight_of(Endpoint::kMyTrades, {}), 20);
  EXPECT_EQ(weight_of(Endpoint::kMyTrades, {.order_id = true}), 5);
}

TEST(Endpoints, SignedOnesAreNotOnTheDataHost) {
  for (std::size_t i = 0; i < kEndpoints; ++i) {
    const EndpointInfo& info = info_of(static_cast<Endpoint>(i));
    EXPECT_FALSE(info.is_signed && info.on_data_host) << info.path;
    EXPECT_EQ(info.path.substr(0, 8), "/api/v3/");
  }
}

}  // namespace
}  // namespace bourse::binance
