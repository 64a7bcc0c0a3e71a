// SPDX-License-Identifier: MIT
#include "host/service/pending.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "tests/host/support/gate.hpp"

namespace bourse::host::test {
namespace {

using std::chrono::hours;
using std::chrono::steady_clock;
using std::chrono_literals::operator""ms;

struct Counted : Watched {
  std::atomic<int> calls{0};
  Gate called;
  void late() noexcept override {
    ++calls;
    called.open();
  }
};

class CountingSink : public Responder::Sink {
 public:
  void send(Response response) override {
    ++answers;
    status = response.status;
  }
  [[nodiscard]] bool gone() const noexcept override { return false; }
  std::atomic<int> answers{0};
  std::atomic<int> status{0};
};

TEST(Pending, IsAnsweredByTheFirstOnly) {
  for (int round = 0; round < 50; ++round) {
    auto sink = std::make_shared<CountingSink>();
    Pending pending{Responder(sink)};
    std::atomic<int> won{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] { won += pending.answer({.status = 200}) ? 1 : 0; });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(sink->answers, 1);
    EXPECT_TRUE(pending.answered());
  }
}

TEST(Pending, ThatNobodyAnsweredAnswersForItself) {
  auto sink = std::make_shared<CountingSink>();
  { const Pending pending{Responder(sink)}; }
  EXPECT_EQ(sink->answers, 1);
  EXPECT_EQ(sink->status, 500);
}

TEST(Deadlines, CallTheLateOnceAndForgetThem) {
  Deadlines deadlines;
  const auto late = std::make_shared<Counted>();
  const auto ticket = deadlines.watch(steady_clock::now(), late);
  EXPECT_TRUE(late->called.wait());
  EXPECT_EQ(deadlines.size(), 0U);
  deadlines.forget(ticket);  // too late, and nothing happens
  EXPECT_EQ(late->calls, 1);
}

TEST(Deadlines, CallInTheOrderOfTimeNotOfWatching) {
  Deadlines deadlines;
  const auto far = std::make_shared<Counted>();
  const auto near = std::make_shared<Counted>();
  (void)deadlines.watch(steady_clock::now() + hours(1), far);
  (void)deadlines.watch(steady_clock::now() + 1ms, near);
  EXPECT_TRUE(near->called.wait()) << "the clock waited for the far one";
  EXPECT_EQ(far->calls, 0);
  EXPECT_EQ(deadlines.size(), 1U);
}

TEST(Deadlines, MayForgetTwiceAndWhatNeverWas) {
  Deadlines deadlines;
  const auto kept = std::make_shared<Counted>();
  const auto done = std::make_shared<Counted>();
  (void)deadlines.watch(steady_clock::now() + hours(1), kept);
  const auto ticket = deadlines.watch(steady_clock::now() + hours(1), done);
  deadlines.forget({});
  deadlines.forget(ticket);
  deadlines.forget(ticket);
  EXPECT_EQ(deadlines.size(), 1U) << "the other is still watched";
}

TEST(Deadlines, HoldNothingOfWhatIsDone) {
  // 100000 answered requests with a deadline of an hour: what watched them must be gone.
  Deadlines deadlines;
  std::weak_ptr<Counted> last;
  for (int i = 0; i < 100'000; ++i) {
    const auto request = std::make_shared<Counted>();
    deadlines.forget(deadlines.watch(steady_clock::now() + hours(1), request));
    last = request;
  }
  EXPECT_EQ(deadlines.size(), 0U);
  EXPECT_TRUE(last.expired());
}

TEST(Deadlines, KeepNobodyAlive) {
  Deadlines deadlines;
  const auto late = std::make_shared<Counted>();
  {
    const auto gone = std::make_shared<Counted>();
    (void)deadlines.watch(steady_clock::now() + 1ms, gone);
  }
  (void)deadlines.watch(steady_clock::now() + 2ms, late);
  EXPECT_TRUE(late->called.wait()) << "what is gone is passed over";
}

/// Lets go of itself when it is late, and forgets its watch when it goes.
struct Forgetful : Watched {
  Forgetful(Deadlines& of, Gate& when_gone) : deadlines(of), gone(when_gone) {}
  ~Forgetful() override {
    deadlines.forget(ticket);
    gone.open();
  }
  Forgetful(const Forgetful&) = delete;
  Forgetful& operator=(const Forgetful&) = delete;
  void late() noexcept override {
    armed.wait();
    self = nullptr;
  }

  Deadlines& deadlines;
  Gate& gone;
  Gate armed;
  Deadlines::Ticket ticket;
  std::shared_ptr<Forgetful> self;
};

TEST(Deadlines, WhatIsLateMayGoAndForgetItsWatch) {
  Deadlines deadlines;
  Gate gone;
  auto late = std::make_shared<Forgetful>(deadlines, gone);
  Forgetful& it = *late;
  it.self = late;
  it.ticket = deadlines.watch(steady_clock::now(), late);
  late = nullptr;
  it.armed.open();
  EXPECT_TRUE(gone.wait()) << "the clock waits for itself";
}

TEST(Deadlines, OfOneMomentAreAllKept) {
  Deadlines deadlines;
  const auto when = steady_clock::now() + 5ms;
  std::vector<std::shared_ptr<Counted>> all(20);
  for (auto& one : all) {
    one = std::make_shared<Counted>();
    (void)deadlines.watch(when, one);
  }
  for (const auto& one : all) {
    EXPECT_TRUE(one->called.wait());
  }
}

TEST(Deadlines, EndWithoutCallingWhatIsNotLate) {
  const auto far = std::make_shared<Counted>();
  {
    Deadlines deadlines;
    (void)deadlines.watch(steady_clock::now() + hours(1), far);
  }
  EXPECT_EQ(far->calls, 0);
}

TEST(Deadlines, MayBeWatchedAndForgottenByManyThreads) {
  Deadlines deadlines;
  std::vector<std::thread> threads;
  std::atomic<int> late{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        const auto one = std::make_shared<Counted>();
        const bool soon = (i + t) % 3 == 0;
        const auto ticket = deadlines.watch(steady_clock::now() + (soon ? 0ms : 3'600'000ms), one);
        if (soon) {
          late += one->called.wait() ? 1 : 0;
        }
        deadlines.forget(ticket);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(late, 400);
  EXPECT_EQ(deadlines.size(), 0U);
}

}  // namespace
}  // namespace bourse::host::test
