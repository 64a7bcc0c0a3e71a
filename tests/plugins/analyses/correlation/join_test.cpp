// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/join.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bourse::correlation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Closes are 100 x `market` + time, so that a value tells where it came from.
History history(double market, std::vector<std::int64_t> times) {
  History out;
  out.times = std::move(times);
  for (const auto t : out.times) out.closes.push_back(100.0 * market + static_cast<double>(t));
  return out;
}

std::vector<std::int64_t> range(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> out;
  for (; first <= last; ++first) out.push_back(first);
  return out;
}

TEST(Join, MatchesRowsByTimeNotByPosition) {
  const std::vector<History> all = {history(1, {1, 2, 3, 4, 5}), history(2, {1, 3, 4, 5})};
  const Joined joined = join(all, 100);
  EXPECT_THAT(joined.times, ElementsAre(1, 3, 4, 5));
  EXPECT_THAT(joined.closes_of(0), ElementsAre(101, 103, 104, 105));
  EXPECT_THAT(joined.closes_of(1), ElementsAre(201, 203, 204, 205));
}

TEST(Join, CountsTheRowsThatNotAllHave) {
  const std::vector<History> all = {history(1, {1, 2, 3, 4, 5, 6}), history(2, {1, 2, 4, 5, 6}),
                                    history(3, {1, 2, 3, 4, 6})};
  const Joined joined = join(all, 100);
  EXPECT_THAT(joined.times, ElementsAre(1, 2, 4, 6));
  EXPECT_EQ(joined.frame_rows, 6u);  // 3 and 5 are in two of three
  EXPECT_THAT(joined.left_out, IsEmpty());
}

TEST(Join, KeepsTheNewestRowsOnly) {
  const std::vector<History> all = {history(1, range(1, 50)), history(2, range(1, 50))};
  EXPECT_THAT(join(all, 3).times, ElementsAre(48, 49, 50));
}

TEST(Join, AShortHistoryCostsItselfNotTheOthers) {
  const std::vector<History> all = {history(1, range(1, 30)), history(2, range(26, 30)),
                                    history(3, range(1, 30))};
  const Joined joined = join(all, 30);
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
  EXPECT_THAT(join(half, 100).kept, ElementsAre(0, 1, 2));
  EXPECT_EQ(join(half, 100).times.size(), 5u);
  const std::vector<History> less = {history(1, range(1, 10)), history(2, range(1, 10)),
                                     history(3, range(7, 10))};
  EXPECT_THAT(join(less, 100).kept, ElementsAre(0, 1));
  EXPECT_EQ(join(less, 100).times.size(), 10u);
}

TEST(Join, HolesThatAddUpLeaveOutTheWorstUntilHalfIsCommon) {
  // Each of the last three has most of the frame, but they have little in common.
  const std::vector<History> all = {history(1, range(1, 10)), history(2, range(1, 10)),
                                    history(3, range(1, 6)), history(4, range(4, 10)),
                                    history(5, range(1, 10))};
  const Joined joined = join(all, 100);  // 3 and 4 share 4..6
  EXPECT_THAT(joined.kept, ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(joined.times, ElementsAre(4, 5, 6, 7, 8, 9, 10));
}

TEST(Join, ADelistedMarketDoesNotMoveTheFrame) {
  const std::vector<History> all = {history(1, range(101, 130)), history(2, range(1, 30)),
                                    history(3, range(101, 130))};
  const Joined joined = join(all, 30);
  EXPECT_THAT(joined.kept, ElementsAre(0, 2));
  EXPECT_EQ(joined.times, range(101, 130));
  EXPECT_EQ(joined.left_out[0].rows, 0u);
}

TEST(Join, ManyTimesOfOneMarketAloneDoNotFillTheFrame) {
  const std::vector<History> all = {history(1, {10, 20, 30}), history(2, {10, 20, 30}),
                                    history(3, range(1, 35))};
  EXPECT_THAT(join(all, 4).times, ElementsAre(10, 20, 30));
}

TEST(Join, NothingInCommonIsNoRowsNotAGuess) {
  const std::vector<History> all = {history(1, {1, 3, 5}), history(2, {2, 4, 6})};
  EXPECT_THAT(join(all, 100).times, IsEmpty());
  EXPECT_EQ(join(all, 100).frame_rows, 0u);
}

TEST(Join, AMarketWithoutRowsIsNoTrouble) {
  const std::vector<History> all = {history(1, range(1, 4)), history(2, {}),
                                    history(3, range(1, 4))};
  EXPECT_THAT(join(all, 100).kept, ElementsAre(0, 2));
  EXPECT_EQ(join(all, 100).times.size(), 4u);
}

TEST(Join, TakesAsManyMarketsAsItSays) {
  std::vector<History> all;
  for (std::size_t h = 0; h < kHistoriesMax; ++h) {
    all.push_back(history(static_cast<double>(h), range(1, 5)));
  }
  EXPECT_EQ(join(all, 100).kept.size(), kHistoriesMax);
  EXPECT_EQ(join(all, 100).times.size(), 5u);
}

}  // namespace
}  // namespace bourse::correlation
