// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "bourse/fresh.hpp"
#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

using testing::HasSubstr;
constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

Interval interval(const char* name) { return Interval::parse(name).value(); }

TEST(Gaps, OfACompleteHistoryAreNone) {
  EXPECT_EQ(find_gaps(Walk(100).open_times, interval("1h")).count, 0u);
  EXPECT_EQ(find_gaps({}, interval("1h")).count, 0u);
  EXPECT_EQ(find_gaps(std::vector<std::int64_t>{7}, interval("1h")).count, 0u);
}

TEST(Gaps, AreCountedWithWhatIsMissing) {
  const std::vector<std::int64_t> times = {0, kHour, 4 * kHour, 5 * kHour, 7 * kHour};
  const Gaps gaps = find_gaps(times, interval("1h"));
  EXPECT_EQ(gaps.count, 2u);
  EXPECT_EQ(gaps.missing, 3);
  EXPECT_EQ(describe(gaps),
            "2 gaps in the history, 3 candles missing; indicators go over them from candle to "
            "candle. Missing from 1970-01-01T02:00:00Z (2), 1970-01-01T06:00:00Z (1).");
}

TEST(Gaps, ShowTheFirstFew) {
  std::vector<std::int64_t> times;
  for (int i = 0; i < 9; ++i) times.push_back(2 * i * kHour);
  const Gaps gaps = find_gaps(times, interval("1h"));
  EXPECT_EQ(gaps.count, 8u);
  EXPECT_EQ(gaps.first.size(), kGapsShown);
  EXPECT_THAT(describe(gaps), HasSubstr("and later"));
}

TEST(Gaps, OfACandleOffTheGridAreThoseOfItsPlace) {
  // A candle that opened late, as after a halt, stands in its own hour.
  EXPECT_EQ(find_gaps(std::vector<std::int64_t>{0, kHour + 7, 2 * kHour}, interval("1h")).count,
            0u);
  EXPECT_EQ(find_gaps(std::vector<std::int64_t>{0, 2 * kHour + 7}, interval("1h")).missing, 1);
}

TEST(Gaps, OfMonthsAndWeeksFollowTheCalendar) {
  constexpr std::int64_t kDay = 24 * kHour;
  // 1970: January 1, February 1, March 1, then May 1.
  const std::vector<std::int64_t> months = {0, 31 * kDay, 59 * kDay, 120 * kDay};
  const Gaps gaps = find_gaps(months, interval("1M"));
  EXPECT_EQ(gaps.missing, 1);
  EXPECT_EQ(time_text(gaps.first[0].first), "1970-04-01T00:00:00Z");
  const std::vector<std::int64_t> weeks = {4 * kDay, 11 * kDay, 25 * kDay};
  EXPECT_EQ(find_gaps(weeks, interval("1w")).missing, 1);
}

// Open times of real candles of 3d in January 2026, days since 1970-01-01: BTCUSDT's grid begins
// with the market's first trading day, 2017-08-17, XRPUSDT's and SOLUSDT's with theirs.
TEST(Gaps, OfThreeDaysAreCountedOnTheMarketsOwnGrid) {
  constexpr std::int64_t kDay = 24 * kHour;
  for (const std::int64_t first : {20452, 20453, 20454}) {  // modulo 3: 1, 2, 0
    std::vector<std::int64_t> times;
    for (std::int64_t day = first; day < first + 30; day += 3) times.push_back(day * kDay);
    EXPECT_EQ(find_gaps(times, interval("3d")).count, 0u) << first;
    times.erase(times.begin() + 4, times.begin() + 6);
    const Gaps gaps = find_gaps(times, interval("3d"));
    EXPECT_EQ(gaps.count, 1u) << first;
    EXPECT_EQ(gaps.missing, 2) << first;
    EXPECT_EQ(gaps.first[0].first.ns, (first + 12) * kDay) << first;
  }
  // 2025-12-30, then 2026-01-05: what is missing is 2026-01-02, which no common grid has.
  const std::vector<std::int64_t> times = {20452 * kDay, 20458 * kDay};
  EXPECT_EQ(time_text(find_gaps(times, interval("3d")).first[0].first), "2026-01-02T00:00:00Z");
}

TEST(Gaps, OfThreeDaysWhoseGridBeganAnewAreNotMadeUp) {
  constexpr std::int64_t kDay = 24 * kHour;
  // A market that came back a day late: from there on, its grid is another.
  const std::vector<std::int64_t> times = {0, 3 * kDay, 7 * kDay, 10 * kDay, 13 * kDay};
  EXPECT_EQ(find_gaps(times, interval("3d")).count, 0u);
}

TEST(Gaps, BetweenTheEndsOfTimeAreCountedNotOverflown) {
  const std::vector<std::int64_t> times = {kMin, kMax};
  EXPECT_EQ(find_gaps(times, interval("1h")).count, 1u);
  EXPECT_GT(find_gaps(times, interval("1h")).missing, 5'000'000);
  EXPECT_GT(find_gaps(times, interval("1M")).missing, 7'000);
  EXPECT_GT(find_gaps(times, interval("3d")).missing, 70'000);
  EXPECT_FALSE(describe(find_gaps(times, interval("1s"))).empty());
}

TEST(CandlesOfADay, AreAtLeastOne) {
  EXPECT_EQ(candles_of_a_day(interval("1s")), 86'400u);
  EXPECT_EQ(candles_of_a_day(interval("1m")), 1'440u);
  EXPECT_EQ(candles_of_a_day(interval("12h")), 2u);
  EXPECT_EQ(candles_of_a_day(interval("1d")), 1u);
  EXPECT_EQ(candles_of_a_day(interval("1M")), 1u);
}

TEST(LeastSpacing, IsTheLengthOrThatOfFebruary) {
  EXPECT_EQ(least_spacing(interval("1h")), kHour);
  EXPECT_EQ(least_spacing(interval("3d")), 72 * kHour);
  EXPECT_EQ(least_spacing(interval("1M")), 28 * 24 * kHour);
}

TEST(FindRow, IsByExactTime) {
  const std::vector<std::int64_t> times = {0, kHour, 5 * kHour};
  EXPECT_EQ(find_row(times, Time{5 * kHour}), 2u);
  EXPECT_EQ(find_row(times, Time{kHour + 1}), std::nullopt);
  EXPECT_EQ(find_row(times, Time{6 * kHour}), std::nullopt);
  EXPECT_EQ(find_row({}, Time{0}), std::nullopt);
}

}  // namespace
}  // namespace bourse::technical
