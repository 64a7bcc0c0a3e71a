// SPDX-License-Identifier: MIT
//
// When a source is passed over, and how it comes back. Instants are made by hand.
#include "host/calls/source_breaker.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/host/observe/captured_errors.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

Instant at(std::chrono::nanoseconds time) { return {.wall = 0, .boot = (1000s + time).count()}; }

Failure down(std::chrono::nanoseconds retry_after = {}) {
  return {.status = BOURSE_UPSTREAM,
          .code = "upstream_down",
          .message = "It is down.",
          .retry_after = retry_after};
}

void fail_often(SourceBreaker& breaker, int times, std::chrono::nanoseconds time,
                std::chrono::nanoseconds retry_after = {}) {
  for (int i = 0; i < times; ++i) breaker.failed(down(retry_after), at(time));
}

TEST(SourceBreaker, FiveFailuresInTenSecondsAndItIsPassedOver) {
  SourceBreaker breaker("main");
  fail_often(breaker, 4, 0s);
  EXPECT_FALSE(breaker.pass_over(at(0s)));
  fail_often(breaker, 1, 9s);
  EXPECT_TRUE(breaker.is_failing());
  EXPECT_TRUE(breaker.pass_over(at(9s)));
}

TEST(SourceBreaker, FailuresThatAreFarApartAreNone) {
  SourceBreaker breaker("main");
  for (int i = 0; i < 50; ++i) breaker.failed(down(), at(3s * i));
  EXPECT_FALSE(breaker.is_failing()) << "four in ten seconds at most";
}

TEST(SourceBreaker, OneAnswerInBetweenAndTheyBeginAnew) {
  SourceBreaker breaker("main");
  fail_often(breaker, 4, 0s);
  breaker.delivered(at(1s));
  fail_often(breaker, 4, 2s);
  EXPECT_FALSE(breaker.is_failing());
}

TEST(SourceBreaker, OneAtATimeFindsOutAfterLongerAndLongerWaits) {
  SourceBreaker breaker("main");
  fail_often(breaker, 5, 0s);
  // 1, 2, 4, 8, 16, 30, 30 s, a fifth more or less.
  auto now = 0s;
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    EXPECT_TRUE(breaker.pass_over(at(now + wait * 79 / 100)));
    now += wait * 121 / 100 + 1s;
    EXPECT_FALSE(breaker.pass_over(at(now))) << "after " << wait.count() << " s somebody tries";
    EXPECT_TRUE(breaker.pass_over(at(now))) << "and nobody else";
    breaker.failed(down(), at(now));
  }
}

TEST(SourceBreaker, WhatOthersMeetMeanwhileMakesNoWaitLonger) {
  SourceBreaker breaker("main");
  fail_often(breaker, 5, 0s);
  fail_often(breaker, 100, 500ms);
  EXPECT_FALSE(breaker.pass_over(at(1300ms)));
}

TEST(SourceBreaker, OneWhoTriesAndNeverTellsIsNotWaitedForForEver) {
  SourceBreaker breaker("main");
  fail_often(breaker, 5, 0s);
  EXPECT_FALSE(breaker.pass_over(at(2s)));
  EXPECT_TRUE(breaker.pass_over(at(6900ms)));
  EXPECT_FALSE(breaker.pass_over(at(7s)));
}

TEST(SourceBreaker, WhatTheSourceSaysOfWhenIsTheLeast) {
  SourceBreaker breaker("main");
  fail_often(breaker, 5, 0s, 60s);
  EXPECT_TRUE(breaker.pass_over(at(59s)));
  EXPECT_FALSE(breaker.pass_over(at(60s)));
}

TEST(SourceBreaker, ItsFailureAndItsReturnAreToldOnce) {
  CapturedErrors errors;
  SourceBreaker breaker("main");
  fail_often(breaker, 50, 0s);
  breaker.delivered(at(42s));
  breaker.delivered(at(43s));
  EXPECT_FALSE(breaker.is_failing());
  EXPECT_FALSE(breaker.pass_over(at(43s)));
  const std::string log = errors.take();
  EXPECT_NE(log.find("source_passed_over source=main failures=5 code=upstream_down"),
            std::string::npos)
      << log;
  EXPECT_EQ(log.find("source_passed_over"), log.rfind("source_passed_over")) << log;
  EXPECT_NE(log.find("source_taken_back source=main seconds=42"), std::string::npos) << log;
  EXPECT_EQ(log.find("source_taken_back"), log.rfind("source_taken_back")) << log;
}

}  // namespace
}  // namespace bourse::host::test
