// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/macd.hpp"

#include "plugins/analyses/technical/moving_average.hpp"
#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

struct Lines {
  Doubles macd, signal, histogram;
};
Lines lines(const Doubles& values, MacdPeriods periods) {
  const std::size_t rows = values.size();
  Lines out{Doubles(rows), Doubles(rows), Doubles(rows)};
  macd(values, periods, {.macd = out.macd, .signal = out.signal, .histogram = out.histogram});
  return out;
}

// Values that PyAlgoTrade's test says TA-Lib computed, periods 5, 13, 6. TA-Lib leaves out the
// first five of the MACD line, which it has but does not show.
const Doubles kValues = {16.39,   16.4999, 16.45, 16.43, 16.52, 16.51, 16.423, 16.41, 16.47,
                         16.45,   16.32,   16.36, 16.34, 16.59, 16.54, 16.52,  16.44, 16.47,
                         16.5,    16.45,   16.28, 16.07, 16.08, 16.1,  16.1,   16.09, 16.43,
                         16.4899, 16.59,   16.65, 16.78, 16.86, 16.86, 16.76};
const Doubles kMacd = {0.0067,  0.0106, 0.0028, -0.0342, -0.0937, -0.1214, -0.1276, -0.125, -0.1195,
                       -0.0459, 0.0097, 0.0601, 0.0975,  0.139,   0.1713,  0.1816,  0.1598};
const Doubles kSignal = {0.0036,  0.0056,  0.0048,  -0.0064, -0.0313, -0.057,
                         -0.0772, -0.0909, -0.0991, -0.0839, -0.0571, -0.0236,
                         0.011,   0.0475,  0.0829,  0.1111,  0.125};
const Doubles kHistogram = {0.0031,  0.005,   -0.002,  -0.0279, -0.0624, -0.0643,
                            -0.0504, -0.0342, -0.0205, 0.0379,  0.0668,  0.0838,
                            0.0865,  0.0914,  0.0884,  0.0705,  0.0348};

TEST(Macd, IsThatOfTaLib) {
  Lines out = lines(kValues, {.fast = 5, .slow = 13, .signal = 6});
  expect_published(out.signal, kSignal, 4);
  expect_published(out.histogram, kHistogram, 4);
  EXPECT_TRUE(std::isnan(out.macd[11]));
  EXPECT_FALSE(std::isnan(out.macd[12]));
  std::fill_n(out.macd.begin(), 17, std::nan(""));
  expect_published(out.macd, kMacd, 4);
}

TEST(Macd, BeginsWithTheDifferenceOfTwoMeansThatEndTogether) {
  // By hand, periods 2 and 4: mean(7, 9) - mean(1, 3, 7, 9) = 8 - 5.
  EXPECT_EQ(lines({1, 3, 7, 9}, {.fast = 2, .slow = 4, .signal = 1}).macd[3], 3.0);
}

TEST(Macd, IsTheDifferenceOfTheTwoAveragesOnceTheirSeedsAreForgotten) {
  const Walk walk(600);
  const Lines out = lines(walk.closes, {});
  Doubles fast(600), slow(600);
  exponential_moving_average(walk.closes, 12, fast);
  exponential_moving_average(walk.closes, 26, slow);
  for (std::size_t row = 300; row < 600; ++row) {
    EXPECT_NEAR(out.macd[row], fast[row] - slow[row], 1e-9);
  }
}

TEST(Macd, OfNearlyEqualPeriodsKeepsItsDigits) {
  // By hand, periods 199 and 200 from the two means on: whole numbers throughout. Where the mean of
  // 200 values is 1000 and the last 199 have it too, one value of 1000 + 201 x 100 makes fast rise
  // by 201 x 100 / 100 = 201 and slow by 2 / 201 x 201 x 100 = 200.
  Doubles values(200, 1000.0);
  values.push_back(1000 + 201 * 100);
  EXPECT_NEAR(lines(values, {.fast = 199, .slow = 200, .signal = 2}).macd.back(), 1.0, 1e-14);
}

// What is left after so many rows of a start that was off by 1: by hand, 1 - 2 / 3 = 1 / 3 and
// 1 - 2 / 4 = 1 / 2 a row; MACD begins in row 2, its signal with q = 1 / 3 in row 3.
//   MACD: 3^-n + 2^-n in row 2 + n. Its weights (2 / 3) 3^-k - (1 / 2) 2^-k are 1/6, -1/36,
//   -0.0378,
//   ...: their positive part, half of all as they add up to 0, is 1/6. So it is 1e-6 of its size
//   when 2^-n <= 1.67e-7, n = 23 (3^-23 is 1e-11). Signal and histogram take some rows more.
TEST(Macd, TellsWhenItsStartIsForgotten) {
  const std::size_t rows = macd_rows_to_forget({.fast = 2, .slow = 3, .signal = 2}, 1e-6);
  EXPECT_GE(rows, 2u + 23);
  EXPECT_LE(rows, 2u + 23 + 5);
}

/// The largest difference, in the last row, that another beginning makes: at its worst, all that
/// came before was at the other end of the values' range.
double left_of_the_start(MacdPeriods periods, std::size_t rows) {
  Doubles recent(rows + 1, 0.0), whole(6 * rows, 1.0);
  std::fill(whole.end() - static_cast<std::ptrdiff_t>(rows + 1), whole.end(), 0.0);
  const Lines a = lines(recent, periods), b = lines(whole, periods);
  return std::max({std::abs(a.macd.back() - b.macd.back()),
                   std::abs(a.signal.back() - b.signal.back()),
                   std::abs(a.histogram.back() - b.histogram.back())});
}

TEST(Macd, OfItsStartLessIsLeftThanTheBoundSays) {
  for (const MacdPeriods periods : {MacdPeriods{12, 26, 9}, MacdPeriods{5, 35, 5},
                                    MacdPeriods{199, 200, 2}, MacdPeriods{2, 200, 100}}) {
    const std::size_t rows = macd_rows_to_forget(periods, 1e-6);
    const double left = left_of_the_start(periods, rows);
    // Sizes by a second computation, in Python: half the sums of the weights' absolute values.
    const double size = periods.slow == 26    ? 0.15777
                        : periods.slow == 35  ? 0.28172
                        : periods.fast == 199 ? 2.6735e-5
                                              : 0.94844;
    EXPECT_LE(left, 1e-6 * size) << periods.fast;
    EXPECT_GT(rows, macd_rows_to_forget(periods, 1e-5)) << periods.fast;
  }
}

TEST(Macd, OfAFlatSeriesIsExactlyZero) {
  const Lines out = lines(Doubles(60, 0.1), {});
  EXPECT_EQ(out.macd.back(), 0.0);
  EXPECT_EQ(out.signal.back(), 0.0);
  EXPECT_EQ(out.histogram.back(), 0.0);
}

TEST(Macd, OfTooFewRowsIsUndefined) {
  const Lines none = lines(Doubles(25, 1.0), {});
  expect_published(none.macd, {}, 0);
  expect_published(none.histogram, {}, 0);
  const Lines no_signal = lines(Doubles(33, 1.0), {});
  EXPECT_EQ(no_signal.macd[25], 0.0);
  expect_published(no_signal.signal, {}, 0);
  expect_published(no_signal.histogram, {}, 0);
  expect_published(lines(Doubles(34, 1.0), {}).histogram, {0}, 9);
  EXPECT_TRUE(lines({}, {}).macd.empty());
}

}  // namespace
}  // namespace bourse::technical
