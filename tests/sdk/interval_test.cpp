// SPDX-License-Identifier: MIT
#include "bourse/interval.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "bourse/market.h"

namespace bourse {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kHour = 3'600 * kSecond;

TEST(Interval, ReadsWhatTheContractNamesAndNothingElse) {
  std::size_t n = 0;
  for (; bourse_intervals[n] != nullptr; ++n) {
    const auto interval = Interval::parse(bourse_intervals[n]);
    ASSERT_TRUE(interval) << bourse_intervals[n];
    EXPECT_EQ(interval->name(), bourse_intervals[n]);
    EXPECT_EQ(*interval, Interval::all()[n]);
  }
  EXPECT_EQ(n, Interval::all().size());
  for (const char* wrong : {"", "1", "m", "1H", "1D", "2m", "01m", "1m ", "1mo", "7d"}) {
    EXPECT_FALSE(Interval::parse(wrong)) << wrong;
  }
}

TEST(Interval, AMinuteIsNotAMonth) {
  EXPECT_EQ(Interval::parse("1m")->length(), 60 * kSecond);
  EXPECT_EQ(Interval::parse("1M")->length(), std::nullopt);
}

// Made by interval_vectors.py with Python's datetime.
TEST(Interval, StartsWherePythonsDatetimeSays) {
  std::ifstream vectors(BOURSE_INTERVAL_VECTORS);
  std::string name;
  std::int64_t time = 0, start = 0, next = 0;
  int n = 0;
  while (vectors >> name >> time >> start >> next) {
    const Interval interval = Interval::parse(name).value();
    ASSERT_EQ(interval.floor(Time{time}).ns, start) << name << ' ' << time;
    ASSERT_EQ(interval.next(Time{time}).ns, next) << name << ' ' << time;
    ASSERT_EQ(interval.next(Time{start}).ns, next) << name << ' ' << time;
    ASSERT_EQ(interval.previous(Time{next}).ns, start) << name << ' ' << time;
    ASSERT_EQ(interval.close_time(Time{time}).ns, next - kSecond / 1000) << name << ' ' << time;
    ++n;
  }
  EXPECT_GT(n, 9000);
}

TEST(Interval, WeeksStartOnMonday) {
  // 2024-11-11 is a Monday: 1731283200.
  const Interval week = Interval::parse("1w").value();
  EXPECT_EQ(week.floor(Time{1'731'283'200 * kSecond}).ns, 1'731'283'200 * kSecond);
  EXPECT_EQ(week.floor(Time{1'731'283'200 * kSecond - 1}).ns, 1'730'678'400 * kSecond);
}

TEST(Interval, TimesBeforeTheEpochFallIntoTheCandleBeforeIt) {
  EXPECT_EQ(Interval::parse("1h")->floor(Time{-1}).ns, -kHour);
  EXPECT_EQ(Interval::parse("1M")->floor(Time{-1}).ns, -31 * 24 * kHour);
}

TEST(Interval, StopsAtTheEndsOfTimeInsteadOfOverflowing) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  for (const Interval interval : Interval::all()) {
    EXPECT_LE(interval.floor(Time{kMin}).ns, kMin + kSecond);
    EXPECT_EQ(interval.previous(Time{kMin}).ns, kMin);
    EXPECT_EQ(interval.next(Time{kMax}).ns, kMax);
    EXPECT_EQ(interval.close_time(Time{kMax}).ns, kMax);
    EXPECT_LE(interval.floor(Time{kMax}).ns, kMax);
  }
}

TEST(Interval, DividesExactlyWhereEveryLongCandleIsMadeOfWholeShortOnes) {
  // The claim itself, by arithmetic on starts: each long start is a short start, through 1000 long
  // candles (17 minutes of the shortest, 83 years of the longest).
  for (const Interval small : Interval::all()) {
    for (const Interval large : Interval::all()) {
      if (large < small) continue;
      bool holds = true;
      Time t = large.floor(Time{1'700'000'000 * kSecond});
      for (int i = 0; i < 1000; ++i, t = large.next(t)) holds = holds && small.floor(t) == t;
      EXPECT_EQ(small.divides(large), holds) << small.name() << " in " << large.name();
    }
  }
  EXPECT_FALSE(Interval::parse("1h")->divides(Interval::parse("1m").value()));
  EXPECT_FALSE(Interval::parse("1M")->divides(Interval::parse("1w").value()));
}

constexpr Time day(std::int64_t since_1970) { return Time{since_1970 * 24 * kHour}; }

// The exchange's own 3 d candles of BTCUSDT start on 2025-12-30, 2026-01-02 and 2026-01-05 (days
// 20452, 20455, 20458); the market's first trading day was 2017-08-17 (day 17395).
TEST(Interval, ThreeDaysStartWhereTheMarketDid) {
  const Interval btc = Interval::parse("3d")->anchored(day(17'395));
  for (const std::int64_t start : {20'452, 20'455, 20'458}) {
    EXPECT_EQ(btc.floor(day(start)), day(start));
    EXPECT_EQ(btc.floor(Time{day(start + 3).ns - 1}), day(start));
    EXPECT_EQ(btc.next(day(start)), day(start + 3));
    EXPECT_EQ(btc.previous(day(start)), day(start - 3));
    EXPECT_EQ(btc.close_time(day(start)).ns, day(start + 3).ns - kSecond / 1000);
  }
  // Any candle of the market anchors it, also one within a day or before 1970.
  EXPECT_EQ(Interval::parse("3d")->anchored(Time{day(20'455).ns + kHour}).floor(day(20'456)),
            day(20'455));
  EXPECT_EQ(Interval::parse("3d")->anchored(day(-2)).floor(day(20'456)), day(20'455));
  EXPECT_EQ(btc, Interval::parse("3d"));
}

TEST(Interval, AllButThreeDaysHaveOneGrid) {
  for (const Interval interval : Interval::all()) {
    EXPECT_EQ(interval.has_common_grid(), interval.name() != "3d");
    if (!interval.has_common_grid()) continue;
    for (const std::int64_t first : {17'395, 17'396, 17'397}) {
      EXPECT_EQ(interval.anchored(day(first)).floor(day(20'456)), interval.floor(day(20'456)));
    }
  }
}

static_assert(Interval::parse("1h")->floor(Time{kHour + 1}) == Time{kHour});
static_assert(Interval::parse("5m") < Interval::parse("15m"));

}  // namespace
}  // namespace bourse
