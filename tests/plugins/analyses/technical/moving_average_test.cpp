// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/moving_average.hpp"

#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

// StockCharts ChartSchool, "Moving Averages - Simple and Exponential", spreadsheet cs-movavg.
const Doubles kChartSchool = {
    22.2734, 22.1940, 22.0847, 22.1741, 22.1840, 22.1344, 22.2337, 22.4323, 22.2436, 22.2933,
    22.1542, 22.3926, 22.3816, 22.6109, 23.3558, 24.0519, 23.7530, 23.8324, 23.9516, 23.6338,
    23.8225, 23.8722, 23.6537, 23.1870, 23.0976, 23.3260, 22.6805, 23.0976, 22.4025, 22.1725};

Doubles simple(const Doubles& values, std::size_t period) {
  Doubles out(values.size());
  simple_moving_average(values, period, out);
  return out;
}
Doubles exponential(const Doubles& values, std::size_t period) {
  Doubles out(values.size());
  exponential_moving_average(values, period, out);
  return out;
}

TEST(SimpleMovingAverage, IsThatOfChartSchool) {
  expect_published(simple(kChartSchool, 10),
                   {22.22, 22.21, 22.23, 22.26, 22.31, 22.42, 22.61, 22.77, 22.91, 23.08, 23.21,
                    23.38, 23.53, 23.65, 23.71, 23.69, 23.61, 23.51, 23.43, 23.28, 23.13},
                   2);
}

TEST(ExponentialMovingAverage, IsThatOfChartSchoolSeededWithTheMeanOfItsFirstWindow) {
  expect_published(exponential(kChartSchool, 10),
                   {22.22475, 22.21192, 22.24477, 22.26965, 22.33170, 22.51790, 22.79681,
                    22.97066, 23.12734, 23.27721, 23.34204, 23.42940, 23.50991, 23.53605,
                    23.47259, 23.40441, 23.39015, 23.26112, 23.23139, 23.08068, 22.91556},
                   5);
}

TEST(SimpleMovingAverage, OfOneValueIsTheValue) {
  EXPECT_EQ(simple(kChartSchool, 1), kChartSchool);
  EXPECT_EQ(exponential(kChartSchool, 1), kChartSchool);
}

TEST(SimpleMovingAverage, OfFewerRowsThanItsPeriodIsUndefined) {
  expect_published(simple({1, 2, 3}, 4), {}, 0);
  expect_published(exponential({1, 2, 3}, 4), {}, 0);
  expect_published(simple({1, 2, 3}, 3), {2}, 9);
  expect_published(exponential({1, 2, 3}, 3), {2}, 9);
  EXPECT_TRUE(simple({}, 4).empty());
  EXPECT_TRUE(exponential({}, 4).empty());
}

TEST(SimpleMovingAverage, OfAFlatSeriesIsExactlyItsValue) {
  const Doubles flat(50, 0.1);  // 0.1 + 0.1 + 0.1 is not 0.3 in binary
  for (const std::size_t period : {3u, 7u, 20u}) {
    EXPECT_EQ(simple(flat, period).back(), 0.1);
    EXPECT_EQ(exponential(flat, period).back(), 0.1);
  }
}

TEST(SimpleMovingAverage, ForgetsAHugePriceAsSoonAsItLeavesTheWindow) {
  // A running sum that adds and subtracts would keep an error of about 0.01 for ever.
  Doubles values = {1e14};
  values.resize(100, 0.1);
  EXPECT_EQ(simple(values, 5)[5], 0.1);
  EXPECT_EQ(simple(values, 5)[99], 0.1);
}

}  // namespace
}  // namespace bourse::technical
