// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/bollinger.hpp"

#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

struct Bands {
  Doubles upper, middle, lower, percent_b, bandwidth;
};
Bands bands(const Doubles& values, std::size_t period = 20, double deviations = 2) {
  const std::size_t rows = values.size();
  Bands out{Doubles(rows), Doubles(rows), Doubles(rows), Doubles(rows), Doubles(rows)};
  bollinger_bands(values, period, deviations,
                  {.upper = out.upper,
                   .middle = out.middle,
                   .lower = out.lower,
                   .percent_b = out.percent_b,
                   .bandwidth = out.bandwidth});
  return out;
}

// StockCharts ChartSchool, "Bollinger Bands", spreadsheet cs-bbands.
TEST(Bollinger, IsThatOfChartSchool) {
  const Bands out =
      bands({86.1557, 89.0867, 88.7829, 90.3228, 89.0671, 91.1453, 89.4397, 89.1750, 86.9302,
             87.6752, 86.9596, 89.4299, 89.3221, 88.7241, 87.4497, 87.2634, 89.4985, 87.9006,
             89.1260, 90.7043, 92.9001, 92.9784, 91.8021, 92.6647, 92.6843, 92.3021, 92.7725,
             92.5373, 92.9490, 93.2039, 91.0669, 89.8318, 89.7435, 90.3994, 90.7387, 88.0177,
             88.0867, 88.8439, 90.7781, 90.5416, 91.3894, 90.6500});
  expect_published(out.middle, {88.71, 89.05, 89.24, 89.39, 89.51, 89.69, 89.75, 89.91,
                                90.08, 90.38, 90.66, 90.86, 90.88, 90.91, 90.99, 91.15,
                                91.19, 91.12, 91.17, 91.25, 91.24, 91.17, 91.05},
                   2);
  expect_published(out.upper, {91.29, 91.95, 92.61, 92.93, 93.31, 93.73, 93.90, 94.27,
                               94.57, 94.79, 95.04, 94.91, 94.90, 94.90, 94.86, 94.67,
                               94.56, 94.68, 94.58, 94.53, 94.53, 94.37, 94.15},
                   2);
  expect_published(out.lower, {86.12, 86.14, 85.87, 85.85, 85.70, 85.65, 85.59, 85.56,
                               85.60, 85.98, 86.27, 86.82, 86.87, 86.91, 87.12, 87.63,
                               87.83, 87.56, 87.76, 87.97, 87.95, 87.96, 87.95},
                   2);
}

TEST(Bollinger, DividesByThePeriodNotByOneLess) {
  // By hand: 2, 4, 4, 4, 5, 5, 7, 9 has mean 5 and a population deviation of exactly 2.
  const Bands out = bands({2, 4, 4, 4, 5, 5, 7, 9}, 8, 1.5);
  EXPECT_EQ(out.middle[7], 5.0);
  EXPECT_EQ(out.upper[7], 8.0);
  EXPECT_EQ(out.lower[7], 2.0);
  EXPECT_EQ(out.percent_b[7], (9.0 - 2.0) / 6.0);
  EXPECT_EQ(out.bandwidth[7], 120.0);
}

TEST(Bollinger, OfAFlatWindowHasNoWidthAndItsPriceInTheMiddle) {
  Doubles values = {5e7, 3.0};
  values.resize(60, 0.1);
  const Bands out = bands(values);
  EXPECT_EQ(out.upper.back(), 0.1);
  EXPECT_EQ(out.lower.back(), 0.1);
  EXPECT_EQ(out.bandwidth.back(), 0.0);
  EXPECT_EQ(out.percent_b.back(), 0.5);
  EXPECT_EQ(bands(Doubles(30, 0.0)).bandwidth.back(), 0.0);  // a market without trades
}

TEST(Bollinger, KeepsItsDigitsFarFromZero) {
  // Whole numbers around 2^40: their squares, summed as they are, would have no digit of the
  // variance left. Moving all of them by 2^40 is exact, so the deviation must not change.
  const Walk walk(300, 7, 1.0);
  Doubles moved;
  for (const double v : walk.closes) moved.push_back(v + std::ldexp(1.0, 40));
  const Bands near = bands(walk.closes, 20, 1), far = bands(moved, 20, 1);
  for (std::size_t row = 19; row < 300; ++row) {
    const double near_width = near.upper[row] - near.middle[row];
    EXPECT_NEAR(far.upper[row] - far.middle[row], near_width, 4e-4);  // 2^40's own last digit
    EXPECT_NEAR(far.percent_b[row], near.percent_b[row], 1e-4);
  }
}

TEST(Bollinger, OfTooFewRowsIsUndefined) {
  const Bands out = bands(Doubles(19, 1.0));
  expect_published(out.upper, {}, 0);
  expect_published(out.percent_b, {}, 0);
  expect_published(out.bandwidth, {}, 0);
}

}  // namespace
}  // namespace bourse::technical
