// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/answer_budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace bourse::binance {
namespace {

TEST(AnswerBudget, IsHeldByAllSharesTogether) {
  const auto budget = std::make_shared<AnswerBudget>(100);
  AnswerShare first(budget);
  EXPECT_TRUE(first.become(60));
  {
    AnswerShare second(budget);
    EXPECT_FALSE(second.become(41));
    EXPECT_FALSE(second.never_fits()) << "it has room when the first one is done";
    EXPECT_TRUE(second.become(40));
    EXPECT_EQ(budget->held(), 100U);
    EXPECT_FALSE(first.become(61));
    EXPECT_TRUE(first.become(10)) << "less is always possible";
    EXPECT_TRUE(second.become(90));
  }
  EXPECT_EQ(budget->held(), 10U) << "a share is given back";
  EXPECT_EQ(budget->refusals(), 2);
  EXPECT_FALSE(first.become(101));
  EXPECT_TRUE(first.never_fits());
  EXPECT_EQ(budget->held(), 10U) << "what was refused changes nothing";
}

TEST(AnswerBudget, IsExactWithManyThreads) {
  const auto budget = std::make_shared<AnswerBudget>(1000);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::size_t round = 0; round < 2000; ++round) {
        AnswerShare share(budget);
        static_cast<void>(share.become(round % 700));
        EXPECT_LE(budget->held(), 1000U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(budget->held(), 0U);
}

// While a text grows there are two of it.
TEST(AnswerBudget, CountsBothCopiesOfATextThatGrows) {
  const auto budget = std::make_shared<AnswerBudget>(4000);
  AnswerShare share(budget);
  std::string text;
  ASSERT_TRUE(make_room(text, 1000, 0, share));
  text.assign(1000, 'x');
  ASSERT_TRUE(make_room(text, 2000, 500, share));
  EXPECT_GE(text.capacity(), 2000U);
  EXPECT_EQ(text, std::string(1000, 'x'));
  EXPECT_EQ(budget->held(), text.capacity() + 500);
  EXPECT_FALSE(make_room(text, 2001, 0, share)) << "2000 and 2001 are more than 4000";
  EXPECT_EQ(text.size(), 1000U);
  EXPECT_EQ(budget->held(), text.capacity() + 500);
}

// What an answer takes at most, its last copy included, is well below twice its bound.
TEST(AnswerBudget, ABufferThatGrowsIsNeverNearlyThereTwice) {
  constexpr std::size_t kMax = 64 << 20;
  for (std::size_t first = 1000; first < 20'000; first += 7) {
    std::size_t most = 0;
    for (std::size_t bytes = first; bytes < kMax;) {
      const std::size_t next = grown(bytes, kMax);
      ASSERT_GT(next, bytes);
      ASSERT_LE(next, kMax);
      most = std::max(most, bytes + next);
      bytes = next;
    }
    EXPECT_LE(most, kMax / 4 * 7) << first;
  }
}

}  // namespace
}  // namespace bourse::binance
