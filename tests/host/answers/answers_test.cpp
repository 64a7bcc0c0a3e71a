// SPDX-License-Identifier: MIT
//
// What a request is given: the shelf's answer, a new one, or a failure; and what is done for it.
#include "host/answers/answers.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/base/failures.hpp"
#include "tests/host/answers/fixture.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

/// A question whose answer is a number that counts its runs, on this thread.
class Asker {
 public:
  explicit Asker(Tolerance tolerance = {}) : tolerance_(tolerance) {}

  TestClock clock;
  Answers answers{{.bytes_max = 1U << 20U, .clock = &clock}};
  std::int64_t truth_ns = 10'000'000'000;  ///< of an answer, from when it was made
  std::optional<Failure> fails = {};
  int runs = 0;
  bool has_threads = true;

  Maker maker() {
    return [this](const Context&) -> Result<Made> {
      ++runs;
      if (fails) return *fails;
      return Made{
          .rendition = rendition(std::to_string(runs)),
          .truth = {.until = truth_ns < 0 ? kTrueForTheMoment : clock.now().wall + truth_ns}};
    };
  }
  /// "hit 1", "made 2", "failed 502".
  std::string ask(const Demand& demand = {}) {
    const auto key = question("a");
    const Look look = answers.look(key, tolerance_, demand);
    const Answers::Asked asked{
        .key = key, .tolerance = tolerance_, .demand = demand, .context = context_};
    const Flights::Submit submit = [this](const std::function<void()>& task) {
      if (has_threads) task();
      return has_threads;
    };
    if (look.refresh) answers.refresh(asked, maker(), submit, look);
    if (look.serves) return told({look.kept, look.way}) + (look.by_floor ? " by floor" : "");
    if (look.way == Way::kRefused) return "refused";
    std::string said = "nothing";
    answers.ask(asked, maker(), submit, look,
                [&](const Answers::Told& outcome) { said = told(outcome); });
    return said;
  }

 private:
  static std::string told(const Answers::Told& outcome) {
    static constexpr std::array kNames = {"hit",     "stale",  "for error", "made",
                                          "renewed", "joined", "refused"};
    if (!outcome.answer) return "failed " + std::to_string(outcome.answer.failure().status);
    return std::string(kNames[static_cast<std::size_t>(outcome.way)]) + " " +
           *(*outcome.answer)->rendition->bytes();
  }
  Tolerance tolerance_;
  Context context_;
};

Failure down(bourse_status status = 502) {
  return {.status = status, .code = "down", .message = "", .origin = Origin::kPlugin};
}

TEST(Answers, WhatIsTrueIsGivenWithoutAnyWork) {
  Asker asker;
  EXPECT_EQ(asker.ask(), "made 1");
  EXPECT_EQ(asker.ask(), "hit 1");
  asker.clock.pass(10s - 1ns);
  EXPECT_EQ(asker.ask(), "hit 1");
  asker.clock.pass(1ns);
  EXPECT_EQ(asker.ask(), "made 2");
}

TEST(Answers, WhatIsTrueForTheMomentIsNotKept) {
  Asker asker;
  asker.truth_ns = -1;
  EXPECT_EQ(asker.ask(), "made 1");
  EXPECT_EQ(asker.ask(), "made 2");
  EXPECT_EQ(asker.answers.figures().shelf.bytes, 0U);
}

TEST(Answers, ButWhereTheRouteToleratesIt) {
  Asker asker({.fresh = 5s});
  asker.truth_ns = -1;
  EXPECT_EQ(asker.ask(), "made 1");
  asker.clock.pass(5s - 1ns);
  EXPECT_EQ(asker.ask(), "hit 1");
  asker.clock.pass(1ns);
  EXPECT_EQ(asker.ask(), "made 2");
}

TEST(Answers, AStaleOneIsGivenAtOnceAndTheNextIsNew) {
  Asker asker({.stale = 30s});
  asker.ask();
  asker.clock.pass(20s);
  EXPECT_EQ(asker.ask(), "stale 1");
  EXPECT_EQ(asker.runs, 2) << "a new one was made behind it";
  EXPECT_EQ(asker.ask(), "hit 2");
  asker.clock.pass(40s);
  EXPECT_EQ(asker.ask(), "made 3") << "beyond the window nobody gets it";
}

TEST(Answers, AFailedRefreshLeavesTheOldOneAndIsNotTriedAgainAtOnce) {
  Asker asker({.stale = 30s});
  asker.ask();
  asker.clock.pass(10s);
  asker.fails = down();
  EXPECT_EQ(asker.ask(), "stale 1");
  EXPECT_EQ(asker.runs, 2);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(asker.ask(), "stale 1");
  EXPECT_EQ(asker.runs, 2) << "it is backed off from";
  asker.clock.pass(1200ms);
  asker.fails = std::nullopt;
  EXPECT_EQ(asker.ask(), "stale 1");
  EXPECT_EQ(asker.ask(), "hit 3");
}

TEST(Answers, ARefreshThatFindsNoThreadIsTriedByTheNext) {
  Asker asker({.stale = 30s});
  asker.ask();
  asker.clock.pass(10s);
  asker.has_threads = false;
  EXPECT_EQ(asker.ask(), "stale 1");
  EXPECT_EQ(asker.runs, 1);
  asker.has_threads = true;
  EXPECT_EQ(asker.ask(), "stale 1");
  EXPECT_EQ(asker.ask(), "hit 2");
}

TEST(Answers, AnOldOneStandsForAFailureButNotForWhatTheQuestionIsToBlameFor) {
  for (const bourse_status status : {500, 502, 503, 504, 400, 404, 422, 429, 501}) {
    Asker asker({.if_error = 10min});
    asker.ask();
    asker.clock.pass(20s);
    asker.fails = down(status);
    const bool stands = status == 500 || (status >= 502 && status <= 504);
    EXPECT_EQ(asker.ask(), stands ? "for error 1" : "failed " + std::to_string(status));
  }
}

TEST(Answers, BeyondIfErrorTheProblemIsTold) {
  Asker asker({.if_error = 10min});
  asker.ask();
  asker.fails = down();
  asker.clock.pass(10s + 10min - 1ns);
  EXPECT_EQ(asker.ask(), "for error 1");
  asker.clock.pass(1ns);
  EXPECT_EQ(asker.ask(), "failed 502");
}

TEST(Answers, WithoutAnythingKnownAFailureIsTold) {
  Asker asker({.fresh = 5s, .stale = 30s, .if_error = 10min});
  asker.fails = down();
  EXPECT_EQ(asker.ask(), "failed 502");
  asker.fails = std::nullopt;
  EXPECT_EQ(asker.ask(), "made 2") << "a failure is not kept";
}

TEST(Answers, AQueueThatIsFullIsAReasonForAnOldOne) {
  Asker asker({.if_error = 10min});
  asker.ask();
  asker.clock.pass(20s);
  asker.has_threads = false;
  EXPECT_EQ(asker.ask(), "for error 1");
  asker.has_threads = true;
  EXPECT_EQ(asker.ask(), "renewed 2") << "and nothing was learnt of the source";
}

// T17 of the facts: dead for 60 s, asked 1,000 times a second.
TEST(Answers, ADeadSourceIsProbedRarelyWhileAllAreAnswered) {
  Asker asker({.fresh = 0s, .stale = 0s, .if_error = 10min});
  asker.ask();
  asker.clock.pass(10s);
  asker.fails = down();
  int others = 0;
  for (int i = 0; i < 60'000; ++i) {
    others += asker.ask() == "for error 1" ? 0 : 1;
    asker.clock.pass(1ms);
  }
  EXPECT_EQ(others, 0);
  EXPECT_LE(asker.runs - 1, 7);
  EXPECT_GE(asker.runs - 1, 5);
  asker.fails = std::nullopt;
  asker.clock.pass(36s);  // 30 s and a fifth
  EXPECT_EQ(asker.ask().substr(0, 7), "renewed") << "and it comes back";
}

// T10 of the facts: 1,000 a second for 20 s.
TEST(Answers, NoStrangerForcesMoreThanOneRunASecond) {
  Asker asker;
  asker.truth_ns = std::int64_t{3600} * 1'000'000'000;
  asker.ask();
  const Instant began = asker.clock.now();
  const auto key = question("a");
  for (int i = 0; i < 20'000; ++i) {
    asker.clock.pass(1ms);
    asker.ask({.age_max = 0s});
    const auto look = asker.answers.look(key, {}, {});
    ASSERT_LE(age(look.kept->life, asker.clock.now()), 1s);
  }
  EXPECT_LE(asker.runs - 1, (asker.clock.now().boot - began.boot) / 1'000'000'000);
  EXPECT_GE(asker.runs - 1, 19);
}

TEST(Answers, TheFloorIsTold) {
  Asker asker;
  asker.ask();
  asker.clock.pass(500ms);
  EXPECT_EQ(asker.ask({.age_max = 0s}), "hit 1 by floor");
  asker.clock.pass(2s);
  EXPECT_EQ(asker.ask({.age_max = 0s}), "renewed 2");
  EXPECT_EQ(asker.ask({.age_max = 30s}), "hit 2");
}

// T11 of the facts.
TEST(Answers, WhoWantsNoWorkCausesNone) {
  Asker asker;
  EXPECT_EQ(asker.ask({.only_if_known = true}), "refused");
  EXPECT_EQ(asker.runs, 0);
  asker.ask();
  EXPECT_EQ(asker.ask({.only_if_known = true}), "hit 1");
  asker.clock.pass(1h);
  EXPECT_EQ(asker.ask({.only_if_known = true}), "refused");
}

TEST(Answers, WhatOnlyAClientThatWantsNothingKeptCausedIsNotKept) {
  Asker asker;
  EXPECT_EQ(asker.ask({.may_keep = false}), "made 1");
  EXPECT_EQ(asker.ask(), "made 2");
  EXPECT_EQ(asker.ask({.may_keep = false}), "hit 2") << "what is there it may have";
}

TEST(Answers, WhoSaysHowOldItMayBeIsGivenNothingStale) {
  Asker asker({.stale = 30s});
  asker.ask();
  asker.clock.pass(15s);
  EXPECT_EQ(asker.ask({.age_max = 60s}), "renewed 2") << "RFC 9111, 5.2.1.1";
  asker.clock.pass(15s);
  EXPECT_EQ(asker.ask({.age_max = 60s, .stale_max = 20s}), "stale 2") << "and 5.2.1.2";
}

TEST(Answers, AChangeEndsWhatIsMadeOfIt) {
  Asker asker;
  const auto dataset = QuestionKey::of_dataset(1, "series", "");
  const Context context;
  int fetched = 0;
  const auto report = [&] {
    return asker.answers.know(
        {.key = question("report"), .context = context}, nullptr,
        [&](const Context& of_report) -> Result<Made> {
          auto data = asker.answers.know(
              {.key = dataset, .context = of_report}, nullptr, [&](const Context&) -> Result<Made> {
                ++fetched;
                return Made{.rendition = rendition("d"), .truth = {.until = kTrueForEver}};
              });
          if (!data) return std::move(data).failure();
          (*data)->mark->feeds(of_report.mark);
          return Made{.rendition = rendition(std::to_string(fetched)),
                      .truth = {.until = kTrueForEver}};
        });
  };
  EXPECT_EQ(*(*report())->rendition->bytes(), "1");
  EXPECT_EQ(*(*report())->rendition->bytes(), "1");
  asker.answers.changed(dataset);
  EXPECT_EQ(*(*report())->rendition->bytes(), "2");
  EXPECT_EQ(fetched, 2);
}

// T14 of the facts: the change comes while the fetch is under way.
TEST(Answers, WhatWasComputedAcrossAChangeLandsAsChanged) {
  Asker asker;
  const auto key = question("a");
  const Context context;
  const auto made = asker.answers.know(
      {.key = key, .context = context}, nullptr, [&](const Context&) -> Result<Made> {
        asker.answers.changed(key);
        return Made{.rendition = rendition("old"), .truth = {.until = kTrueForEver}};
      });
  ASSERT_TRUE(made.ok()) << "it is served to those who asked before";
  EXPECT_FALSE(asker.answers.look(key, {}, {}).serves);
  EXPECT_EQ(asker.ask(), "made 1");
}

TEST(Answers, ARenderingIsAsOldAsItsReport) {
  Asker asker;
  const Context context;
  const Tolerance tolerance{.fresh = 5s};
  const Instant computed = asker.clock.now();
  asker.clock.pass(4s);
  const auto made = asker.answers.know(
      {.key = question("r"), .tolerance = tolerance, .context = context}, nullptr,
      [&](const Context&) -> Result<Made> {
        return Made{.rendition = rendition("x"), .truth = {.right_at = computed.boot}};
      });
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(asker.answers.look(question("r"), tolerance, {}).serves);
  asker.clock.pass(1s);
  EXPECT_FALSE(asker.answers.look(question("r"), tolerance, {}).serves)
      << "not 5 s for the report and 5 more for the rendering";
}

TEST(Answers, FiguresTellWhatHappened) {
  Asker asker({.stale = 30s});
  asker.ask();
  asker.ask();
  asker.ask();
  asker.clock.pass(15s);
  asker.ask();
  const auto figures = asker.answers.figures();
  const auto& ways = figures.ways[static_cast<std::size_t>(QuestionKind::kReport)];
  EXPECT_EQ(ways[static_cast<std::size_t>(Way::kMade)], 1U);
  EXPECT_EQ(ways[static_cast<std::size_t>(Way::kHit)], 2U);
  EXPECT_EQ(ways[static_cast<std::size_t>(Way::kStale)], 1U);
  EXPECT_EQ(figures.runs[static_cast<std::size_t>(QuestionKind::kReport)], 2U);
  EXPECT_EQ(figures.shelf.entries[static_cast<std::size_t>(QuestionKind::kReport)], 1U);
  EXPECT_EQ(figures.in_the_air, 0U);
}

}  // namespace
}  // namespace bourse::host::test
