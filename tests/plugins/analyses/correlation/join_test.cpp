// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/join.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bourse::correlation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kDay = 86'400'000'000'000;

/// Closes are 100 x `market` + day, so that a value tells where it came from.
History history(double market, const std::vector<std::int64_t>& days) {
  History out;
  for (const auto day : days) {
    out.times.push_back(day * kDay);
    out.closes.push_back(100.0 * market + static_cast<double>(day));
  }
  return out;
}

Joined join(const std::vector<History>& histories) {
  return join(histories, Interval::parse("1d").value());
}

std::vector<std::int64_t> days(const Joined& joined) {
  std::vector<std::int64_t> out;
  for (const std::int64_t time : joined.times) out.push_back(time / kDay);
  return out;
}

std::vector<std::int64_t> range(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> out;
  for (; first <= last; ++first) out.push_back(first);
  return out;
}

TEST(Join, MatchesRowsByTimeNotByPosition) {
  const Joined joined = join({history(1, {1, 2, 3, 4, 5, 6}), history(2, {1, 2, 4, 5, 6})});
  EXPECT_THAT(days(joined), ElementsAre(1, 2, 4, 5, 6));
  EXPECT_THAT(joined.closes_of(0), ElementsAre(101, 102, 104, 105, 106));
  EXPECT_THAT(joined.closes_of(1), ElementsAre(201, 202, 204, 205, 206));
}

TEST(Join, OnlyNeighboursFollow) {
  const Joined joined =
      join({history(1, range(1, 8)), history(2, {1, 2, 4, 5, 6, 7, 8}), history(3, range(1, 7))});
  EXPECT_THAT(days(joined), ElementsAre(1, 2, 4, 5, 6, 7));
  EXPECT_THAT(joined.follows, ElementsAre(0, 1, 0, 1, 1, 1));
  EXPECT_EQ(joined.returns, 4u);
  EXPECT_EQ(joined.frame_rows, 8u);  // 3 and 8 are in two of three
  EXPECT_THAT(joined.left_out, IsEmpty());
}

TEST(Join, ATimeWithoutANeighbourIsNotUsed) {
  const Joined joined = join({history(1, range(1, 9)), history(2, {1, 3, 5, 6, 9})});
  EXPECT_THAT(days(joined), ElementsAre(5, 6));
  EXPECT_THAT(joined.closes_of(1), ElementsAre(205, 206));
  EXPECT_EQ(joined.returns, 1u);
}

TEST(Join, MonthsOfAnyLengthAreNeighbours) {
  // 2023-01-01, 02-01, 03-01, 05-01.
  const std::vector<History> all = {history(1, {19358, 19389, 19417, 19478}),
                                    history(2, {19358, 19389, 19417, 19478})};
  EXPECT_THAT(join(all, Interval::parse("1M").value()).follows, ElementsAre(0, 1, 1));
}

TEST(Join, ThreeDaysAreNeighboursOnTheMarketsOwnGrid) {
  const std::vector<History> all = {history(1, {100, 103, 106, 112, 115}),
                                    history(2, {100, 103, 106, 112, 115})};
  const Interval grid = Interval::parse("3d").value().anchored(Time{100 * kDay});
  EXPECT_THAT(join(all, grid).follows, ElementsAre(0, 1, 1, 0, 1));
}

TEST(Join, ACandleOffTheGridCountsForThePlaceItLiesIn) {
  std::vector<History> all = {history(1, range(1, 4)), history(2, range(1, 4))};
  for (History& h : all) h.times[1] += kDay / 3;  // 2 begins at 08:00, as after a halt
  EXPECT_EQ(join(all).returns, 3u);
  for (History& h : all) h.times[2] = 2 * kDay + kDay / 2;  // two in one day
  EXPECT_THAT(join(all).follows, ElementsAre(0, 1));
}

TEST(Join, AShortHistoryCostsItselfNotTheOthers) {
  const std::vector<History> all = {history(1, range(1, 30)), history(2, range(26, 30)),
                                    history(3, range(1, 30))};
  const Joined joined = join(all);
  EXPECT_THAT(joined.kept, ElementsAre(0, 2));
  ASSERT_EQ(joined.left_out.size(), 1u);
  EXPECT_EQ(joined.left_out[0].history, 1u);
  EXPECT_EQ(joined.left_out[0].rows, 5u);
  EXPECT_EQ(joined.times.size(), 30u);
  EXPECT_EQ(joined.closes_of(1).front(), 301);
}

TEST(Join, HalfOfTheFrameIsEnoughAndLessIsNot) {
  const std::vector<History> half = {history(1, range(1, 10)), history(2, range(1, 10)),
                                     history(3, range(6, 10))};
  EXPECT_THAT(join(half).kept, ElementsAre(0, 1, 2));
  EXPECT_EQ(join(half).times.size(), 5u);
  const std::vector<History> less = {history(1, range(1, 10)), history(2, range(1, 10)),
                                     history(3, range(7, 10))};
  EXPECT_THAT(join(less).kept, ElementsAre(0, 1));
  EXPECT_EQ(join(less).times.size(), 10u);
}

TEST(Join, HolesThatAddUpLeaveOutTheWorstUntilHalfIsCommon) {
  // Each of the last three has most of the frame, but they have little in common.
  const std::vector<History> all = {history(1, range(1, 10)), history(2, range(1, 10)),
                                    history(3, range(1, 6)), history(4, range(4, 10)),
                                    history(5, range(1, 10))};
  const Joined joined = join(all);  // 3 and 4 share 4..6
  EXPECT_THAT(joined.kept, ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(days(joined), ElementsAre(4, 5, 6, 7, 8, 9, 10));
}

TEST(Join, ADelistedMarketDoesNotMoveTheFrame) {
  const std::vector<History> all = {history(1, range(101, 130)), history(2, range(1, 30)),
                                    history(3, range(101, 130))};
  const Joined joined = join(all);
  EXPECT_THAT(joined.kept, ElementsAre(0, 2));
  EXPECT_EQ(days(joined), range(101, 130));
  EXPECT_EQ(joined.left_out[0].rows, 0u);
}

TEST(Join, TimesOfOneMarketAloneAreNotOfTheFrame) {
  const std::vector<History> all = {history(1, range(10, 13)), history(2, range(10, 13)),
                                    history(3, range(3, 35))};
  EXPECT_THAT(days(join(all)), ElementsAre(10, 11, 12, 13));
  EXPECT_EQ(join(all).frame_rows, 4u);
}

TEST(Join, OfTwoMarketsNeitherIsLeftOut) {
  // They share a seventh of what the first has: that is what there is.
  const Joined joined = join({history(1, range(1, 28)), history(2, range(25, 28))});
  EXPECT_THAT(joined.kept, ElementsAre(0, 1));
  EXPECT_EQ(joined.returns, 3u);
}

TEST(Join, NothingInCommonIsNoRowsNotAGuess) {
  const std::vector<History> all = {history(1, {1, 3, 5}), history(2, {2, 4, 6})};
  EXPECT_THAT(join(all).times, IsEmpty());
  EXPECT_EQ(join(all).frame_rows, 0u);
}

TEST(Join, AMarketWithoutRowsIsNoTrouble) {
  const std::vector<History> all = {history(1, range(1, 4)), history(2, {}),
                                    history(3, range(1, 4))};
  EXPECT_THAT(join(all).kept, ElementsAre(0, 2));
  EXPECT_EQ(join(all).times.size(), 4u);
}

TEST(Join, TakesAsManyMarketsAsItSays) {
  std::vector<History> all;
  for (std::size_t h = 0; h < kHistoriesMax; ++h) {
    all.push_back(history(static_cast<double>(h), range(1, 5)));
  }
  EXPECT_EQ(join(all).kept.size(), kHistoriesMax);
  EXPECT_EQ(join(all).times.size(), 5u);
}

TEST(Join, PollsOfEachHistoryAndWheneverOneIsLeftOut) {
  std::size_t polls = 0;
  const std::vector<History> histories = {history(1, range(1, 28)), history(2, range(1, 28)),
                                          history(3, range(25, 28))};
  const Joined joined =
      bourse::correlation::join(histories, Interval::parse("1d").value(), [&] { ++polls; });
  EXPECT_EQ(joined.left_out.size(), 1u);
  EXPECT_EQ(polls, 3u + 1);
}

}  // namespace
}  // namespace bourse::correlation
