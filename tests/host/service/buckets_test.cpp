// SPDX-License-Identifier: MIT
//
// Buckets: what they hold is arithmetic by hand; whom they forget is what somebody might try.
#include "host/service/buckets.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

const Buckets::Time kThen = Buckets::Time() + 1000h;

TEST(Buckets, HoldTheirBurstAndFillAtTheirRate) {
  Buckets buckets;
  const Buckets::Rate rate{.per_second = 2, .burst = 3};
  for (const double left : {2.0, 1.0, 0.0}) {
    const auto state = buckets.take("a", rate, 1, kThen);
    EXPECT_TRUE(state.taken);
    EXPECT_DOUBLE_EQ(state.left, left);
  }
  const auto refused = buckets.take("a", rate, 1, kThen);
  EXPECT_FALSE(refused.taken);
  EXPECT_EQ(refused.until_next, 500ms);
  EXPECT_EQ(refused.until_full, 1500ms);
  EXPECT_FALSE(buckets.take("a", rate, 1, kThen + 499ms).taken);
  EXPECT_TRUE(buckets.take("a", rate, 1, kThen + 500ms).taken);
  EXPECT_DOUBLE_EQ(buckets.take("a", rate, 0, kThen + 1h).left, 3) << "and no more than that";
  EXPECT_TRUE(buckets.take("b", rate, 1, kThen).taken) << "another one has another";
}

TEST(Buckets, ARefusalCostsNothing) {
  Buckets buckets;
  const Buckets::Rate rate{.per_second = 1, .burst = 1};
  EXPECT_TRUE(buckets.take("a", rate, 1, kThen).taken);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(buckets.take("a", rate, 1, kThen + 900ms).taken);
  EXPECT_TRUE(buckets.take("a", rate, 1, kThen + 1s).taken) << "or who tries again waits for ever";
}

TEST(Buckets, AThirdOfARequestIsAThird) {
  Buckets buckets;
  const Buckets::Rate rate{.per_second = 1, .burst = 1};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(buckets.take("a", rate, 1.0 / 3, kThen).taken) << i;
  EXPECT_FALSE(buckets.take("a", rate, 1.0 / 3, kThen).taken);
}

TEST(Buckets, WhatIsGivenBackWasNotSpent) {
  Buckets buckets;
  const Buckets::Rate rate{.per_second = 1, .burst = 1};
  EXPECT_TRUE(buckets.take("a", rate, 1, kThen).taken);
  buckets.give_back("a", 1);
  EXPECT_TRUE(buckets.take("a", rate, 1, kThen).taken);
  buckets.give_back("a", 5);
  EXPECT_DOUBLE_EQ(buckets.take("a", rate, 0, kThen).left, 1);
}

TEST(Buckets, AChangedRateKeepsTheShareThatIsLeft) {
  Buckets buckets;
  EXPECT_TRUE(buckets.take("a", {.per_second = 1, .burst = 4}, 3, kThen).taken);
  EXPECT_DOUBLE_EQ(buckets.take("a", {.per_second = 1, .burst = 100}, 0, kThen).left, 25);
  EXPECT_DOUBLE_EQ(buckets.take("a", {.per_second = 1, .burst = 8}, 0, kThen).left, 2);
}

TEST(Buckets, AClockThatGoesBackFillsNothing) {
  Buckets buckets;
  const Buckets::Rate rate{.per_second = 1, .burst = 1};
  EXPECT_TRUE(buckets.take("a", rate, 1, kThen).taken);
  EXPECT_FALSE(buckets.take("a", rate, 1, kThen - 1h).taken);
  EXPECT_FALSE(buckets.take("a", rate, 1, kThen + 900ms).taken);
}

TEST(Buckets, AreBoundedHoweverManyAsk) {
  Buckets buckets;
  const Buckets::Rate rate{.per_second = 1, .burst = 10};
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_TRUE(buckets.take(std::to_string(i), rate, 1, kThen).taken) << i;
  }
  EXPECT_LE(buckets.size(), Buckets::kMax);
  EXPECT_GT(buckets.size(), Buckets::kMax / 2);
}

TEST(Buckets, NobodyGetsRidOfARefusalByAskingUnderOtherNames) {
  Buckets buckets;
  const Buckets::Rate one{.per_second = 0.001, .burst = 1};
  std::vector<std::string> blocked;
  for (int i = 0; i < 100; ++i) blocked.push_back("blocked" + std::to_string(i));
  for (const auto& who : blocked) ASSERT_TRUE(buckets.take(who, one, 1, kThen).taken);
  for (int i = 0; i < 100'000; ++i) {
    (void)buckets.take(std::to_string(i), {.per_second = 1, .burst = 10}, 1, kThen);
  }
  for (const auto& who : blocked) EXPECT_FALSE(buckets.take(who, one, 1, kThen).taken) << who;
}

TEST(Buckets, WhereAllAreBlockedNewcomersShareOne) {
  Buckets buckets;
  const Buckets::Rate one{.per_second = 0.001, .burst = 1};
  for (int i = 0; i < 20'000; ++i) (void)buckets.take(std::to_string(i), one, 1, kThen);
  int taken = 0;
  for (int i = 0; i < 1000; ++i) {
    taken += buckets.take("new" + std::to_string(i), one, 1, kThen).taken ? 1 : 0;
  }
  EXPECT_EQ(taken, 0) << "each part of the table has one, and the strangers before took it";
  // A day later nobody is blocked any more, and there is room.
  EXPECT_TRUE(buckets.take("late", one, 1, kThen + 24h).taken);
  EXPECT_FALSE(buckets.take("late", one, 1, kThen + 24h).taken);
  EXPECT_LE(buckets.size(), Buckets::kMax);
}

TEST(Buckets, WhoIsInsideIsCountedAndNotForgotten) {
  Buckets buckets;
  std::vector<Buckets::Place> places(3);
  EXPECT_TRUE(buckets.enter("a", 2, kThen, places[0]));
  EXPECT_TRUE(buckets.enter("a", 2, kThen, places[1]));
  EXPECT_FALSE(buckets.enter("a", 2, kThen, places[2]));
  for (int i = 0; i < 50'000; ++i) {
    (void)buckets.take(std::to_string(i), {.per_second = 1, .burst = 10}, 1, kThen);
  }
  EXPECT_FALSE(buckets.enter("a", 2, kThen, places[2])) << "it was forgotten";
  buckets.leave(places[0]);
  EXPECT_TRUE(buckets.enter("a", 2, kThen, places[2]));
  buckets.leave(places[1]);
  buckets.leave(places[2]);
  EXPECT_TRUE(buckets.enter("a", 1, kThen, places[0]));
}

}  // namespace
}  // namespace bourse::host::test
