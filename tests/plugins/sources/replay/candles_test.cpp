// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/candles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(TickerOfCandles, CoversTwentyFourHoursByTime) {
  Market m;
  m.series[interval("1h")] = hourly({-30, -25, -24, -3, -1});
  const Ticker t = ticker_of(m, hour(0)).value();
  EXPECT_EQ(t.open, Decimal::of(76));
  EXPECT_EQ(t.last, Decimal::of(100));
  EXPECT_EQ(t.previous_close, Decimal::of(76));
  EXPECT_EQ(t.trades, 3);
  EXPECT_EQ(t.close_time.ns - t.open_time.ns, 24 * kHour);
  EXPECT_EQ(t.price_change, Decimal::of(24));
  EXPECT_EQ(t.price_change_percent->text(), "31.579");  // 2400 / 76 = 31.5789...
  EXPECT_FALSE(t.bid);
  EXPECT_FALSE(ticker_of(m, hour(48)));
  EXPECT_FALSE(ticker_of(Market{}, hour(0)));
}

}  // namespace
}  // namespace bourse::replay
