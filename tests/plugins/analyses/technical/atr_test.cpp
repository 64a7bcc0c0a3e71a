// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/atr.hpp"

#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

Doubles atr(const Doubles& highs, const Doubles& lows, const Doubles& closes, std::size_t period) {
  Doubles out(closes.size());
  average_true_range(highs, lows, closes, period, out);
  return out;
}

// StockCharts ChartSchool, "Average True Range", spreadsheet cs-atr: QQQQ, April and May 2010. Its
// inputs are printed with 2 or 3 decimals, so its results can be had to about 4.
TEST(Atr, IsThatOfChartSchool) {
  const Doubles highs = {48.70, 48.72, 48.90, 48.87, 48.82, 49.05, 49.20, 49.35, 49.92, 50.19,
                         50.12, 49.66, 49.88, 50.19, 50.36, 50.57, 50.65, 50.43, 49.63, 50.33,
                         50.29, 50.17, 49.32, 48.50, 48.32, 46.80, 47.80, 48.39, 48.66, 48.79};
  const Doubles lows = {47.790, 48.140, 48.390, 48.370, 48.240, 48.635, 48.940, 48.860,
                        49.500, 49.870, 49.200, 48.900, 49.430, 49.725, 49.260, 50.090,
                        50.300, 49.210, 48.980, 49.610, 49.200, 49.430, 48.080, 47.640,
                        41.550, 44.283, 47.310, 47.200, 47.900, 47.730};
  const Doubles closes = {48.160, 48.610, 48.750, 48.630, 48.740, 49.030, 49.070, 49.320,
                          49.910, 50.130, 49.530, 49.500, 49.750, 50.030, 50.310, 50.520,
                          50.410, 49.340, 49.370, 50.230, 49.238, 49.930, 48.430, 48.180,
                          46.570, 45.410, 47.770, 47.720, 48.620, 47.850};
  expect_published(
      atr(highs, lows, closes, 14),
      {0.555000, 0.593929, 0.585791, 0.568949, 0.615452, 0.617920, 0.642354, 0.674329, 0.692770,
       0.775429, 0.781470, 1.209229, 1.302620, 1.380290, 1.366698, 1.336219, 1.316482},
      4);
}

TEST(Atr, CountsGapsBetweenCandles) {
  // By hand: ranges 1, then 12 - 10.5 (gap up), then 11.5 - 5 (gap down); means of 3 and 1.
  const Doubles highs = {11, 12, 6}, lows = {10, 11.25, 5}, closes = {10.5, 11.5, 5.5};
  expect_published(atr(highs, lows, closes, 3), {(1 + 1.5 + 6.5) / 3}, 12);
  expect_published(atr(highs, lows, closes, 1), {1, 1.5, 6.5}, 12);
}

TEST(Atr, OfAFlatSeriesIsZeroAndOfAConstantRangeThatRange) {
  EXPECT_EQ(atr(Doubles(30, 0.1), Doubles(30, 0.1), Doubles(30, 0.1), 14).back(), 0.0);
  EXPECT_EQ(atr(Doubles(30, 3), Doubles(30, 1), Doubles(30, 2), 14).back(), 2.0);
}

TEST(Atr, OfTooFewRowsIsUndefined) {
  expect_published(atr(Doubles(13, 3), Doubles(13, 1), Doubles(13, 2), 14), {}, 0);
  EXPECT_TRUE(atr({}, {}, {}, 14).empty());
}

}  // namespace
}  // namespace bourse::technical
