// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/server_clock.hpp"

#include <gtest/gtest.h>

#include "tests/plugins/sources/binance/client/fakes.hpp"

namespace bourse::binance {
namespace {

class ServerClockTest : public testing::Test {
 protected:
  /// Asks an exchange that is `ahead` of this machine's true time.
  ServerClock::Sample ask(milliseconds there, milliseconds back, nanoseconds ahead) {
    const Instant sent = clock->now();
    clock->advance(there);
    const Time server_time{clock->wall().ns - clock->wall_shift.count() + ahead.count()};
    clock->advance(back);
    return {.sent = sent, .received = clock->now(), .server = server_time};
  }
  [[nodiscard]] Time truth(nanoseconds ahead) const {
    return Time{clock->wall().ns - clock->wall_shift.count() + ahead.count()};
  }
  static nanoseconds distance(Time a, Time b) {
    return nanoseconds(a.ns < b.ns ? b.ns - a.ns : a.ns - b.ns);
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  ServerClock server{clock};
};

TEST_F(ServerClockTest, TrustsThisMachineByTwoSecondsUntilItKnows) {
  EXPECT_FALSE(server.known());
  EXPECT_TRUE(server.is_due());
  EXPECT_EQ(server.estimate().now, clock->wall());
  EXPECT_EQ(server.estimate().error, seconds(2));
}

TEST_F(ServerClockTest, KeepsTheFastestAnswer) {
  const auto ahead = seconds(37);
  const ServerClock::Sample samples[] = {
      ask(milliseconds(400), milliseconds(10), ahead),
      ask(milliseconds(15), milliseconds(25), ahead),
      ask(milliseconds(10), milliseconds(300), ahead),
  };
  server.adopt(samples);
  EXPECT_EQ(server.state().round_trip, milliseconds(40));
  EXPECT_EQ(distance(server.estimate().now, truth(ahead)), milliseconds(5));
  EXPECT_TRUE(server.known());
  EXPECT_FALSE(server.is_due());
  EXPECT_EQ(server.state().offset / milliseconds(1), 36'995);
}

TEST_F(ServerClockTest, NeverErrsByMoreThanItSays) {
  Dice dice(7);
  for (int round = 0; round < 1000; ++round) {
    const nanoseconds ahead = milliseconds(dice.between(-100'000, 100'000));
    const ServerClock::Sample sample =
        ask(milliseconds(dice.between(0, 500)), milliseconds(dice.between(0, 500)), ahead);
    server.adopt({&sample, 1});
    clock->advance(seconds(dice.between(0, 1200)));
    EXPECT_LE(distance(server.estimate().now, truth(ahead)), server.estimate().error);
  }
}

TEST_F(ServerClockTest, DoesNotCareWhenThisMachinesTimeIsSet) {
  const ServerClock::Sample sample = ask(milliseconds(10), milliseconds(10), seconds(0));
  server.adopt({&sample, 1});
  clock->wall_shift = std::chrono::hours(-5);
  EXPECT_EQ(server.estimate().now, truth(seconds(0)));
  EXPECT_TRUE(server.is_due());  // but asks again: it may have slept
}

TEST_F(ServerClockTest, AsksAgainAfterTwentyMinutesOrASleep) {
  const ServerClock::Sample sample = ask(milliseconds(10), milliseconds(10), seconds(0));
  server.adopt({&sample, 1});
  clock->advance(std::chrono::minutes(19));
  EXPECT_FALSE(server.is_due());
  clock->wall_shift = milliseconds(400);  // a slow correction of this machine's time
  EXPECT_FALSE(server.is_due());
  clock->wall_shift = milliseconds(600);
  EXPECT_TRUE(server.is_due());
  clock->wall_shift = milliseconds(0);
  clock->advance(std::chrono::minutes(1));
  EXPECT_TRUE(server.is_due());
}

TEST_F(ServerClockTest, StampsEarlyByItsErrorButNotMuch) {
  const ServerClock::Sample quick = ask(milliseconds(10), milliseconds(10), seconds(0));
  server.adopt({&quick, 1});
  EXPECT_EQ(server.timestamp_ms(), clock->wall_ms() - 11 - 1);  // 10 + 1, and rounding down
  const ServerClock::Sample slow = ask(milliseconds(2000), milliseconds(2000), seconds(0));
  server.adopt({&slow, 1});
  EXPECT_EQ(server.timestamp_ms(), clock->wall_ms() - 500);
}

}  // namespace
}  // namespace bourse::binance
