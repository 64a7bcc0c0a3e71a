// SPDX-License-Identifier: MIT
#include "plugins/analyses/market_statistics/statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bourse::market_statistics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Decimal decimal(const char* text) { return Decimal::from(text); }

TEST(Volatility, IsTheRangeInPercentOfTheLow) {
  EXPECT_EQ(volatility_percent(decimal("110"), decimal("100")), 10.0);
  EXPECT_EQ(volatility_percent(decimal("0.00000003"), decimal("0.00000002")), 50.0);
  EXPECT_EQ(volatility_percent(decimal("5"), decimal("5")), 0.0);
  // The difference is exact though both prices round to the same double.
  EXPECT_NEAR(volatility_percent(decimal("100000000000000000.00000001"),
                                 decimal("100000000000000000.00000000")),
              1e-23, 1e-38);
}

// Expected: Python's statistics.mean and statistics.stdev of the same lists.
TEST(Summary, IsThatOfPythonsStatistics) {
  const std::vector<Movement> markets = {
      {2.345, 4.1}, {-1.25, 6.5}, {0.0, 2.25}, {7.891, 11.75}, {-0.004, 0.5}};
  const Summary s = summarize(markets);
  EXPECT_DOUBLE_EQ(s.average_change.value(), 1.7964);
  EXPECT_EQ(s.max_change, 7.891);
  EXPECT_EQ(s.min_change, -1.25);
  EXPECT_DOUBLE_EQ(s.average_volatility.value(), 5.02);
  EXPECT_EQ(s.max_volatility, 11.75);
  EXPECT_EQ(s.min_volatility, 0.5);
  EXPECT_EQ(s.advancers, 2u);
  EXPECT_EQ(s.decliners, 2u);
  EXPECT_EQ(s.unchanged, 1u);
  EXPECT_EQ(s.breadth, 0.0);
  EXPECT_DOUBLE_EQ(s.change_deviation.value(), 3.646716235190229);
}

TEST(Summary, OfOneMarketHasNoDeviation) {
  const Summary s = summarize(std::vector<Movement>{{1.5, 3.0}});
  EXPECT_EQ(s.average_change, 1.5);
  EXPECT_EQ(s.breadth, 1.0);
  EXPECT_EQ(s.change_deviation, std::nullopt);
}

TEST(Summary, OfNoMarketIsAbsentNotZero) {
  const Summary s = summarize({});
  EXPECT_FALSE(s.average_change || s.max_change || s.min_change || s.average_volatility ||
               s.max_volatility || s.min_volatility || s.breadth || s.change_deviation);
}

TEST(Summary, DividesTheDeviationByOneLess) {
  // By hand: 1 and 3 around 2: sqrt((1 + 1) / 1).
  EXPECT_DOUBLE_EQ(summarize(std::vector<Movement>{{1, 1}, {3, 1}}).change_deviation.value() *
                       summarize(std::vector<Movement>{{1, 1}, {3, 1}}).change_deviation.value(),
                   2.0);
}

TEST(Words, ChangeAtTheirBounds) {
  EXPECT_EQ(sentiment(0.049), "neutral");
  EXPECT_EQ(sentiment(-0.049), "neutral");
  EXPECT_EQ(sentiment(0.05), "bullish");
  EXPECT_EQ(sentiment(-0.05), "bearish");
  EXPECT_EQ(regime(5.0), "normal_volatility");
  EXPECT_EQ(regime(5.01), "high_volatility");
  EXPECT_EQ(uniformity(1.99), "uniform");
  EXPECT_EQ(uniformity(2.0), "divergent");
}

TEST(Rankings, KeepTheOrderOfEquals) {
  const std::vector<double> keys = {1, 5, 3, 5, -2};
  EXPECT_THAT(largest(keys, 3), ElementsAre(1, 3, 2));
  EXPECT_THAT(smallest(keys, 2), ElementsAre(4, 0));
  EXPECT_THAT(largest(keys, 20), ElementsAre(1, 3, 2, 0, 4));
  EXPECT_THAT(largest({}, 3), IsEmpty());
}

TEST(QuoteVolumes, AreSummedExactlyAndEachAssetApart) {
  const std::vector<Traded> traded = {{"USDT", decimal("123456789012345.00000001")},
                                      {"BTC", decimal("0.5")},
                                      {"USDT", decimal("0.00000002")},
                                      {"BTC", decimal("0.25")},
                                      {"USDT", decimal("1")}};
  const auto sums = sum_by_quote_asset(traded);
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums[0].quote_asset, "USDT");
  EXPECT_EQ(sums[0].total.text(), "123456789012346.00000003");
  EXPECT_EQ(sums[0].symbols, 3u);
  EXPECT_EQ(sums[1].quote_asset, "BTC");
  EXPECT_EQ(sums[1].total.text(), "0.75");
  EXPECT_THAT(sum_by_quote_asset({}), IsEmpty());
}

}  // namespace
}  // namespace bourse::market_statistics
