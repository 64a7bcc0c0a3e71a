// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/pace.hpp"

#include <gtest/gtest.h>

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kNow = Instant{} + minutes(1);

TEST(SendBudget, ThreeMayGoAtOnceAndThenOneForEachThatIsOldEnough) {
  SendBudget budget;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(budget.has_room(kNow + milliseconds(i)));
    budget.spend(kNow + milliseconds(i));
  }
  EXPECT_FALSE(budget.has_room(kNow + milliseconds(1099)));
  EXPECT_TRUE(budget.has_room(kNow + milliseconds(1100)));
  budget.spend(kNow + milliseconds(1100));
  EXPECT_FALSE(budget.has_room(kNow + milliseconds(1100)));
}

/// FACTS 4.6: 300 attempts in five minutes; 300 s / 1.2 s = 250.
TEST(DialPace, FiveMinutesHold250Connections) {
  DialPace pace;
  int dialled = 0;
  for (Instant now = kNow; now < kNow + minutes(5); now += milliseconds(10)) {
    dialled += pace.take(now) ? 1 : 0;
  }
  EXPECT_EQ(dialled, 250);
}

TEST(Backoff, DoublesUpToTwentySecondsAndAHalfMoreByChance) {
  Backoff backoff;
  EXPECT_TRUE(backoff.may_try(kNow));
  for (const int pause : {1, 2, 4, 8, 16, 20, 20}) {
    backoff.failed(kNow, 0.0);
    EXPECT_EQ(backoff.not_before(), kNow + seconds(pause));
  }
  backoff.failed(kNow, 0.5);
  EXPECT_EQ(backoff.not_before(), kNow + seconds(25));
  backoff.delivered();
  EXPECT_TRUE(backoff.may_try(kNow));
  backoff.failed(kNow, 0.0);
  EXPECT_EQ(backoff.not_before(), kNow + seconds(1));
}

TEST(Backoff, WhatTheExchangeSaysIsNotShortened) {
  Backoff backoff;
  backoff.stay_away(kNow + minutes(5));
  backoff.failed(kNow, 0.0);
  EXPECT_EQ(backoff.not_before(), kNow + minutes(5));
}

}  // namespace
}  // namespace bourse::binance
