// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/stochastic.hpp"

#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

struct Lines {
  Doubles k, d;
};
Lines lines(const Doubles& highs, const Doubles& lows, const Doubles& closes,
            StochasticPeriods periods) {
  Lines out{Doubles(closes.size()), Doubles(closes.size())};
  stochastic(highs, lows, closes, periods, {.k = out.k, .d = out.d});
  return out;
}

// StockCharts ChartSchool, "Stochastic Oscillator", spreadsheet cs-soo. It has no closes before the
// 14th day: the lows stand in, which no %K reads.
const Doubles kHighs = {127.0090, 127.6159, 126.5911, 127.3472, 128.1730, 128.4317,
                        127.3671, 126.4220, 126.8995, 126.8498, 125.6460, 125.7156,
                        127.1582, 127.7154, 127.6855, 128.2228, 128.2725, 128.0934,
                        128.2725, 127.7353, 128.7700, 129.2873, 130.0633, 129.1182,
                        129.2873, 128.4715, 128.0934, 128.6506, 129.1381, 128.6406};
const Doubles kLows = {125.3574, 126.1633, 124.9296, 126.0937, 126.8199, 126.4817,
                       126.0340, 124.8301, 126.3921, 125.7156, 124.5615, 124.5715,
                       125.0689, 126.8597, 126.6309, 126.8001, 126.7105, 126.8001,
                       126.1335, 125.9245, 126.9891, 127.8148, 128.4715, 128.0641,
                       127.6059, 127.5960, 126.9990, 126.8995, 127.4865, 127.3970};
Doubles chart_school_closes() {
  Doubles closes(kLows.begin(), kLows.begin() + 13);
  for (const double close :
       {127.2876, 127.1781, 128.0138, 127.1085, 127.7253, 127.0587, 127.3273, 128.7103, 127.8745,
        128.5809, 128.6008, 127.9342, 128.1133, 127.5960, 127.5960, 128.6904, 128.2725}) {
    closes.push_back(close);
  }
  return closes;
}
// Computed from the spreadsheet by PyAlgoTrade's test, to four decimals.
const Doubles kFastK = {70.4382, 67.6089, 89.2021, 65.8106, 81.7477, 64.5238,
                        74.5298, 98.5814, 70.1045, 73.0561, 73.4178, 61.2313,
                        60.9563, 40.3861, 40.3861, 66.8285, 56.7314};
const Doubles kFastD = {75.7497, 74.2072, 78.9201, 70.6940, 73.6004, 79.2117, 81.0719, 80.5807,
                        72.1928, 69.2351, 65.2018, 54.1912, 47.2428, 49.2003, 54.6487};

TEST(Stochastic, UnsmoothedIsThatOfChartSchool) {
  const Lines out =
      lines(kHighs, kLows, chart_school_closes(), {.range = 14, .smoothing = 1, .signal = 3});
  expect_published(out.k, kFastK, 4);
  expect_published(out.d, kFastD, 4);
}

TEST(Stochastic, SmoothedHasTheFastSignalAsItsMainLine) {
  const Lines out =
      lines(kHighs, kLows, chart_school_closes(), {.range = 14, .smoothing = 3, .signal = 3});
  expect_published(out.k, kFastD, 4);
  EXPECT_TRUE(std::isnan(out.d[16]));
  EXPECT_NEAR(out.d[17], (75.7497 + 74.2072 + 78.9201) / 3, 1e-4);
}

TEST(Stochastic, OfAnEmptyRangeIsInTheMiddle) {
  const Doubles flat(30, 0.1);
  const Lines out = lines(flat, flat, flat, {});
  EXPECT_EQ(out.k.back(), 50.0);
  EXPECT_EQ(out.d.back(), 50.0);
}

TEST(Stochastic, AtTheHighIsExactly100AtTheLowExactly0) {
  Doubles highs, lows;
  for (int i = 1; i <= 40; ++i) {
    highs.push_back(0.1 * i);
    lows.push_back(0.1 * i - 0.07);
  }
  const Lines top = lines(highs, lows, highs, {});
  EXPECT_EQ(top.k.back(), 100.0);
  EXPECT_EQ(top.d.back(), 100.0);
  std::reverse(highs.begin(), highs.end());
  std::reverse(lows.begin(), lows.end());
  const Lines bottom = lines(highs, lows, lows, {});
  EXPECT_EQ(bottom.k.back(), 0.0);
  EXPECT_EQ(bottom.d.back(), 0.0);
}

TEST(Stochastic, StaysOnItsScaleWhateverRounds) {
  const Walk walk(2000, 3, 0.1);
  for (const std::size_t smoothing : {1u, 3u, 7u}) {
    const Lines out = lines(walk.highs, walk.lows, walk.closes, {5, smoothing, smoothing});
    for (std::size_t row = 3 + 2 * smoothing; row < 2000; ++row) {
      ASSERT_TRUE(0 <= out.k[row] && out.k[row] <= 100) << row;
      ASSERT_TRUE(0 <= out.d[row] && out.d[row] <= 100) << row;
    }
  }
}

TEST(Stochastic, OfTooFewRowsIsUndefined) {
  const Doubles flat(15, 1.0);
  expect_published(lines(flat, flat, flat, {}).k, {}, 0);
  expect_published(lines(flat, flat, flat, {}).d, {}, 0);
  EXPECT_TRUE(lines({}, {}, {}, {}).k.empty());
}

}  // namespace
}  // namespace bourse::technical
