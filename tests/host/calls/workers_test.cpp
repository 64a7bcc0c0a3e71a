// SPDX-License-Identifier: MIT
//
// The pool's promises: never more computing than allowed, never idle while somebody waits, never
// stuck. No test sleeps: threads meet at gates, and a run that is stuck ends at a hard limit.
#include "host/calls/workers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/host/support/gate.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

/// How many are inside at once, and how many ever were.
class Crowd {
 public:
  void enter() {
    const int now = ++inside_;
    int most = most_.load();
    while (now > most && !most_.compare_exchange_weak(most, now)) {
    }
  }
  void leave() { --inside_; }
  [[nodiscard]] int inside() const { return inside_.load(); }
  [[nodiscard]] int most() const { return most_.load(); }

 private:
  std::atomic<int> inside_{0};
  std::atomic<int> most_{0};
};

TEST(Workers, RunWhatTheyAreGiven) {
  Workers workers({.computing = 2, .threads = 4, .queue = 100});
  std::atomic<int> done{0};
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(workers.submit([&] { ++done; }));
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(done, 50);
}

TEST(Workers, NeverComputeMoreThanTheyMay) {
  for (const unsigned computing : {1U, 2U, 3U}) {
    Workers workers({.computing = computing, .threads = 16, .queue = 1000});
    Crowd crowd;
    for (int i = 0; i < 300; ++i) {
      ASSERT_TRUE(workers.submit([&] {
        crowd.enter();
        std::this_thread::yield();
        crowd.leave();
        {
          const Workers::Waiting waiting(&workers);
          std::this_thread::yield();
        }
        crowd.enter();
        std::this_thread::yield();
        crowd.leave();
      }));
    }
    ASSERT_TRUE(workers.drain(kHardLimit));
    EXPECT_LE(crowd.most(), static_cast<int>(computing));
  }
}

TEST(Workers, OneWhoWaitsLetsAnotherCompute) {
  Workers workers({.computing = 1, .threads = 2, .queue = 10});
  Gate other_ran;
  std::atomic<bool> came_back{false};
  ASSERT_TRUE(workers.submit([&] {
    const Workers::Waiting waiting(&workers);
    came_back = other_ran.wait();
  }));
  ASSERT_TRUE(workers.submit([&] { other_ran.open(); }));
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_TRUE(came_back);
}

TEST(Workers, OneWhoComputesLetsNobodyElse) {
  Workers workers({.computing = 1, .threads = 8, .queue = 10});
  Gate finish;
  Gate started;
  std::atomic<bool> second_ran{false};
  ASSERT_TRUE(workers.submit([&] {
    started.open();
    finish.wait();
    EXPECT_FALSE(second_ran);
  }));
  ASSERT_TRUE(started.wait());
  ASSERT_TRUE(workers.submit([&] { second_ran = true; }));
  EXPECT_EQ(workers.queued(), 1U);
  finish.open();
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_TRUE(second_ran);
}

TEST(Workers, StepsStandStillWhileNothingMovesAndOnlyThen) {
  Workers workers({.computing = 1, .threads = 2, .queue = 10});
  EXPECT_EQ(workers.steps(), 0U);
  Gate finish;
  Gate started;
  ASSERT_TRUE(workers.submit([&] {
    started.open();
    finish.wait();
  }));
  ASSERT_TRUE(started.wait());
  EXPECT_EQ(workers.steps(), 1U) << "it has begun";
  ASSERT_TRUE(workers.submit([&] {
    const Workers::Waiting waiting(&workers);
    EXPECT_EQ(workers.steps(), 4U) << "one has ended, one has begun, and waits";
  }));
  EXPECT_EQ(workers.steps(), 1U) << "to be queued is no step";
  finish.open();
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(workers.steps(), 6U) << "it went on, and ended";
}

TEST(Workers, AWaitInsideAWaitGivesUpTheTurnOnce) {
  Workers workers({.computing = 1, .threads = 4, .queue = 100});
  Crowd crowd;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(workers.submit([&] {
      {
        const Workers::Waiting outer(&workers);
        const auto pause = Workers::pause_of(&workers)();
        std::this_thread::yield();
      }
      crowd.enter();
      std::this_thread::yield();
      crowd.leave();
    }));
  }
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(crowd.most(), 1);
}

TEST(Workers, WaitingOutsideThePoolMeansNothing) {
  Workers workers({.computing = 1, .threads = 2, .queue = 100});
  Workers others({.computing = 1, .threads = 2, .queue = 100});
  const Workers::Waiting here(&workers);
  const Workers::Waiting nowhere(nullptr);
  Crowd crowd;
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(workers.submit([&] {
      const Workers::Waiting elsewhere(&others);
      crowd.enter();
      std::this_thread::yield();
      crowd.leave();
    }));
  }
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(crowd.most(), 1);
}

TEST(Workers, AllMayWaitAtOnceAndComeBack) {
  constexpr int kTasks = 8;
  Workers workers({.computing = 2, .threads = kTasks, .queue = 100});
  Gate everybody_waits;
  std::atomic<int> waiting_now{0};
  Crowd crowd;
  for (int i = 0; i < kTasks; ++i) {
    ASSERT_TRUE(workers.submit([&] {
      {
        const Workers::Waiting waiting(&workers);
        if (++waiting_now == kTasks) everybody_waits.open();
        ASSERT_TRUE(everybody_waits.wait());
      }
      crowd.enter();
      std::this_thread::yield();
      crowd.leave();
    }));
  }
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_LE(crowd.most(), 2);
}

TEST(Workers, NeverGetStuckHoweverTheyWaitResumeAndAssist) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    std::mt19937_64 random(seed);
    const unsigned computing = 1 + static_cast<unsigned>(random() % 3);
    const unsigned threads = computing + static_cast<unsigned>(random() % 6);
    Workers workers({.computing = computing, .threads = threads, .queue = 10'000});
    Crowd crowd;
    std::atomic<int> done{0};
    std::atomic<int> helped{0};
    int helpers = 0;
    std::function<void(std::uint64_t)> task = [&](std::uint64_t own_seed) {
      std::mt19937_64 own(own_seed);
      for (std::uint64_t step = own() % 5; step > 0; --step) {
        crowd.enter();
        if (own() % 2 == 0) std::this_thread::yield();
        crowd.leave();
        const Workers::Waiting waiting(&workers);
        if (own() % 2 == 0) std::this_thread::yield();
        if (own() % 4 == 0 && workers.assist([&] { ++helped; })) ++done;
      }
      ++done;
    };
    constexpr int kTasks = 150;
    for (int i = 0; i < kTasks; ++i) {
      ASSERT_TRUE(workers.submit([&task, s = random()] { task(s); }));
      if (random() % 8 == 0 && workers.assist([&] { ++helped; })) ++helpers;
    }
    ASSERT_TRUE(workers.drain(kHardLimit)) << "stuck with seed " << seed;
    EXPECT_EQ(done - (helped - helpers), kTasks) << "every task and every helper ran once";
    EXPECT_LE(crowd.most(), static_cast<int>(computing)) << "seed " << seed;
  }
}

TEST(Workers, TakeNoMoreThanTheQueueHolds) {
  Workers workers({.computing = 1, .threads = 1, .queue = 2});
  Gate finish;
  Gate started;
  std::atomic<int> ran{0};
  ASSERT_TRUE(workers.submit([&] {
    started.open();
    finish.wait();
  }));
  ASSERT_TRUE(started.wait());
  EXPECT_TRUE(workers.submit([&] { ++ran; }));
  EXPECT_TRUE(workers.submit([&] { ++ran; }));
  EXPECT_FALSE(workers.submit([&] { ran += 100; }));
  finish.open();
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(ran, 2);
}

TEST(Workers, AssistOnlyWhenThereIsAThreadForIt) {
  Workers workers({.computing = 1, .threads = 2, .queue = 10});
  Gate finish;
  Gate started;
  std::atomic<int> assisted{0};
  ASSERT_TRUE(workers.submit([&] {
    started.open();
    const Workers::Waiting waiting(&workers);
    finish.wait();
  }));
  ASSERT_TRUE(started.wait());
  Gate assisting;
  EXPECT_TRUE(workers.assist([&] {
    assisting.open();
    finish.wait();
    ++assisted;
  })) << "the second thread is free";
  ASSERT_TRUE(assisting.wait());
  EXPECT_FALSE(workers.assist([&] { assisted += 100; })) << "both threads are taken";
  EXPECT_TRUE(workers.submit([] {})) << "the queue is not";
  EXPECT_FALSE(workers.assist([&] { assisted += 100; }));
  finish.open();
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(assisted, 1);
}

TEST(Workers, AssistAlsoThoseWhoAreNotOfThePool) {
  Workers workers({.computing = 1, .threads = 2, .queue = 10});
  Gate helped;
  ASSERT_TRUE(workers.assist([&] { helped.open(); }));
  EXPECT_TRUE(helped.wait());
}

TEST(Workers, AHelperGoesBeforeWhatHasNotBegun) {
  Workers workers({.computing = 1, .threads = 8, .queue = 10});
  std::vector<int> order;  // one computes at a time
  Gate filled;
  Gate started;
  ASSERT_TRUE(workers.submit([&] {
    started.open();
    filled.wait();
    EXPECT_TRUE(workers.assist([&] { order.push_back(1); }));
  }));
  ASSERT_TRUE(started.wait());
  ASSERT_TRUE(workers.submit([&] { order.push_back(2); }));
  ASSERT_TRUE(workers.submit([&] { order.push_back(3); }));
  filled.open();
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(Workers, StopFinishesWhatIsQueuedAndRefusesTheRest) {
  Workers workers({.computing = 1, .threads = 4, .queue = 100});
  std::atomic<int> done{0};
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(workers.submit([&] { ++done; }));
  workers.stop();
  EXPECT_EQ(done, 20);
  EXPECT_FALSE(workers.submit([&] { ++done; }));
  EXPECT_FALSE(workers.assist([&] { ++done; }));
  workers.stop();
  EXPECT_EQ(done, 20);
}

TEST(Workers, StopWakesThreadsThatSleptWhileTheLastTaskWaitedForATurn) {
  // Several idle threads, one turn taken, one task queued: only one of the sleepers gets it, and
  // the others once slept for ever.
  std::atomic<bool> stopped{false};
  std::thread run([&] {
    for (int round = 0; round < 50; ++round) {
      Workers workers({.computing = 1, .threads = 8, .queue = 100});
      Gate all_wait;
      std::atomic<int> waiting_now{0};
      for (int i = 0; i < 4; ++i) {  // makes four threads
        ASSERT_TRUE(workers.submit([&] {
          const Workers::Waiting waiting(&workers);
          if (++waiting_now == 4) all_wait.open();
          all_wait.wait();
        }));
      }
      ASSERT_TRUE(workers.drain(kHardLimit));
      Gate started;
      Gate finish;
      ASSERT_TRUE(workers.submit([&] {
        started.open();
        finish.wait();
      }));
      ASSERT_TRUE(started.wait());
      ASSERT_TRUE(workers.submit([] {}));
      std::thread stopper([&] { workers.stop(); });
      while (workers.submit([] {})) std::this_thread::yield();  // until it stops
      finish.open();
      stopper.join();
    }
    stopped = true;
  });
  const auto end = std::chrono::steady_clock::now() + kHardLimit;
  while (!stopped && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  if (!stopped) {
    std::fprintf(stderr, "stop() is stuck\n");
    std::abort();  // the thread cannot be joined
  }
  run.join();
}

TEST(Workers, ATaskThatThrowsCostsItselfOnly) {
  Workers workers({.computing = 1, .threads = 1, .queue = 10});
  std::atomic<int> done{0};
  ASSERT_TRUE(workers.submit([] { throw std::runtime_error("on purpose"); }));
  ASSERT_TRUE(workers.submit([&] { ++done; }));
  ASSERT_TRUE(workers.submit([&] {
    const Workers::Waiting waiting(&workers);
    throw 1;
  }));
  ASSERT_TRUE(workers.submit([&] { ++done; }));
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(done, 2);
}

TEST(Workers, WhatATaskHoldsIsGoneBeforeItsTurn) {
  Workers workers({.computing = 1, .threads = 1, .queue = 10});
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> seen = held;
  ASSERT_TRUE(workers.submit([held = std::move(held)] {}));
  std::atomic<bool> gone{false};
  ASSERT_TRUE(workers.submit([&] { gone = seen.expired(); }));
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_TRUE(gone);
}

TEST(Workers, DrainGivesUpOnATaskThatDoesNotEnd) {
  Workers workers({.computing = 1, .threads = 1, .queue = 10});
  Gate finish;
  ASSERT_TRUE(workers.submit([&] { finish.wait(); }));
  EXPECT_FALSE(workers.drain(1ms));
  finish.open();
  EXPECT_TRUE(workers.drain(kHardLimit));
}

TEST(Workers, ZeroIsTakenAsOne) {
  Workers workers({.computing = 0, .threads = 0, .queue = 10});
  std::atomic<bool> done{false};
  ASSERT_TRUE(workers.submit([&] { done = true; }));
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace bourse::host::test
