// SPDX-License-Identifier: MIT
//
// One run for all who ask: whoever comes, leaves, is late, or asks while nobody has begun.
#include "host/answers/flights.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/base/failures.hpp"
#include "tests/host/answers/fixture.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using std::chrono::steady_clock;

KeptPtr kept(const std::string& bytes) {
  auto made = std::make_shared<Kept>();
  made->rendition = rendition(bytes);
  return made;
}

/// Work that begins, waits until it is released or told to stop, and is counted.
struct Slow {
  Gate begun;
  Gate release;
  std::atomic<int> runs{0};
  std::atomic<int> stopped{0};

  Flights::Work work(const std::string& bytes = "answer") {
    return [this, bytes](const Context& context) -> Flights::Outcome {
      ++runs;
      begun.open();
      while (!release.is_open()) {
        if (const auto status = context.poll(); status != BOURSE_OK) {
          ++stopped;
          return Failure{
              .status = status, .code = "told_to", .message = "", .origin = Origin::kSilent};
        }
        std::this_thread::yield();
      }
      return kept(bytes);
    };
  }
};

/// Clients in threads of their own.
class Crowd {
 public:
  ~Crowd() { join(); }
  std::shared_ptr<TestSink> add(
      std::function<Flights::Outcome(const Context&)> asks,
      steady_clock::time_point deadline = steady_clock::time_point::max()) {
    auto client = std::make_shared<TestSink>();
    threads_.emplace_back([this, client, deadline, asks = std::move(asks)] {
      Context context;
      context.client = client;
      context.deadline = deadline;
      const auto outcome = asks(context);
      const std::lock_guard lock(mutex_);
      outcomes_.push_back(outcome.ok() ? *(*outcome)->rendition->bytes()
                                       : std::to_string(outcome.failure().status) + " " +
                                             outcome.failure().code);
    });
    return client;
  }
  void join() {
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }
  int count(const std::string& outcome) {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::count(outcomes_.begin(), outcomes_.end(), outcome));
  }

 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::vector<std::string> outcomes_;
};

/// Until so many have joined: they have no other way to say that they are there.
void await_joined(const Flights& flights, std::uint64_t n) {
  const auto end = steady_clock::now() + kHardLimit;
  while (flights.joined() < n && steady_clock::now() < end) std::this_thread::yield();
  ASSERT_GE(flights.joined(), n);
}

TEST(Flights, ManyWhoAskTheSameCauseOneRun) {
  Flights flights;
  Slow slow;
  Crowd crowd;
  const auto asks = [&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, slow.work());
  };
  for (int i = 0; i < 100; ++i) crowd.add(asks);
  await_joined(flights, 99);
  slow.release.open();
  crowd.join();
  EXPECT_EQ(slow.runs, 1);
  EXPECT_EQ(crowd.count("answer"), 100);
  EXPECT_EQ(flights.in_the_air(), 0U);
}

TEST(Flights, AnotherQuestionIsAnotherRun) {
  Flights flights;
  Slow slow;
  slow.release.open();
  EXPECT_TRUE(flights.fly(question("a"), {}, nullptr, slow.work()).ok());
  EXPECT_TRUE(flights.fly(question("b"), {}, nullptr, slow.work()).ok());
  EXPECT_TRUE(flights.fly(question("a"), {}, nullptr, slow.work()).ok()) << "it has landed";
  EXPECT_EQ(slow.runs, 3);
}

// T12 of the facts.
TEST(Flights, TheLeaderMayLeaveAndTheOthersGetItsAnswer) {
  Flights flights;
  Slow slow;
  Crowd crowd;
  const auto asks = [&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, slow.work());
  };
  const auto leader = crowd.add(asks);
  ASSERT_TRUE(slow.begun.wait());
  for (int i = 0; i < 99; ++i) crowd.add(asks);
  await_joined(flights, 99);
  leader->leave();
  slow.release.open();
  crowd.join();
  EXPECT_EQ(slow.runs, 1);
  EXPECT_EQ(slow.stopped, 0);
  EXPECT_EQ(crowd.count("answer"), 100) << "the leader's thread made it, so it has it too";
}

// T13 of the facts.
TEST(Flights, AWaiterThatLeavesTakesNobodyWithIt) {
  Flights flights;
  Slow slow;
  Crowd crowd;
  const auto asks = [&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, slow.work());
  };
  crowd.add(asks);
  ASSERT_TRUE(slow.begun.wait());
  std::vector<std::shared_ptr<TestSink>> waiters;
  for (int i = 0; i < 9; ++i) waiters.push_back(crowd.add(asks));
  await_joined(flights, 9);
  waiters[2]->leave();
  const auto end = steady_clock::now() + kHardLimit;
  while (crowd.count("499 cancelled") == 0 && steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(flights.in_the_air(), 1U) << "the key is still there";
  crowd.add(asks);
  await_joined(flights, 10);
  slow.release.open();
  crowd.join();
  EXPECT_EQ(slow.runs, 1) << "the newcomer joined";
  EXPECT_EQ(crowd.count("answer"), 10);
  EXPECT_EQ(crowd.count("499 cancelled"), 1);
}

TEST(Flights, WhenAllHaveLeftTheWorkIsToldAndANewcomerBeginsAnew) {
  Flights flights;
  Slow slow;
  Crowd crowd;
  const auto asks = [&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, slow.work());
  };
  const auto first = crowd.add(asks);
  ASSERT_TRUE(slow.begun.wait());
  const auto second = crowd.add(asks);
  await_joined(flights, 1);
  first->leave();
  second->leave();
  crowd.join();
  EXPECT_EQ(slow.stopped, 1);
  EXPECT_EQ(crowd.count("499 cancelled"), 2);
  slow.release.open();
  EXPECT_TRUE(flights.fly(question("a"), {}, nullptr, slow.work()).ok());
  EXPECT_EQ(slow.runs, 2);
}

// 7.3 of the facts: the leader's time is over, the waiter's is not.
TEST(Flights, TheDeadlineIsTheLatestOfThoseWhoWait) {
  Flights flights;
  Slow slow;
  Crowd crowd;
  struct Hasty final : Party {
    std::atomic<bourse_status> status{BOURSE_OK};
    [[nodiscard]] bourse_status poll() const noexcept override { return status; }
    [[nodiscard]] steady_clock::time_point deadline() const noexcept override {
      return steady_clock::now() + std::chrono::minutes(1);  // while it can be joined
    }
  };
  const auto hasty = std::make_shared<Hasty>();
  const auto asks = [&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, slow.work());
  };
  crowd.add([&](Context context) {
    context.party = hasty;
    return asks(context);
  });
  ASSERT_TRUE(slow.begun.wait());
  crowd.add(asks);
  await_joined(flights, 1);
  hasty->status = BOURSE_DEADLINE;
  slow.release.open();
  crowd.join();
  EXPECT_EQ(slow.stopped, 0);
  EXPECT_EQ(slow.runs, 1);
  EXPECT_EQ(crowd.count("answer"), 2);
}

TEST(Flights, EachLeavesAtItsOwnDeadline) {
  Flights flights;
  Slow slow;
  Crowd crowd;
  const auto asks = [&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, slow.work());
  };
  crowd.add(asks);
  ASSERT_TRUE(slow.begun.wait());
  crowd.add(asks, steady_clock::now() + std::chrono::milliseconds(5));
  const auto end = steady_clock::now() + kHardLimit;
  while (crowd.count("504 deadline_exceeded") == 0 && steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_EQ(crowd.count("504 deadline_exceeded"), 1);
  slow.release.open();
  crowd.join();
  EXPECT_EQ(crowd.count("answer"), 1);
}

// Its work may never return: who joined it would wait in vain, and so would all who came after.
TEST(Flights, WhatIsLateAndDoesNotListenIsNotForNewcomers) {
  Flights flights;
  Gate begun;
  Gate release;
  Crowd crowd;
  const auto deaf = [&](const Context&) -> Flights::Outcome {
    begun.open();
    release.wait();
    return kept("late");
  };
  const auto late_at = steady_clock::now() + std::chrono::milliseconds(500);
  crowd.add(
      [&](const Context& context) { return flights.fly(question("a"), context, nullptr, deaf); },
      late_at);
  ASSERT_TRUE(begun.wait());
  const auto end = steady_clock::now() + kHardLimit;
  Flights::Ride ride{.joined = true};
  Flights::Outcome outcome = Failure{};
  while (steady_clock::now() < late_at) std::this_thread::yield();
  Context newcomer;
  newcomer.deadline = end;
  outcome = flights.fly(
      question("a"), newcomer, nullptr, [](const Context&) { return kept("new"); }, true, &ride);
  EXPECT_FALSE(ride.joined);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(*(*outcome)->rendition->bytes(), "new");
  release.open();
  crowd.join();
  EXPECT_EQ(flights.in_the_air(), 0U);
}

TEST(Flights, ARealFailureIsForAllWhoWaited) {
  Flights flights;
  Gate release;
  Gate begun;
  std::atomic<int> runs{0};
  Crowd crowd;
  const auto asks = [&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, [&](const Context&) -> Flights::Outcome {
      ++runs;
      begun.open();
      release.wait();
      return Failure{.status = 502, .code = "down", .message = "", .origin = Origin::kPlugin};
    });
  };
  for (int i = 0; i < 5; ++i) crowd.add(asks);
  await_joined(flights, 4);
  release.open();
  crowd.join();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(crowd.count("502 down"), 5);
}

TEST(Flights, AnExceptionOfTheHostsOwnLeavesNobodyWaiting) {
  Flights flights;
  const auto outcome =
      flights.fly(question("a"), {}, nullptr,
                  [](const Context&) -> Flights::Outcome { throw std::bad_alloc(); });
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.failure().code, "out_of_memory");
  EXPECT_EQ(flights.in_the_air(), 0U);
}

// T14 of the facts, of a flight alone.
TEST(Flights, WhoAsksAfterAChangeDoesNotJoinWhatBeganBeforeIt) {
  Flights flights;
  Slow before;
  Slow after;
  Crowd crowd;
  crowd.add([&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, before.work("old"));
  });
  ASSERT_TRUE(before.begun.wait());
  crowd.add([&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, before.work("old"));
  });
  await_joined(flights, 1);
  flights.changed(question("a"));
  crowd.add([&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, after.work("new"));
  });
  ASSERT_TRUE(after.begun.wait()) << "a second run, beside the first";
  before.release.open();
  const auto end = steady_clock::now() + kHardLimit;
  while (crowd.count("old") < 2 && steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(flights.in_the_air(), 1U) << "the first landed, and left the key to the second";
  crowd.add([&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, after.work("new"));
  });
  await_joined(flights, 2);
  after.release.open();
  crowd.join();
  EXPECT_EQ(before.runs, 1);
  EXPECT_EQ(after.runs, 1);
  EXPECT_EQ(crowd.count("old"), 2);
  EXPECT_EQ(crowd.count("new"), 2);
}

// 7.5 of the facts.
TEST(Flights, WhoWaitsRunsWhatNobodyHasBegun) {
  Flights flights;
  std::function<void()> queued;
  int told = 0;
  flights.board(
      question("a"), {}, [](const Context&) -> Flights::Outcome { return kept("answer"); },
      [&](std::function<void()> task) {
        queued = std::move(task);  // all workers are busy: with waiting for this, say
        return true;
      },
      [&](const Flights::Outcome& outcome, bool joined) {
        EXPECT_TRUE(outcome.ok());
        EXPECT_FALSE(joined);
        ++told;
      });
  const auto outcome =
      flights.fly(question("a"), {}, nullptr, [](const Context&) -> Flights::Outcome {
        ADD_FAILURE() << "the flight has work of its own";
        return kept("other");
      });
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(*(*outcome)->rendition->bytes(), "answer");
  EXPECT_EQ(told, 1);
  queued();
  EXPECT_EQ(told, 1) << "there is nothing left to do";
}

// T16 of the facts: with as many askers as threads, each of which needs one cold answer.
TEST(Flights, WorkersThatAllAskTheSameColdQuestionAllFinish) {
  Flights flights;
  Workers workers({.computing = 2, .threads = 8, .queue = 100});
  std::atomic<int> runs{0};
  std::atomic<int> good{0};
  for (int i = 0; i < 64; ++i) {
    ASSERT_TRUE(workers.submit([&, i] {
      const auto outer = flights.fly(question("analysis" + std::to_string(i)), {}, &workers,
                                     [&](const Context& context) -> Flights::Outcome {
                                       return flights.fly(question("dataset"), context, &workers,
                                                          [&](const Context&) -> Flights::Outcome {
                                                            ++runs;
                                                            return kept("data");
                                                          });
                                     });
      good += outer.ok() ? 1 : 0;
    }));
  }
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(good, 64);
  EXPECT_GE(runs, 1);
}

TEST(Flights, AFullQueueIsToldToEachAndIsNobodysAnswer) {
  Flights flights;
  int told = 0;
  const auto refuses = [](const std::function<void()>&) { return false; };
  for (int i = 0; i < 2; ++i) {
    flights.board(
        question("a"), {}, [](const Context&) -> Flights::Outcome { return kept("x"); }, refuses,
        [&](const Flights::Outcome& outcome, bool) {
          ASSERT_FALSE(outcome.ok());
          EXPECT_EQ(outcome.failure().status, BOURSE_UNAVAILABLE);
          EXPECT_EQ(outcome.failure().code, "overloaded");
          EXPECT_EQ(outcome.failure().retry_after, 1s);
          ++told;
        });
  }
  EXPECT_EQ(told, 2);
  EXPECT_EQ(flights.in_the_air(), 0U);
}

TEST(Flights, AQuestionThatNeedsItsOwnAnswerIsRefusedAtOnce) {
  Flights flights;
  const auto outcome =
      flights.fly(question("a"), {}, nullptr, [&](const Context& of_a) -> Flights::Outcome {
        return flights.fly(
            question("b"), of_a, nullptr, [&](const Context& of_b) -> Flights::Outcome {
              return flights.fly(question("a"), of_b, nullptr,
                                 [](const Context&) -> Flights::Outcome { return kept("x"); });
            });
      });
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.failure().code, "circular_question");
  EXPECT_EQ(flights.in_the_air(), 0U);
}

TEST(Flights, TwoThatNeedEachOtherAreFoundFromTwoThreads) {
  Flights flights;
  Gate a_begun;
  Gate b_begun;
  Crowd crowd;
  const auto none = [](const Context&) -> Flights::Outcome { return kept("never"); };
  crowd.add([&](const Context& context) {
    return flights.fly(question("a"), context, nullptr, [&](const Context& of_a) {
      a_begun.open();
      b_begun.wait();
      return flights.fly(question("b"), of_a, nullptr, none);
    });
  });
  crowd.add([&](const Context& context) {
    return flights.fly(question("b"), context, nullptr, [&](const Context& of_b) {
      b_begun.open();
      a_begun.wait();
      return flights.fly(question("a"), of_b, nullptr, none);
    });
  });
  crowd.join();
  EXPECT_EQ(crowd.count("500 circular_question"), 2)
      << "one found it, the other waited for that one";
}

TEST(Flights, StopsThroughAllLevelsWhenTheClientLeaves) {
  Flights flights;
  Slow slow;
  Crowd crowd;
  const auto client = crowd.add([&](const Context& context) {
    return flights.fly(question("analysis"), context, nullptr, [&](const Context& of_analysis) {
      return flights.fly(question("dataset"), of_analysis, nullptr, slow.work());
    });
  });
  ASSERT_TRUE(slow.begun.wait());
  client->leave();
  crowd.join();
  EXPECT_EQ(slow.stopped, 1);
}

TEST(Flights, ADatasetGoesOnForAnotherAnalysisThatWaitsForIt) {
  Flights flights;
  Slow slow;
  Crowd crowd;
  const auto asks = [&](const char* analysis) {
    return [&flights, &slow, analysis](const Context& context) {
      return flights.fly(question(analysis), context, nullptr, [&](const Context& of_analysis) {
        return flights.fly(question("dataset"), of_analysis, nullptr, slow.work());
      });
    };
  };
  const auto first = crowd.add(asks("one"));
  ASSERT_TRUE(slow.begun.wait());
  crowd.add(asks("two"));
  await_joined(flights, 1);
  first->leave();
  slow.release.open();
  crowd.join();
  EXPECT_EQ(slow.runs, 1);
  EXPECT_EQ(slow.stopped, 0);
  EXPECT_GE(crowd.count("answer"), 1);
}

}  // namespace
}  // namespace bourse::host::test
