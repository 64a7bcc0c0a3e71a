// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/fresh.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/plugins/sources/binance/stub_exchange.hpp"

namespace bourse::binance {
namespace {

using std::chrono::seconds;

struct Fixture : testing::Test {
  Result<Fresh<int>::Shared> get(Fresh<int>& fresh, const std::string& key, int value) {
    return fresh.get(key, call(), [&, value](const Call&) -> Result<int> {
      ++asked;
      return value;
    });
  }
  [[nodiscard]] Call call() const {
    return {.deadline = clock->now() + seconds(100), .stopped = {}};
  }

  std::shared_ptr<StubClock> clock = std::make_shared<StubClock>();
  std::atomic<int> asked = 0;
};
using FreshTest = Fixture;

TEST_F(FreshTest, AnAnswerIsUsedAgainUntilItIsTooOld) {
  Fresh<int> fresh(clock, seconds(1), 8);
  EXPECT_EQ(**get(fresh, "a", 1), 1);
  clock->advance(std::chrono::milliseconds(999));
  EXPECT_EQ(**get(fresh, "a", 2), 1);
  clock->advance(std::chrono::milliseconds(1));
  EXPECT_EQ(**get(fresh, "a", 3), 3);
  EXPECT_EQ(asked, 2);
}

TEST_F(FreshTest, AnAnswerSaysUntilWhenItIsGivenAgain) {
  Fresh<int> fresh(clock, seconds(1), 8);
  const Instant asked_at = clock->now();
  EXPECT_EQ((*get(fresh, "a", 1)).good_until, asked_at + seconds(1));
  clock->advance(std::chrono::milliseconds(999));
  EXPECT_EQ((*get(fresh, "a", 2)).good_until, asked_at + seconds(1)) << "from when it was asked";
  clock->advance(std::chrono::milliseconds(1));
  EXPECT_EQ((*get(fresh, "a", 3)).good_until, asked_at + seconds(2));
  Fresh<int> nothing(clock, seconds(0), 8);
  EXPECT_LE((*get(nothing, "a", 1)).good_until, clock->now());
}

TEST_F(FreshTest, AnotherQuestionHasAnAnswerOfItsOwn) {
  Fresh<int> fresh(clock, seconds(1), 8);
  EXPECT_EQ(**get(fresh, "a", 1), 1);
  EXPECT_EQ(**get(fresh, "b", 2), 2);
}

TEST_F(FreshTest, AgeZeroKeepsNothing) {
  Fresh<int> fresh(clock, seconds(0), 8);
  EXPECT_EQ(**get(fresh, "a", 1), 1);
  EXPECT_EQ(**get(fresh, "a", 2), 2);
}

TEST_F(FreshTest, TheOldestGoesWhenThereIsNoRoom) {
  Fresh<int> fresh(clock, seconds(60), 2);
  static_cast<void>(get(fresh, "a", 1));
  clock->advance(seconds(1));
  static_cast<void>(get(fresh, "b", 2));
  clock->advance(seconds(1));
  static_cast<void>(get(fresh, "c", 3));
  EXPECT_EQ(**get(fresh, "b", 9), 2);
  EXPECT_EQ(**get(fresh, "c", 9), 3);
  EXPECT_EQ(**get(fresh, "a", 9), 9);
}

TEST_F(FreshTest, AnErrorIsNotKept) {
  Fresh<int> fresh(clock, seconds(60), 2);
  const auto failed =
      fresh.get("a", call(), [](const Call&) -> Result<int> { return invalid("Broken."); });
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(**get(fresh, "a", 1), 1);
}

TEST_F(FreshTest, ManyAtOnceAskOnce) {
  // Who comes late finds the answer, so it does not matter who is late.
  Fresh<int> fresh(clock, seconds(60), 8);
  std::atomic<bool> open = false;
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto got = fresh.get("a", call(), [&](const Call&) -> Result<int> {
        ++asked;
        while (!open) std::this_thread::yield();
        return 7;
      });
      right += got && **got == 7 ? 1 : 0;
    });
  }
  while (asked == 0) std::this_thread::yield();
  for (int i = 0; i < 200; ++i) std::this_thread::yield();  // time to ask again, for who would
  open = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 8);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(fresh.counts().misses, 1);
  EXPECT_EQ(fresh.counts().hits, 7);
}

TEST_F(FreshTest, WhoHasMoreTimeIsNotFailedByTheOneWhoAsked) {
  Fresh<int> fresh(clock, seconds(0), 8);
  std::atomic<bool> open = false;
  std::thread first([&] {
    const auto got = fresh.get("a", call(), [&](const Call&) -> Result<int> {
      ++asked;
      while (!open) std::this_thread::yield();
      return waited_too_long(false);
    });
    EXPECT_FALSE(got.ok());
  });
  while (asked == 0) std::this_thread::yield();
  std::thread second([&] { EXPECT_EQ(**get(fresh, "a", 5), 5); });
  open = true;
  first.join();
  second.join();
}

TEST_F(FreshTest, WaitingEndsAtTheOwnDeadline) {
  Fresh<int> fresh(clock, seconds(0), 8);
  std::atomic<bool> open = false;
  std::thread first([&] {
    static_cast<void>(fresh.get("a", call(), [&](const Call&) -> Result<int> {
      ++asked;
      while (!open) std::this_thread::yield();
      return 1;
    }));
  });
  while (asked == 0) std::this_thread::yield();
  const auto late = fresh.get("a", {.deadline = clock->now(), .stopped = {}},
                              [](const Call&) -> Result<int> { return 2; });
  ASSERT_FALSE(late.ok());
  EXPECT_TRUE(late.error().deadline);
  const auto stopped =
      fresh.get("a", {.deadline = clock->now() + seconds(9), .stopped = [] { return true; }},
                [](const Call&) -> Result<int> { return 2; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_TRUE(stopped.error().stopped);
  open = true;
  first.join();
}

TEST_F(FreshTest, AnExceptionLeavesTheQuestionOpenForTheNext) {
  Fresh<int> fresh(clock, seconds(1), 8);
  EXPECT_THROW(static_cast<void>(fresh.get(
                   "a", call(), [](const Call&) -> Result<int> { throw std::bad_alloc(); })),
               std::bad_alloc);
  EXPECT_EQ(**get(fresh, "a", 1), 1);
}

}  // namespace
}  // namespace bourse::binance
