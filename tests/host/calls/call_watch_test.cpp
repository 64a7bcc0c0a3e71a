// SPDX-License-Identifier: MIT
//
// Calls that do not return: their threads get substitutes, their component is told and refused, and
// who only waits for another is not to blame. Deadlines lie in the past, so nothing waits for one.
#include "host/calls/call_watch.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "host/calls/job.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// A call of `analysis` that waits for `control` and does not listen, a minute late already.
class Stubborn {
 public:
  Stubborn(const std::string& run, Control& control, const std::string& sources = "")
      : generation_(
            good_generation("sources: {feed: {use: " + (sources.empty() ? "prompt" : sources) +
                            "}}\ndefaults: {source: feed}\nroutes: [{path: /it, run: " + run +
                            ", format: plain}]\n")) {
    const auto planned = plan(
        generation_, {.target = "/it?listens=false&control=" + std::to_string(control.address())});
    EXPECT_TRUE(planned.ok()) << planned.failure().message;
    job_ = planned->job;
    context_.route = "/it";
    context_.deadline = steady_clock::now() - 1min;
  }
  [[nodiscard]] Result<Rendered> perform(Workers& workers) const {
    return host::perform(job_, context_, &workers);
  }

 private:
  std::shared_ptr<const Generation> generation_;
  Job job_;
  Context context_;
};

template <class Condition>
bool becomes_true(const Condition& condition) {
  const auto end = steady_clock::now() + kHardLimit;
  while (!condition()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

CallWatch::OfComponent figures_of(const Workers& workers, const std::string& name) {
  for (const auto& of : workers.calls().figures()) {
    if (of.name == name) return of;
  }
  return {};
}

TEST(CallWatch, AStuckCallGivesItsTurnToAnotherAndWaitsForOneWhenItReturns) {
  Control control;
  const Stubborn call("wait", control);
  Workers workers({.computing = 1, .threads = 1, .queue = 10, .substitutes = 1});
  std::atomic<bool> other_inside{false};
  Gate other_ran;
  Gate other_ends;
  ASSERT_TRUE(workers.submit([&] {
    (void)call.perform(workers);
    EXPECT_FALSE(other_inside) << "two computed with one turn";
  }));
  ASSERT_TRUE(workers.submit([&] {
    other_inside = true;
    other_ran.open();
    other_ends.wait();
    other_inside = false;
  }));
  EXPECT_TRUE(other_ran.wait()) << "the turn is still with the call that does not return";
  EXPECT_EQ(workers.lost().now, 1U);
  EXPECT_EQ(figures_of(workers, "fixture.pipeline/wait").stuck, 1U);
  EXPECT_FALSE(workers.exhausted());
  control.release.open();
  // The other one must not be seen to have ended before: it waits until the call has returned.
  EXPECT_TRUE(becomes_true([&] { return workers.lost().now == 0; }));
  other_ends.open();
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(figures_of(workers, "fixture.pipeline/wait").stuck, 0U);
  EXPECT_EQ(figures_of(workers, "fixture.pipeline/wait").total, 1U);
}

TEST(CallWatch, WithoutASubstituteThePoolIsExhaustedUntilACallReturns) {
  Control control;
  const Stubborn call("wait", control);
  Workers workers({.computing = 1, .threads = 4, .queue = 10, .substitutes = 0});
  ASSERT_TRUE(workers.submit([&] { (void)call.perform(workers); }));
  EXPECT_TRUE(becomes_true([&] { return workers.exhausted(); }));
  control.release.open();
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_FALSE(workers.exhausted());
}

TEST(CallWatch, ASubstituteThatComesFreeIsForTheOneThatWaitsForOne) {
  Control first;
  Control second;
  const Stubborn one("wait", first);
  const Stubborn two("wait", second);
  Workers workers({.computing = 2, .threads = 2, .queue = 10, .substitutes = 1});
  ASSERT_TRUE(workers.submit([&] { (void)one.perform(workers); }));
  ASSERT_TRUE(first.entered.wait());
  EXPECT_TRUE(becomes_true([&] { return workers.lost().now == 1; }));
  ASSERT_TRUE(workers.submit([&] { (void)two.perform(workers); }));
  ASSERT_TRUE(second.entered.wait());
  EXPECT_TRUE(
      becomes_true([&] { return figures_of(workers, "fixture.pipeline/wait").stuck == 2; }));
  EXPECT_EQ(workers.lost().now, 1U);
  Gate ran;
  ASSERT_TRUE(workers.submit([&] { ran.open(); }));
  EXPECT_TRUE(ran.wait()) << "of two turns one is held, and one was given back";
  first.release.open();
  EXPECT_TRUE(
      becomes_true([&] { return figures_of(workers, "fixture.pipeline/wait").stuck == 1; }));
  EXPECT_TRUE(becomes_true([&] { return workers.lost().now == 1; }))
      << "the second has what the first gave back";
  second.release.open();
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(workers.lost().now, 0U);
}

TEST(CallWatch, AComponentWhoseCallsAreStuckIsRefusedMoreAndOthersAreNot) {
  Control control;
  const Stubborn call("wait", control);
  Control released;
  released.release.open();
  const Stubborn other("blocked", released);
  Workers workers({.computing = 4, .threads = 8, .queue = 10, .substitutes = 4});
  ASSERT_TRUE(workers.submit([&] { (void)call.perform(workers); }));
  EXPECT_TRUE(
      becomes_true([&] { return figures_of(workers, "fixture.pipeline/wait").stuck == 1; }));
  // Another instance of the same component: a route of a generation of its own.
  const Stubborn another("wait", released);
  Gate done;
  ASSERT_TRUE(workers.submit([&] {
    const auto refused = call.perform(workers);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.failure().status, BOURSE_UNAVAILABLE);
    EXPECT_EQ(refused.failure().code, "component_stuck");
    EXPECT_EQ(refused.failure().retry_after, 10s);
    EXPECT_NE(refused.failure().message.find("fixture.pipeline/wait"), std::string::npos);
    EXPECT_EQ(control.calls, 1) << "it was called again";
    (void)other.perform(workers);
    (void)another.perform(workers);
    done.open();
  }));
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(released.calls, 2);
  EXPECT_EQ(figures_of(workers, "fixture.pipeline/wait").refused, 1U);
  control.release.open();
  EXPECT_TRUE(workers.drain(kHardLimit));
  ASSERT_TRUE(workers.submit([&] { (void)call.perform(workers); }));
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(control.calls, 2) << "it has returned, so it is asked again";
}

TEST(CallWatch, OutsideThePoolNothingIsWatched) {
  Control control;
  control.release.open();
  const Stubborn call("wait", control);
  Workers workers({.computing = 1, .threads = 1, .queue = 10});
  (void)call.perform(workers);
  EXPECT_TRUE(workers.calls().figures().empty());
}

TEST(CallWatch, WhatHasNoDeadlineMayTakeAsLongAsItLikes) {
  Control control;
  Control late;
  const auto generation = good_generation(
      "sources: {feed: {use: prompt}}\ndefaults: {source: feed}\n"
      "routes: [{path: /it, run: wait, format: plain}]\n");
  const auto planned = plan(
      generation, {.target = "/it?listens=false&control=" + std::to_string(control.address())});
  ASSERT_TRUE(planned.ok());
  const Stubborn call("blocked", late);
  Workers workers({.computing = 2, .threads = 4, .queue = 10});
  ASSERT_TRUE(workers.submit([&] { (void)perform(planned->job, Context{}, &workers); }));
  ASSERT_TRUE(control.entered.wait());
  ASSERT_TRUE(workers.submit([&] { (void)call.perform(workers); }));
  EXPECT_TRUE(
      becomes_true([&] { return figures_of(workers, "fixture.pipeline/blocked").stuck == 1; }));
  EXPECT_EQ(figures_of(workers, "fixture.pipeline/wait").total, 0U);
  control.release.open();
  late.release.open();
  EXPECT_TRUE(workers.drain(kHardLimit));
}

}  // namespace
}  // namespace bourse::host::test
