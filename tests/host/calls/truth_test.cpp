// SPDX-License-Identifier: MIT
//
// How long an answer is true: what a component says, what it asked, and what it is made of. And
// that a change reaches all that was made of it.
#include "host/calls/truth.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "host/calls/job.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

const std::shared_ptr<const Generation>& generation() {
  static const auto kGeneration = good_generation(R"(
sources: {feed: {use: prompt}, layered: {use: layer, over: feed}}
defaults: {source: feed}
routes:
  - {path: /pure, run: pure, format: plain}
  - {path: /impure, run: impure, format: plain}
  - {path: /layered, run: pure, format: plain, source: layered}
  - {path: /as/pure-plain, run: pure, format: pure-plain}
)");
  return kGeneration;
}

Result<Planned> planned(const std::string& target) {
  return plan(generation(), {.target = target});
}

/// True until when; -1 when it failed.
std::int64_t until(const std::string& target, Context context = {}) {
  const auto made = planned(target);
  EXPECT_TRUE(made.ok()) << made.failure().message;
  const auto answer = analyse(made->job, context, nullptr);
  EXPECT_TRUE(answer.ok()) << answer.failure().message;
  return answer.ok() ? answer->truth.until : -1;
}

TEST(Truth, OfAPureComponentIsThatOfWhatItAsked) {
  EXPECT_EQ(until("/pure"), kTrueForEver) << "of its parameters alone";
  EXPECT_EQ(until("/pure?names=until500"), 500);
  EXPECT_EQ(until("/pure?names=until500,until300,until400"), 300) << "the earliest";
  EXPECT_EQ(until("/pure?names=until500&asks=trace"), 500);
}

TEST(Truth, OfAnythingMadeOfWhatSaysNothingIsTheMoment) {
  EXPECT_EQ(until("/pure?names=until500,x"), kTrueForTheMoment);
}

TEST(Truth, OfAComponentThatIsNotPureAndSaysNothingIsTheMoment) {
  EXPECT_EQ(until("/impure"), kTrueForTheMoment);
  EXPECT_EQ(until("/impure?names=until500"), kTrueForTheMoment);
}

TEST(Truth, OfWhoAskedForTheTimeAndSaysNothingIsTheMoment) {
  EXPECT_EQ(until("/pure?asks=now"), kTrueForTheMoment);
  EXPECT_EQ(until("/pure?asks=now&names=until500"), kTrueForTheMoment);
}

TEST(Truth, IsWhatIsSaidButNeverLongerThanThatOfTheInputs) {
  EXPECT_EQ(until("/impure?says=700"), 700);
  EXPECT_EQ(until("/pure?says=700&asks=now"), 700);
  EXPECT_EQ(until("/impure?says=700&names=until500"), 500);
  EXPECT_EQ(until("/impure?says=400&names=until500"), 400);
  EXPECT_EQ(until("/impure?says=700&names=x"), kTrueForTheMoment);
}

TEST(Truth, OfAnAnswerGivenBackCountsAsWell) {
  EXPECT_EQ(until("/pure?names=until500,until300&releases=true"), 300);
}

TEST(Truth, OfWhatWentOnWithoutAFailedAnswerIsTheMoment) {
  EXPECT_EQ(until("/pure?names=until500,fail"), kTrueForTheMoment);
  EXPECT_EQ(until("/pure?names=until500,fail&says=700"), kTrueForTheMoment);
}

TEST(Truth, OfWhatWentOnWithoutADatasetThatNobodyHasStays) {
  EXPECT_EQ(until("/pure?names=a&dataset=none"), kTrueForEver);
}

TEST(Truth, OfWhatSpeaksTheClientsLanguageIsTheMoment) {
  EXPECT_EQ(until("/pure?asks=language"), kTrueForTheMoment);
  EXPECT_EQ(until("/pure?asks=language&says=700"), kTrueForTheMoment);
}

TEST(Truth, PassesThroughALayer) {
  EXPECT_EQ(until("/layered?names=until500"), kTrueForTheMoment)
      << "the layer is not PURE and says nothing";
  EXPECT_EQ(until("/layered"), kTrueForEver) << "it was not asked";
}

TEST(Truth, OfARenderingIsTheEarlierOfReportAndFormat) {
  const auto rendering = [](const std::string& target) {
    const auto rendered = perform(planned(target)->job, Context{}, nullptr);
    EXPECT_TRUE(rendered.ok()) << rendered.failure().message;
    return rendered.ok() ? rendered->truth.until : -1;
  };
  EXPECT_EQ(rendering("/pure?names=until500"), kTrueForTheMoment) << "the format is not PURE";
  EXPECT_EQ(rendering("/as/pure-plain?names=until500"), 500);
  EXPECT_EQ(rendering("/as/pure-plain?names=x"), kTrueForTheMoment);
}

TEST(Truth, OfTwoIsTheEarlierOnEachClock) {
  const Truth one{.until = 5, .until_boot = 70, .right_at = 3};
  const Truth two{.until = 6, .until_boot = 60};
  const Truth both = one.with(two);
  EXPECT_EQ(both.until, 5);
  EXPECT_EQ(both.until_boot, 60);
  EXPECT_EQ(both.right_at, 3);
}

// ---- marks --------------------------------------------------------------------------------------

TEST(ChangeMark, AChangeReachesAllThatWasMadeOfIt) {
  const auto dataset = std::make_shared<ChangeMark>();
  const auto analysis = std::make_shared<ChangeMark>();
  const auto rendering = std::make_shared<ChangeMark>();
  const auto other = std::make_shared<ChangeMark>();
  dataset->feeds(analysis);
  analysis->feeds(rendering);
  other->feeds(rendering);
  dataset->change();
  EXPECT_TRUE(dataset->is_changed());
  EXPECT_TRUE(analysis->is_changed());
  EXPECT_TRUE(rendering->is_changed());
  EXPECT_FALSE(other->is_changed()) << "a change goes up, not down";
}

TEST(ChangeMark, WhatIsMadeOfSomethingChangedIsChangedAtOnce) {
  const auto dataset = std::make_shared<ChangeMark>();
  dataset->change();
  const auto late = std::make_shared<ChangeMark>();
  dataset->feeds(late);
  EXPECT_TRUE(late->is_changed());
}

TEST(ChangeMark, AnEndReachesWhatHasChangedBeforeAndWhatIsMadeAfterwards) {
  const auto source = std::make_shared<ChangeMark>();
  const auto early = std::make_shared<ChangeMark>();
  source->feeds(early);
  source->change();
  EXPECT_FALSE(early->is_ended());
  source->end();
  EXPECT_TRUE(early->is_ended());
  const auto late = std::make_shared<ChangeMark>();
  source->feeds(late);
  EXPECT_TRUE(late->is_ended());
  EXPECT_TRUE(late->is_changed()) << "an end is a change";
  late->change();
  EXPECT_TRUE(late->is_ended()) << "and nothing takes it back";
}

TEST(ChangeMark, KeepsNobodyAlive) {
  const auto dataset = std::make_shared<ChangeMark>();
  std::weak_ptr<ChangeMark> gone;
  for (int i = 0; i < 10'000; ++i) {
    const auto fed = std::make_shared<ChangeMark>();
    dataset->feeds(fed);
    gone = fed;
  }
  EXPECT_TRUE(gone.expired());
  dataset->change();  // and what is gone is not touched
}

TEST(ChangeMark, FindsItsWayThroughWhatNobodyKeeps) {
  const auto dataset = std::make_shared<ChangeMark>();
  const auto rendering = std::make_shared<ChangeMark>();
  {
    const auto report = std::make_shared<ChangeMark>();
    dataset->feeds(report);
    report->feeds(rendering);
  }
  dataset->change();
  EXPECT_TRUE(rendering->is_changed());
}

TEST(ChangeMark, NoneIsMissedBetweenTwoThreads) {
  for (int round = 0; round < 200; ++round) {
    const auto dataset = std::make_shared<ChangeMark>();
    std::vector<std::shared_ptr<ChangeMark>> fed(50);
    for (auto& mark : fed) mark = std::make_shared<ChangeMark>();
    std::thread feeding([&] {
      for (const auto& mark : fed) dataset->feeds(mark);
    });
    dataset->change();
    feeding.join();
    for (const auto& mark : fed) ASSERT_TRUE(mark->is_changed());
  }
}

TEST(ChangeMark, OfACallIsFedByWhatItAsked) {
  // Nobody keeps answers here, so the source's answer has no mark; what has one is passed on.
  Context context;
  context.mark = std::make_shared<ChangeMark>();
  const auto answer = analyse(planned("/pure?names=until500")->job, context, nullptr);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->mark, context.mark);
}

}  // namespace
}  // namespace bourse::host::test
