// SPDX-License-Identifier: MIT
#include "host/base/clock.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace bourse::host {
namespace {

constexpr std::int64_t kYear = 366 * std::int64_t{86'400} * 1'000'000'000;

TEST(WallClock, IsWhatTheClockSays) {
  EXPECT_EQ(wall_clock_of(784'111'777, 7), 784'111'777'000'000'007);
  EXPECT_EQ(wall_clock_of(0, 0), 0);
  EXPECT_EQ(wall_clock_of(-1, 999'999'999), -1) << "the last moment of 1969";
  EXPECT_GT(wall_clock(), 0);
}

// `date -u -d 2261-01-01 +%s` is 9183110400, of 1678-01-01 -9214560000.
TEST(WallClock, OfAClockThatNobodyHasSetIsTheNearestThatThereIsRoomFor) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(wall_clock_of(9'183'110'399, 5), 9'183'110'399'000'000'005);
  EXPECT_EQ(wall_clock_of(9'183'110'400, 5), 9'183'110'399'000'000'005);
  EXPECT_EQ(wall_clock_of(253'402'300'800, 5), 9'183'110'399'000'000'005) << "the year 10000";
  EXPECT_LT(wall_clock_of(kMost, 999'999'999), kMost - kYear);
  EXPECT_EQ(wall_clock_of(-9'214'560'001, 0), -9'214'560'000'000'000'000);
  EXPECT_EQ(wall_clock_of(std::numeric_limits<std::int64_t>::min(), 0), -9'214'560'000'000'000'000);
}

}  // namespace
}  // namespace bourse::host
