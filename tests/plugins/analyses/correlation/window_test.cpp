// SPDX-License-Identifier: MIT
//
// The window's places, and what a market lacks of them: counted by hand.
#include "plugins/analyses/correlation/window.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "plugins/analyses/correlation/gaps.hpp"

namespace bourse::correlation {
namespace {

constexpr std::int64_t kWindowDay = 86'400'000'000'000;

Time day(std::int64_t since_1970) { return Time{since_1970 * kWindowDay}; }
Interval interval(const char* name) { return Interval::parse(name).value(); }

TEST(Window, BeginsAtTheFirstPlaceThatStartsInIt) {
  const Window at = window_from(interval("1d"), day(10), day(20));
  EXPECT_EQ(at.from, day(10));
  EXPECT_EQ(at.to, day(20));
  EXPECT_EQ(at.places, 11u);
  const Window after = window_from(interval("1d"), Time{day(10).ns + 1}, Time{day(21).ns - 1});
  EXPECT_EQ(after.from, day(11));
  EXPECT_EQ(after.to, day(20));
  EXPECT_EQ(after.places, 10u);
}

TEST(Window, IsEmptyWhenNoPlaceStartsInIt) {
  const Window none = window_from(interval("1d"), Time{day(10).ns + 1}, Time{day(11).ns - 1});
  EXPECT_EQ(none.places, 0u);
  EXPECT_FALSE(none.holds(day(10).ns));
}

TEST(Window, CountsMonthsByTheCalendar) {
  // 2024-03-01 is day 19783; five months before it is 2023-10-01, day 19631.
  const Window months = window_of(interval("1M"), 6, day(19'800));
  EXPECT_EQ(months.from, day(19'631));
  EXPECT_EQ(months.to, day(19'783));
  EXPECT_EQ(window_from(interval("1M"), day(19'631), day(19'800)).places, 6u);
  EXPECT_TRUE(months.holds(day(19'813).ns));   // 2024-03-31
  EXPECT_FALSE(months.holds(day(19'814).ns));  // 2024-04-01
}

TEST(Window, OfThreeDaysFollowsTheMarketsGrid) {
  for (std::int64_t first = 100; first < 103; ++first) {
    const Interval grid = interval("3d").anchored(day(first));
    const Window window = window_from(grid, day(first - 1), day(first + 8));
    EXPECT_EQ(window.from, day(first));
    EXPECT_EQ(window.to, day(first + 6));
    EXPECT_EQ(window.places, 3u);
    EXPECT_EQ(window_of(grid, 3, day(first + 8)).from, day(first));
  }
}

TEST(Window, EndsOfTimeDoNotOverflow) {
  const Time first{std::numeric_limits<std::int64_t>::min()},
      last{std::numeric_limits<std::int64_t>::max()};
  // 2^64 ns are 213503.98 days.
  EXPECT_EQ(window_from(interval("1d"), first, last).places, 213'503u);
  EXPECT_GT(window_from(interval("1s"), first, last).places, 18'000'000'000u);
  EXPECT_LT(window_of(interval("1w"), 50'000, day(0)).from, day(-100'000));
  EXPECT_EQ(steps_between(interval("1M"), day(0), day(365)), 12);
}

/// Days 100 to 109.
Window ten_days() { return window_from(interval("1d"), day(100), day(109)); }

History of(const std::vector<std::int64_t>& days, const std::vector<std::int64_t>& unpriced = {}) {
  History out;
  for (const std::int64_t each : days) {
    out.times.push_back(day(each).ns);
    out.closes.push_back(1.0);
  }
  for (const std::int64_t each : unpriced) out.unpriced.push_back(day(each).ns);
  return out;
}

TEST(Missing, NothingIsNothing) {
  const Missing none =
      missing_of(of({100, 101, 102, 103, 104, 105, 106, 107, 108, 109}), ten_days(), true);
  EXPECT_EQ(none.candles(), 0);
  EXPECT_EQ(none.returns, 0);
  EXPECT_EQ(describe_gaps(none), "");
}

TEST(Missing, BeforeTheFirstIsAGapUnlessTheHistoryBegins) {
  const History late = of({103, 104, 105, 106, 107, 108, 109});
  const Missing begins = missing_of(late, ten_days(), true);
  EXPECT_EQ(begins.early, 3);
  EXPECT_EQ(begins.within, 0);
  EXPECT_EQ(begins.returns, 3);
  EXPECT_EQ(begins.returns_in_gaps(), 0);
  EXPECT_EQ(describe_gaps(begins), "");
  const Missing gap = missing_of(late, ten_days(), false);
  EXPECT_EQ(gap.early, 0);
  EXPECT_EQ(describe_gaps(gap),
            "3 candles in 1 gap, from 1970-04-11T00:00:00Z to 1970-04-13T00:00:00Z");
  EXPECT_EQ(gap.returns_in_gaps(), 3);
}

TEST(Missing, CountsEveryReasonOnItsOwn) {
  // 100 101 | 103 (no price) 104 105 | 107 | : of nine returns 101 and 105 are there.
  const Missing missing = missing_of(of({100, 101, 104, 105, 107}, {103}), ten_days(), true);
  EXPECT_EQ(missing.within, 2);
  EXPECT_EQ(missing.gaps, 2);
  EXPECT_EQ(missing.unpriced, 1);
  EXPECT_EQ(missing.late, 2);
  EXPECT_EQ(missing.candles(), 5);
  EXPECT_EQ(missing.returns, 7);
  EXPECT_EQ(describe_gaps(missing),
            "2 candles in 2 gaps, the first from 1970-04-13T00:00:00Z to 1970-04-13T00:00:00Z, "
            "2 candles after its newest, of 1970-04-18T00:00:00Z, 1 without a price");
}

TEST(Missing, ACandleOffTheGridFillsItsPlaceAndIsCounted) {
  History history = of({100, 101, 102, 103, 104, 105, 106, 107, 108, 109});
  history.times[4] += kWindowDay / 4;
  const Missing missing = missing_of(history, ten_days(), true);
  EXPECT_EQ(missing.candles(), 0);
  EXPECT_EQ(missing.returns, 0);
  EXPECT_EQ(describe_gaps(missing), "1 off the grid");
}

TEST(Missing, OfAMarketWithoutCandlesAllAre) {
  EXPECT_EQ(missing_of({}, ten_days(), true).early, 10);
  const Missing ended = missing_of({}, ten_days(), false);
  EXPECT_EQ(ended.late, 10);
  EXPECT_EQ(ended.returns, 9);
  EXPECT_EQ(describe_gaps(ended), "all 10 candles");
}

}  // namespace
}  // namespace bourse::correlation
