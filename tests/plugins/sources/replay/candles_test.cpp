// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/candles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace bourse::replay {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::int64_t kMidnight = 1'735'689'600'000'000'000;  // 2025-01-01T00:00:00Z

Interval interval(const char* name) { return Interval::parse(name).value(); }

/// Hourly candles that open at these hours after midnight; prices and volumes tell the hour.
Series hourly(std::initializer_list<int> hours) {
  Series s;
  for (const int h : hours) {
    s.open_time.push_back(kMidnight + h * kHour);
    s.close_time.push_back(kMidnight + (h + 1) * kHour - 1'000'000);
    s.trades.push_back(1);
    s.open.push(Decimal::of(100 + h));
    s.high.push(Decimal::of(200 + h));
    s.low.push(Decimal::of(50 - h));
    s.close.push(Decimal::of(101 + h));
    s.volume.push(Decimal::from("0.1"));
    s.quote_volume.push(Decimal::from("0.00000001"));
    s.taker_base_volume.push(Decimal::of(1));
    s.taker_quote_volume.push(Decimal::of(2));
  }
  return s;
}
Time hour(int h) { return Time{kMidnight + h * kHour}; }

std::vector<int> hours(const Series& s) {
  std::vector<int> out;
  for (const std::int64_t t : s.open_time) out.push_back(static_cast<int>((t - kMidnight) / kHour));
  return out;
}

TEST(Select, PagesAsTheContractSays) {
  const Series s = hourly({0, 1, 2, 5, 6});
  const auto rows = [&](const CandleQuery& q) {
    const Rows r = select(s, q);
    return std::pair(r.first, r.count);
  };
  using P = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(rows({2, {}, {}}), P(3, 2));
  EXPECT_EQ(rows({9, {}, {}}), P(0, 5));
  EXPECT_EQ(rows({2, hour(1), {}}), P(1, 2));
  EXPECT_EQ(rows({2, {}, hour(2)}), P(1, 2));
  EXPECT_EQ(rows({9, hour(1), hour(5)}), P(1, 3));
  EXPECT_EQ(rows({9, hour(3), hour(4)}).second, 0u);
  EXPECT_EQ(rows({9, hour(5), hour(1)}).second, 0u);
  EXPECT_EQ(rows({9, Time{hour(1).ns + 1}, hour(2)}), P(2, 1));
  EXPECT_EQ(rows({9, {}, Time{hour(2).ns - 1}}), P(0, 2));
}

TEST(Aggregate, MakesLongerCandlesOfShorterOnes) {
  const Series s = hourly({0, 1, 2, 3, 4, 5, 6, 7});
  const Aggregate a = aggregate(s, interval("1h"), interval("4h"), {}, hour(8));
  ASSERT_EQ(a.series.size(), 2u);
  EXPECT_EQ(a.series.open[1], Decimal::of(104));
  EXPECT_EQ(a.series.high[1], Decimal::of(207));
  EXPECT_EQ(a.series.low[1], Decimal::of(43));
  EXPECT_EQ(a.series.close[1], Decimal::of(108));
  EXPECT_EQ(a.series.volume[1].text(), "0.40000000");
  EXPECT_EQ(a.series.quote_volume[1].text(), "0.00000004");
  EXPECT_EQ(a.series.trades[1], 4);
  EXPECT_EQ(a.series.close_time[1], hour(8).ns - 1'000'000);
  EXPECT_THAT(a.closed, ElementsAre(1, 1));
  EXPECT_EQ(a.incomplete, 0u);
}

TEST(Aggregate, ASumOfMoreThan38DigitsIsAnErrorWhateverItsSize) {
  // 2 x (10^30 - 10^-8) has 39 digits at 8 decimals, and needs more than 128 bits.
  Series s = hourly({0, 1});
  s.volume = {};
  for (int i = 0; i < 2; ++i)
    s.volume.push(Decimal::from("999999999999999999999999999999.99999999"));
  EXPECT_THROW((void)aggregate(s, interval("1h"), interval("4h"), {}, hour(8)), DecimalError);
}

TEST(Aggregate, TheLastOneFormsUntilItsTimeIsOver) {
  const Series s = hourly({0, 1, 2, 3, 4, 5});
  EXPECT_THAT(aggregate(s, interval("1h"), interval("4h"), {}, hour(6)).closed, ElementsAre(1, 0));
  const Aggregate late = aggregate(s, interval("1h"), interval("4h"), {}, hour(9));
  EXPECT_THAT(late.closed, ElementsAre(1, 1));
  EXPECT_EQ(late.incomplete, 1u) << "two hours of the second are missing for good";
}

TEST(Aggregate, HolesMakeNoCandlesAndAreCounted) {
  const Series s = hourly({0, 1, 3, 12, 13, 14, 15});
  const Aggregate a = aggregate(s, interval("1h"), interval("4h"), {}, hour(16));
  EXPECT_THAT(hours(a.series), ElementsAre(0, 12));
  EXPECT_EQ(a.incomplete, 1u);
}

TEST(Aggregate, PagesByItsOwnOpenTimes) {
  const Series s = hourly({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17});
  const auto asked = [&](const CandleQuery& q) {
    return hours(aggregate(s, interval("1h"), interval("4h"), q, hour(24)).series);
  };
  EXPECT_THAT(asked({2, {}, {}}), ElementsAre(8, 16));
  EXPECT_THAT(asked({2, hour(1), {}}), ElementsAre(4, 8));
  EXPECT_THAT(asked({2, hour(4), {}}), ElementsAre(4, 8));
  EXPECT_THAT(asked({2, {}, hour(9)}), ElementsAre(4, 8));
  EXPECT_THAT(asked({9, hour(4), hour(8)}), ElementsAre(4, 8));
  EXPECT_THAT(asked({9, hour(9), hour(10)}), ElementsAre());
}

TEST(Base, IsTheLongestRecordedIntervalThatDivides) {
  Market m;
  m.series[interval("1m")];
  m.series[interval("1h")];
  m.series[interval("3d")];
  EXPECT_EQ(base_for(m, interval("1h")), interval("1h"));
  EXPECT_EQ(base_for(m, interval("4h")), interval("1h"));
  EXPECT_EQ(base_for(m, interval("15m")), interval("1m"));
  EXPECT_EQ(base_for(m, interval("1w")), interval("1h")) << "three days do not divide a week";
  EXPECT_EQ(base_for(m, interval("1s")), std::nullopt);
}

/// Daily candles that open on these days since 1970.
Series daily(std::initializer_list<std::int64_t> days) {
  Series s;
  for (const std::int64_t day : days) {
    s.open_time.push_back(day * 24 * kHour);
    s.close_time.push_back((day + 1) * 24 * kHour - 1'000'000);
    s.trades.push_back(1);
    for (Decimals* column : s.decimals()) column->push(Decimal::of(day));
  }
  return s;
}

TEST(Aggregate, CandlesOfThreeDaysBeginWithTheMarketsOwnFirstDay) {
  // 2017-08-17 is day 17395, of BTCUSDT the first: 1 modulo 3; 2025-12-30 to 2026-01-04 are 20452
  // to 20457.
  const Series s = daily({20452, 20453, 20454, 20455, 20456, 20457, 20458});
  const Interval own = interval("3d").anchored(Time{17395 * 24 * kHour});
  const Aggregate a = aggregate(s, interval("1d"), own, {}, Time{20459 * 24 * kHour});
  std::vector<std::int64_t> days;
  for (const std::int64_t t : a.series.open_time) days.push_back(t / (24 * kHour));
  EXPECT_THAT(days, ElementsAre(20452, 20455, 20458));
  EXPECT_EQ(a.incomplete, 0u);
  EXPECT_THAT(a.closed, ElementsAre(1, 1, 0));
  EXPECT_EQ(a.series.open[1], Decimal::of(20455));
  EXPECT_EQ(a.series.close[1], Decimal::of(20457));
}

TEST(Base, IsNotAnIntervalWithoutRowsWhenThereIsAnother) {
  Market m;
  m.series[interval("1h")] = hourly({0, 1});
  m.series[interval("4h")];
  EXPECT_EQ(base_for(m, interval("4h")), interval("1h"));
  EXPECT_EQ(base_for(m, interval("1d")), interval("1h"));
}

TEST(Base, OfThreeDaysIsNotTheFewThatShowTheirGrid) {
  Market m;
  m.series[interval("1d")] = daily({20454, 20455, 20456, 20457, 20458, 20459, 20460});
  m.series[interval("3d")] = daily({20455});
  m.series[interval("3d")].close_time[0] = 20458 * 24 * kHour - 1'000'000;
  EXPECT_EQ(base_for(m, interval("3d")), interval("1d"));
  m.series[interval("1d")] = daily({20455, 20456, 20457});
  EXPECT_EQ(base_for(m, interval("3d")), interval("3d")) << "as recorded where that is all";
  m.series[interval("1d")] = daily({20456, 20457, 20458});
  EXPECT_EQ(base_for(m, interval("3d")), interval("3d")) << "each reaches where the other does not";
}

TEST(TickerOfCandles, CoversTwentyFourHoursByTime) {
  Market m;
  m.series[interval("1h")] = hourly({-30, -25, -24, -3, -1});
  const Ticker t = ticker_of(m, hour(0)).value();
  EXPECT_EQ(t.open, Decimal::of(76));
  EXPECT_EQ(t.last, Decimal::of(100));
  EXPECT_EQ(t.previous_close, Decimal::of(76));
  EXPECT_EQ(t.trades, 3);
  EXPECT_EQ(t.open_time, hour(-24));
  EXPECT_EQ(t.close_time, hour(0));
  EXPECT_EQ(t.covered, 3 * kHour) << "of 24; the rest is a gap";
  EXPECT_EQ(t.price_change, Decimal::of(24));
  EXPECT_EQ(t.price_change_percent->text(), "31.579");  // 2400 / 76 = 31.5789...
  EXPECT_FALSE(t.bid);
  EXPECT_FALSE(ticker_of(m, hour(48)));
  EXPECT_FALSE(ticker_of(Market{}, hour(0)));
}

TEST(TickerOfCandles, IsThatOfTheEndsOfTime) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  Market m;
  m.series[interval("1h")] = hourly({0});
  EXPECT_FALSE(ticker_of(m, Time{kMax}));
  m.series.clear();
  EXPECT_FALSE(ticker_of(m, Time{kMin}));
  EXPECT_EQ(after(kMax), Time{9'223'372'036'854'000'000}) << "the last millisecond that there is";
}

TEST(TickerOfCandles, EndsWithItsLastCandle) {
  Market m;
  m.series[interval("1h")] = hourly({-30, -20, -19});
  const Ticker t = ticker_of(m, hour(0)).value();
  EXPECT_EQ(t.open_time, hour(-20));
  EXPECT_EQ(t.close_time, hour(-18)) << "not now: nothing is known of the 18 hours since";
  EXPECT_EQ(t.covered, 2 * kHour);
}

TEST(TickerOfCandles, TakesTheIntervalThatCoversTheMost) {
  Market m;
  m.series[interval("1h")] = hourly({-2, -1});
  m.series[interval("1d")] = daily({kMidnight / (24 * kHour) - 1});
  const Ticker t = ticker_of(m, hour(0)).value();
  EXPECT_EQ(t.covered, 24 * kHour);
  EXPECT_EQ(t.last, m.series[interval("1d")].close[0]);
}

}  // namespace
}  // namespace bourse::replay
