// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/environment.hpp"

#include <gtest/gtest.h>

#include "tests/plugins/sources/binance/client/fakes.hpp"

namespace bourse::binance {
namespace {

TEST(WaitUntil, SleepsUntilThenAndNoLonger) {
  FakeClock clock;
  const Instant then = clock.now() + seconds(3);
  EXPECT_TRUE(wait_until(clock, then, {.deadline = then}));
  EXPECT_EQ(clock.now(), then);
  EXPECT_TRUE(wait_until(clock, then - seconds(1), {.deadline = then}));
  EXPECT_EQ(clock.slept, seconds(3));
}

TEST(WaitUntil, AsksSeveralTimesASecondWhetherToStop) {
  FakeClock clock;
  const Instant start = clock.now();
  Call call{.deadline = start + seconds(60)};
  call.stopped = [&] { return clock.now() - start >= seconds(1); };
  EXPECT_FALSE(wait_until(clock, start + seconds(30), call));
  EXPECT_LE(clock.slept, seconds(1) + milliseconds(200));
}

TEST(RealClock, GoesForward) {
  const auto clock = real_clock();
  const Instant before = clock->now();
  clock->sleep_until(before + milliseconds(2));
  EXPECT_GE(clock->now() - before, milliseconds(2));
  EXPECT_GT(clock->wall().ns, kStartMs * kNsPerMs);
}

TEST(RealRandom, IsEvenlySpreadBelowOne) {
  const auto random = real_random();
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double value = random->unit();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.05);  // 17 standard deviations
}

}  // namespace
}  // namespace bourse::binance
