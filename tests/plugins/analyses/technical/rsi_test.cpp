// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/rsi.hpp"

#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

// StockCharts ChartSchool, "Relative Strength Index", spreadsheet cs-rsi: QQQQ, 14 days.
const Doubles kChartSchool = {44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955,
                              45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.6140, 46.2820,
                              46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122,
                              46.2521, 45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783,
                              44.2181, 44.5672, 43.4205, 42.6628, 43.1314};

Doubles wilder(const Doubles& closes, std::size_t period = 14) {
  Doubles out(closes.size());
  rsi_wilder(closes, period, out);
  return out;
}
Doubles cutler(const Doubles& closes, std::size_t period = 14) {
  Doubles out(closes.size());
  rsi_cutler(closes, period, out);
  return out;
}

TEST(Rsi, IsThatOfChartSchool) {
  expect_published(wilder(kChartSchool),
                   {70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71,
                    50.42, 39.99, 41.46, 41.87, 45.46, 37.30, 33.08, 37.77},
                   2);
}

TEST(Rsi, HasTheEightDigitsOfAnIndependentImplementation) {
  // PyAlgoTrade's test of the same data: 70.53278948 for the first value, 37.77295211 for the last.
  EXPECT_NEAR(wilder(kChartSchool)[14], 70.53278948, 5e-9);
  EXPECT_NEAR(wilder(kChartSchool).back(), 37.77295211, 5e-9);
}

TEST(Rsi, OfCutlerAveragesItsWindowOnly) {
  // By hand: changes +1 -1 +2 -3 +1; the windows of 3 hold gains 3, 2, 3 and losses 1, 4, 3.
  expect_published(cutler({10, 11, 10, 12, 9, 10}, 3), {75, 100.0 * 2 / 6, 50}, 9);
}

TEST(Rsi, BeginsAlikeInBothMethods) {
  EXPECT_DOUBLE_EQ(wilder(kChartSchool)[14], cutler(kChartSchool)[14]);
  EXPECT_NE(wilder(kChartSchool)[15], cutler(kChartSchool)[15]);
}

TEST(Rsi, AFlatSeriesIsNeutralNotNaN) {
  const Doubles flat(40, 0.1);
  EXPECT_EQ(wilder(flat).back(), 50.0);
  EXPECT_EQ(cutler(flat).back(), 50.0);
}

TEST(Rsi, OnlyGainsIsExactly100OnlyLossesExactly0) {
  Doubles rising, falling;
  for (int i = 1; i <= 60; ++i) {
    rising.push_back(0.1 * i);
    falling.push_back(10 - 0.1 * i);
  }
  for (std::size_t row = 14; row < rising.size(); ++row) {
    EXPECT_EQ(wilder(rising)[row], 100.0);
    EXPECT_EQ(cutler(rising)[row], 100.0);
    EXPECT_EQ(wilder(falling)[row], 0.0);
    EXPECT_EQ(cutler(falling)[row], 0.0);
  }
}

TEST(Rsi, OfCutlerForgetsALossThatLeftItsWindow) {
  Doubles closes = {1e15, 1.0};
  for (int i = 0; i < 40; ++i) closes.push_back(closes.back() + 0.1);
  EXPECT_LT(cutler(closes)[14], 1e-10);
  EXPECT_EQ(cutler(closes)[15], 100.0);
  EXPECT_EQ(cutler(closes).back(), 100.0);
}

TEST(Rsi, NeedsOneMoreCloseThanItsPeriod) {
  expect_published(wilder({1, 2, 3}, 3), {}, 0);
  expect_published(cutler({1, 2, 3}, 3), {}, 0);
  expect_published(wilder({1, 2, 3}, 2), {100}, 9);
  expect_published(cutler({1, 2, 3}, 2), {100}, 9);
  EXPECT_TRUE(wilder({}).empty());
  EXPECT_TRUE(cutler({}).empty());
}

TEST(Rsi, OfAMirroredSeriesIsMirrored) {
  Doubles mirrored;
  for (const double close : kChartSchool) mirrored.push_back(100 - close);
  for (std::size_t row = 14; row < mirrored.size(); ++row) {
    EXPECT_NEAR(wilder(mirrored)[row], 100 - wilder(kChartSchool)[row], 1e-9);
    EXPECT_NEAR(cutler(mirrored)[row], 100 - cutler(kChartSchool)[row], 1e-9);
  }
}

}  // namespace
}  // namespace bourse::technical
