// SPDX-License-Identifier: MIT
//
// One question, from the arguments to the bytes: what a plugin may say, and what the client is told
// when it fails, throws, or uses the host as nobody should.
#include "host/calls/job.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using std::chrono::steady_clock;

/// Every analysis as text, and every format of "echo".
const std::shared_ptr<const Generation>& generation() {
  static const auto kGeneration = good_generation(R"(
server: {max-response: 64KiB}
sources: {feed: {use: prompt}, other: {use: prompt}}
defaults: {source: feed}
routes:
  - {path: "/{what}", run: {from: what, allow: [echo, wait, blocked, two, serial, fails, misuse, logs, throws, nonsense, silent, who, pages]}, format: plain}
  - {path: /as/plain, run: echo, format: plain}
  - {path: /as/data, run: echo, format: data}
  - {path: /as/huge, run: echo, format: huge}
  - {path: /as/headers, run: echo, format: headers}
)");
  return kGeneration;
}

Result<Rendered> answer(const std::string& target, const Context& context = {}) {
  const auto planned = plan(generation(), {.target = target});
  EXPECT_TRUE(planned.ok()) << planned.failure().message;
  return perform(planned->job, context, nullptr);
}

std::string text(const std::string& target) {
  const auto rendered = answer(target);
  EXPECT_TRUE(rendered.ok()) << rendered.failure().code << ": " << rendered.failure().message;
  return rendered.ok() ? rendered->bytes : "";
}

/// "status code".
std::string failure(const std::string& target, const Context& context = {}) {
  const auto rendered = answer(target, context);
  if (rendered.ok()) return "no failure: " + rendered->bytes;
  return std::to_string(rendered.failure().status) + " " + rendered.failure().code;
}

TEST(Job, AnAnalysisGetsItsParametersAndASerializerTheReport) {
  EXPECT_EQ(text("/as/plain?symbol=BTC&limit=5&names=x&names=y&side=buy&key=k&style=long"),
            "Echo long\nsymbol=BTC\nlimit=5\nnames=[x][y]\nside=buy\nkey_given=1\n"
            "note said: It was said.\nas_of 0\n");
  const auto rendered = answer("/as/data");
  ASSERT_TRUE(rendered.ok());
  EXPECT_EQ(rendered->bytes, R"({"component":"fixture.pipeline/echo"})");
  EXPECT_EQ(rendered->media_type, "application/json");
  ASSERT_EQ(rendered->headers.size(), 1U);
  EXPECT_EQ(rendered->headers[0].first, "Content-Disposition");
}

TEST(Job, TheSameQuestionHasTheSameBytes) {
  EXPECT_EQ(text("/two?a=x&b=fail"), text("/two?a=x&b=fail"));
}

TEST(Job, AReportIsAsNewAsTheNewestOfItsAnswers) {
  EXPECT_NE(text("/two").find("as_of 1003\n"), std::string::npos);
}

TEST(Job, WhatAPluginSaysOfItsFailureIsWhatTheClientIsTold) {
  const auto rendered = answer("/fails?status=422&blame=window&retry=7");
  ASSERT_FALSE(rendered.ok());
  EXPECT_EQ(rendered.failure().status, BOURSE_UNPROCESSABLE);
  EXPECT_EQ(rendered.failure().code, "told_to");
  EXPECT_EQ(rendered.failure().message, "It was told to fail.\n");
  EXPECT_EQ(rendered.failure().parameter, "window");
  EXPECT_EQ(rendered.failure().retry_after, std::chrono::seconds(7));
}

TEST(Job, AStatusThatIsNoneIsAPluginsMistake) {
  EXPECT_EQ(failure("/fails?status=200"), "500 told_to");
  EXPECT_EQ(failure("/fails?status=0"), "500 told_to");
  EXPECT_EQ(failure("/fails?status=-5"), "500 told_to");
  EXPECT_EQ(failure("/nonsense"), "500 bad_status");
}

TEST(Job, EveryStatusOfAFailureReachesTheClientWithThePluginsWords) {
  for (const char* status : {"400", "409", "413", "451", "503", "599"}) {
    EXPECT_EQ(failure(std::string("/fails?status=") + status), std::string(status) + " told_to");
  }
  EXPECT_EQ(failure("/fails?status=399"), "500 told_to");
  EXPECT_EQ(failure("/fails?status=600"), "500 told_to");
}

TEST(Job, AFailureSaysWhereItComesFrom) {
  const auto origin = [](const std::string& target) { return answer(target).failure().origin; };
  EXPECT_EQ(origin("/fails?status=409"), Origin::kPlugin);
  EXPECT_EQ(origin("/silent"), Origin::kSilent);
  EXPECT_EQ(origin("/throws"), Origin::kThrew);
  EXPECT_EQ(origin("/nonsense"), Origin::kHost);
  EXPECT_EQ(origin("/misuse?how=write"), Origin::kMisuse);
}

TEST(Job, AStatusWithoutAWordIsToldAsThat) { EXPECT_EQ(failure("/silent"), "422 plugin_failed"); }

TEST(Job, AnExceptionAcrossTheBoundaryCostsTheRequestOnly) {
  const auto rendered = answer("/throws");
  ASSERT_FALSE(rendered.ok());
  EXPECT_EQ(rendered.failure().code, "plugin_threw");
  EXPECT_NE(rendered.failure().message.find("across the boundary"), std::string::npos);
  EXPECT_NE(text("/echo"), "") << "the others go on";
}

TEST(Job, AMisuseOfTheHostFailsTheCallEvenIfThePluginSaysOk) {
  EXPECT_EQ(failure("/misuse?how=rows"), "500 no_such_table");
  EXPECT_EQ(failure("/misuse?how=write"), "500 plugin_misuse");
  EXPECT_EQ(failure("/misuse?how=header"), "500 plugin_misuse");
  EXPECT_EQ(failure("/misuse?how=fail_null"), "500 plugin_misuse");
  EXPECT_EQ(failure("/misuse?how=query_null"), "500 plugin_misuse");
  EXPECT_EQ(failure("/misuse?how=query_of_null"), "500 plugin_misuse");
  EXPECT_EQ(failure("/misuse?how=query_many"), "500 plugin_misuse");
  EXPECT_EQ(failure("/misuse?how=release_null"), "500 plugin_misuse");
  EXPECT_EQ(failure("/misuse?how=release_unknown"), "500 plugin_misuse");
  EXPECT_EQ(failure("/misuse?how=release_twice"), "500 plugin_misuse");
  EXPECT_EQ(text("/misuse?how=nobody"), "Misuse short\nas_of 0\n");
}

TEST(Job, AToleratedFailureIsANoteNotAFailure) {
  const std::string both = text("/two?a=x&b=fail");
  EXPECT_NE(both.find("a.rows=3\n"), std::string::npos) << both;
  EXPECT_NE(both.find("note partial: upstream_down: The upstream is down."), std::string::npos)
      << both;
}

TEST(Job, AFailedQueryThatIsNotToleratedIsToldAsItIs) {
  EXPECT_EQ(failure("/two?a=x&b=fail&tolerates=false"), "502 upstream_down");
  EXPECT_EQ(failure("/two?a=gone&b=fail&tolerates=false"), "404 no_series");
}

TEST(Job, AToleratedFailureIsNotBlamedForALaterOne) {
  // The query failed with 502; what ended the call is another thing.
  EXPECT_EQ(failure("/two?a=x&b=fail&then=not_found"), "404 plugin_failed");
  EXPECT_EQ(failure("/two?a=x&b=fail&then=say_why"), "404 my_own");
  EXPECT_EQ(failure("/two?a=x&b=gone&then=not_found"), "404 no_series")
      << "the same status: in all likelihood the reason";
}

TEST(Job, AnAnswerBeyondTheLimitIsRefusedWhole) {
  EXPECT_EQ(text("/as/huge?kibibytes=64").size(), 64U * 1024);
  EXPECT_EQ(failure("/as/huge?kibibytes=65"), "422 response_too_large");
  EXPECT_EQ(failure("/as/huge?kibibytes=100&careless=true"), "422 response_too_large")
      << "half of it must not go out as if it were all";
}

TEST(Job, AHeaderThatIsNoneFailsTheAnswer) {
  const auto rendered = answer("/as/headers?name=X-Mine&content=a%20b");
  ASSERT_TRUE(rendered.ok());
  EXPECT_EQ(rendered->headers[0].second, "a b");
  EXPECT_EQ(failure("/as/headers?name=content-length"), "500 bad_header");
  EXPECT_EQ(failure("/as/headers?careless=true&nowhere=write"), "500 bad_text");
  EXPECT_EQ(failure("/as/headers?careless=true&nowhere=value"), "500 bad_text");
  EXPECT_TRUE(answer("/as/headers?nowhere=empty").ok());
  EXPECT_EQ(failure("/as/headers?name=a%20b"), "500 bad_header");
  EXPECT_EQ(failure("/as/headers?name=Set-Cookie&careless=true"), "500 bad_header");
}

TEST(Job, ADeadlineIsToldWhileThePluginListens) {
  Control control;
  Context context;
  context.deadline = steady_clock::now();
  EXPECT_EQ(failure("/wait?control=" + std::to_string(control.address()), context),
            "504 deadline_exceeded");
  EXPECT_EQ(control.saw_end, 1);
  const auto told = answer("/wait?control=" + std::to_string(control.address()), context);
  ASSERT_FALSE(told.ok());
  EXPECT_NE(told.failure().message.find("fixture.pipeline/wait was at work."), std::string::npos)
      << told.failure().message;
}

// ---- what a call keeps, and how long it is true
// --------------------------------------------------

Result<Answer> pages(const std::string& arguments, std::size_t kept_bytes_max) {
  const auto planned = plan(generation(), {.target = "/pages?" + arguments});
  EXPECT_TRUE(planned.ok()) << planned.failure().message;
  Job job = planned->job;
  job.kept_bytes_max = kept_bytes_max;
  return analyse(job, Context{}, nullptr);
}

TEST(Job, WhoPagesMayAskForMoreThanACallKeepsIfItGivesEachPageBack) {
  // A page of 500 rows holds 8 bytes and a text of at least 16 for each: 12,000 bytes or more, and
  // less than four times that. So one page is within the limit, and eight are not.
  constexpr std::size_t kLimit = 48'000;
  const auto released = pages("pages=8&releases=true", kLimit);
  ASSERT_TRUE(released.ok()) << released.failure().message;
  EXPECT_EQ(released->report->wire().scalars[0]->value.as.i64, 8 * 500);
  const auto kept = pages("pages=8&releases=false", kLimit);
  ASSERT_FALSE(kept.ok());
  EXPECT_EQ(kept.failure().status, BOURSE_UNPROCESSABLE);
  EXPECT_EQ(kept.failure().code, "too_much_kept");
  EXPECT_NE(kept.failure().message.find("releases"), std::string::npos) << kept.failure().message;
}

TEST(Job, TheEarliestFreshUntilStandsBesideTheReport) {
  const auto told = pages("pages=1", BOURSE_MAX_KEPT_BYTES);
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told->fresh_until, 1000) << "it said 2000, 1000 and 3000";
  const auto planned = plan(generation(), {.target = "/echo"});
  const auto silent = analyse(planned->job, Context{}, nullptr);
  ASSERT_TRUE(silent.ok());
  EXPECT_EQ(silent->fresh_until, std::nullopt);
}

TEST(Job, ACallHasOneTimeWhichTheContextSets) {
  Context context;
  context.request_id = "r1";
  context.now = 1'700'000'000'000'000'000;
  const auto rendered = answer("/who", context);
  ASSERT_TRUE(rendered.ok()) << rendered.failure().message;
  EXPECT_EQ(rendered->bytes,
            "Who short\nnow=1700000000000000000\nid=r1\ntrace=\nlanguage=\nas_of 0\n");
  const std::int64_t before = wall_clock();
  const Context of_now;
  EXPECT_GE(of_now.now, before) << "it is the wall clock's, when the request is made";
  EXPECT_LE(of_now.now, wall_clock());
}

TEST(Job, ADeadlineThatAPluginMetElsewhereKeepsItsOwnWords) {
  EXPECT_EQ(failure("/fails?status=504"), "504 told_to");
}

TEST(Job, AnAnswerThatTheDeadlineCutOffIsNotSentAsWhole) {
  // The deadline passes while a serializer that does not look is in the middle of its answer.
  Control control;
  Context context;
  context.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  const auto planned =
      plan(generation(), {.target = std::string("/as/huge?kibibytes=4&careless=true&hold=" +
                                                std::to_string(control.address()))});
  ASSERT_TRUE(planned.ok());
  std::string told;
  std::thread run([&] {
    const auto rendered = perform(planned->job, context, nullptr);
    told = rendered.ok() ? "sent" : rendered.failure().code;
  });
  ASSERT_TRUE(control.entered.wait());
  std::this_thread::sleep_until(context.deadline);
  control.release.open();
  run.join();
  EXPECT_EQ(told, "deadline_exceeded");
}

TEST(Job, AClientThatLeftEndsThePluginThatListens) {
  Control control;
  const auto client = std::make_shared<TestSink>();
  Context context;
  context.client = client;
  std::string told;
  std::thread run(
      [&] { told = failure("/wait?control=" + std::to_string(control.address()), context); });
  ASSERT_TRUE(control.entered.wait());
  client->leave();
  run.join();
  EXPECT_EQ(told, "499 cancelled") << "which is not the plugin's fault";
  EXPECT_EQ(control.saw_end, 1);
}

TEST(Job, WhenToTryAgainSurvivesAnAnalysisThatSaysWhyInItsOwnWords) {
  for (const char* const then : {"", "repeat"}) {
    const auto report = answer(std::string("/two?a=busy&tolerates=false&then=") + then);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.failure().status, BOURSE_UNAVAILABLE);
    EXPECT_EQ(report.failure().code, "busy");
    EXPECT_EQ(report.failure().retry_after, std::chrono::seconds(7));
  }
  const auto other = answer("/two?a=busy&tolerates=true&then=say_why");
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.failure().code, "my_own");
  EXPECT_EQ(other.failure().retry_after.count(), 0) << "that failure is another one";
}

TEST(Job, AnAnalysisThatWaitsTakesNoComputingThread) {
  for (const bool blocks : {true, false}) {
    Control control;
    Workers workers({.computing = 1, .threads = 4, .queue = 10});
    const std::string target = std::string(blocks ? "/blocked" : "/wait") +
                               "?control=" + std::to_string(control.address());
    const auto planned = plan(generation(), {.target = target});
    ASSERT_TRUE(planned.ok());
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(
          workers.submit([&] { EXPECT_TRUE(perform(planned->job, Context{}, &workers).ok()); }));
    }
    ASSERT_TRUE(control.entered.wait());
    const auto end = steady_clock::now() + kHardLimit;
    while (blocks && control.inside < 2 && steady_clock::now() < end) std::this_thread::yield();
    control.release.open();
    ASSERT_TRUE(workers.drain(kHardLimit));
    EXPECT_EQ(control.most, blocks ? 2 : 1);
  }
}

TEST(Job, CallsOfASerialAnalysisTakeTurns) {
  Control control;
  Workers workers({.computing = 3, .threads = 8, .queue = 100});
  const auto planned =
      plan(generation(),
           {.target = std::string("/serial?control=" + std::to_string(control.address()))});
  ASSERT_TRUE(planned.ok());
  std::atomic<int> good{0};
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(
        workers.submit([&] { good += perform(planned->job, Context{}, &workers).ok() ? 1 : 0; }));
  }
  EXPECT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(good, 20);
  EXPECT_EQ(control.most, 1);
}

}  // namespace
}  // namespace bourse::host::test
