// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/volume.hpp"

#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

constexpr std::int64_t kHour = 3'600'000'000'000;

Doubles obv(const Doubles& closes, const Doubles& volumes) {
  Doubles out(closes.size());
  on_balance_volume(closes, volumes, out);
  return out;
}
/// Of candles without a range, whose typical price is their close.
Doubles vwap(const std::vector<std::int64_t>& times, const Doubles& prices,
             const Doubles& volumes) {
  Doubles out(prices.size());
  volume_weighted_price(times, prices, prices, prices, volumes, out);
  return out;
}

// Investopedia, "On-Balance Volume (OBV)", the table of ten days; it begins at zero where we (and
// TA-Lib) begin with the first day's volume.
TEST(Obv, ChangesAsThatOfInvestopedia) {
  const Doubles closes = {10, 10.15, 10.17, 10.13, 10.11, 10.15, 10.20, 10.20, 10.22, 10.21};
  const Doubles volumes = {25200, 30000, 25600, 32000, 23000, 40000, 36000, 20500, 23000, 27500};
  const Doubles published = {0, 30000, 55600, 23600, 600, 40600, 76600, 76600, 99600, 72100};
  const Doubles out = obv(closes, volumes);
  for (std::size_t row = 0; row < out.size(); ++row) EXPECT_EQ(out[row] - 25200, published[row]);
}

TEST(Obv, KeepsSmallVolumesNextToHugeOnes) {
  // By hand: 1e17 + 1 - 1e17, where a plain sum says 0.
  EXPECT_EQ(obv({1, 2, 1}, {1e17, 1, 1e17}).back(), 1.0);
}

TEST(Vwap, IsThatOfChartSchool) {
  // StockCharts ChartSchool, "Volume-Weighted Average Price": the first minutes of IBM; to 17
  // digits as computed by another library's test (127.20387973375304 after two).
  const Doubles out = vwap({0, kHour, 2 * kHour}, {127.21, 127.17, 127.16}, {89329, 16137, 23945});
  EXPECT_EQ(out[0], 127.21);
  EXPECT_NEAR(out[1], 127.20387973375304, 1e-12);
  EXPECT_NEAR(out[2], 127.20, 0.005);
}

TEST(Vwap, WeighsTheTypicalPrice) {
  // By hand: (12 + 6 + 9) / 3 = 9 and (20 + 10 + 12) / 3 = 14; (9 x 1 + 14 x 4) / 5 = 13.
  const Doubles highs = {12, 20}, lows = {6, 10}, closes = {9, 12}, volumes = {1, 4};
  const std::vector<std::int64_t> times = {0, kHour};
  Doubles out(2);
  volume_weighted_price(times, highs, lows, closes, volumes, out);
  EXPECT_EQ(out, (Doubles{9, 13}));
}

TEST(Vwap, BeginsAnewWithEveryDay) {
  const Doubles out = vwap({0, 23 * kHour, 24 * kHour, 25 * kHour}, {1, 3, 10, 20}, {1, 1, 1, 1});
  EXPECT_EQ(out, (Doubles{1, 2, 10, 15}));
}

TEST(Vwap, BeginsAnewWithEveryDayBefore1970Too) {
  const Doubles out = vwap({-24 * kHour, -1 * kHour, 0, kHour}, {1, 3, 10, 20}, {1, 1, 1, 1});
  EXPECT_EQ(out, (Doubles{1, 2, 10, 15}));
}

TEST(Vwap, OfADayWhoseStartIsNotThereIsUndefined) {
  const std::vector<std::int64_t> times = {22 * kHour, 23 * kHour, 25 * kHour, 26 * kHour};
  EXPECT_EQ(rows_without_day_start(times), 2u);
  // The second day lacks its first candle, but nothing was traded in it: it begins with the next.
  expect_published(vwap(times, {1, 2, 10, 20}, {1, 1, 1, 1}), {10, 15}, 12);
  EXPECT_EQ(rows_without_day_start(std::vector<std::int64_t>{0, kHour}), 0u);
  EXPECT_EQ(rows_without_day_start(std::vector<std::int64_t>{-kHour}), 1u);
  EXPECT_EQ(rows_without_day_start({}), 0u);
}

TEST(Vwap, BeforeTheFirstTradeOfADayIsUndefined) {
  expect_published(vwap({0, kHour, 2 * kHour}, {5, 6, 7}, {0, 2, 2}), {6, 6.5}, 12);
}

TEST(Vwap, LeavesOutWhatWasTradedAtNoPrice) {
  // By hand: (10 x 1 + 20 x 3) / 4 = 17.5, as if the candle in between were not there.
  EXPECT_EQ(vwap({0, kHour, 2 * kHour}, {10, 0, 20}, {1, 1000, 3}), (Doubles{10, 10, 17.5}));
  // The day's first candle too, which is no price to measure distances from.
  expect_published(vwap({0, kHour, 2 * kHour}, {0, 10, 20}, {5, 1, 3}), {10, 17.5}, 12);
  expect_published(vwap({0, kHour}, {0, 0}, {5, 5}), {}, 0);
}

TEST(Vwap, CountsACandleOfWhichOnePriceIsZero) {
  // By hand: (12 + 0 + 6) / 3 = 6 and (12 + 9 + 9) / 3 = 10; (6 x 1 + 10 x 3) / 4 = 9.
  const Doubles highs = {12, 12}, lows = {0, 9}, closes = {6, 9}, volumes = {1, 3};
  Doubles out(2);
  volume_weighted_price(std::vector<std::int64_t>{0, kHour}, highs, lows, closes, volumes, out);
  EXPECT_EQ(out, (Doubles{6, 9}));
}

TEST(Vwap, OfOnePriceIsExactlyThatPrice) {
  EXPECT_EQ(vwap({0, kHour, 2 * kHour}, {0.1, 0.1, 0.1}, {0.3, 0.7, 1e9}).back(),
            (0.1 + 0.1 + 0.1) / 3);
}

}  // namespace
}  // namespace bourse::technical
