// SPDX-License-Identifier: MIT
#include "host/answers/freshness.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/host/answers/fixture.hpp"

namespace bourse::host::test {
namespace {

/// True for so long from now on.
Life true_for(const TestClock& clock, nanoseconds truth) {
  return {.computed = clock.now(), .true_until = clock.now().wall + truth.count()};
}

TEST(Freshness, LastsAsLongAsTheTruth) {
  TestClock clock;
  const Life life = true_for(clock, 60s);
  EXPECT_EQ(lifetime(life, {}), 60s);
  clock.pass(59s);
  EXPECT_EQ(standing(life, {}, clock.now()), Standing::kFresh);
  EXPECT_EQ(left(life, {}, clock.now()), 1s);
  clock.pass(1s);
  EXPECT_EQ(standing(life, {}, clock.now()), Standing::kDead) << "at that time it may change";
}

TEST(Freshness, OrAsLongAsTheRouteTolerates) {
  TestClock clock;
  const Life life = true_for(clock, 2s);
  const Tolerance tolerance{.fresh = 5s};
  EXPECT_EQ(lifetime(life, tolerance), 5s);
  EXPECT_EQ(lifetime(true_for(clock, 60s), tolerance), 60s) << "the longer of the two";
  clock.pass(4s);
  EXPECT_EQ(standing(life, tolerance, clock.now()), Standing::kFresh);
  EXPECT_EQ(age(life, clock.now()), 4s);
  clock.pass(1s);
  EXPECT_EQ(standing(life, tolerance, clock.now()), Standing::kDead);
}

TEST(Freshness, WindowsForStaleAnswersBeginWhenItEnds) {
  TestClock clock;
  const Life life = true_for(clock, 10s);
  const Tolerance tolerance{.fresh = 5s, .stale = 30s, .if_error = 60s};
  const auto after = [&](nanoseconds time) {
    Instant then = clock.now();
    then.wall += time.count();
    then.boot += time.count();
    return standing(life, tolerance, then);
  };
  EXPECT_EQ(after(10s - 1ns), Standing::kFresh);
  EXPECT_EQ(after(10s), Standing::kStale);
  EXPECT_EQ(after(40s - 1ns), Standing::kStale);
  EXPECT_EQ(after(40s), Standing::kForError);
  EXPECT_EQ(after(70s - 1ns), Standing::kForError);
  EXPECT_EQ(after(70s), Standing::kDead);
}

TEST(Freshness, OfTheMomentIsOverAtOnce) {
  TestClock clock;
  const Life life{.computed = clock.now(), .true_until = kTrueForTheMoment};
  EXPECT_EQ(lifetime(life, {}), 0s);
  EXPECT_EQ(standing(life, {}, clock.now()), Standing::kDead);
  EXPECT_EQ(standing(life, {.fresh = 1s}, clock.now()), Standing::kFresh);
}

TEST(Freshness, ForEverIsForEver) {
  TestClock clock;
  const Life life{.computed = clock.now(), .true_until = kTrueForEver};
  clock.pass(std::chrono::hours(24 * 365 * 10));
  EXPECT_EQ(standing(life, {}, clock.now()), Standing::kFresh);
  EXPECT_EQ(left(life, {}, clock.now()), kEndless);
}

// T15 of the facts: the wall goes back an hour, then on an hour, then the machine sleeps.
TEST(Freshness, AStepOfTheWallsClockNeverKeepsAnAnswerBeyondItsLifetime) {
  TestClock clock;
  const Life life = true_for(clock, 10s);
  clock.set_wall_by(-1h);
  clock.pass(9s);
  EXPECT_EQ(standing(life, {}, clock.now()), Standing::kFresh);
  clock.pass(1s);
  EXPECT_EQ(standing(life, {}, clock.now()), Standing::kDead) << "the wall says it is true yet";
  clock.set_wall_by(1h);
  const Life later = true_for(clock, 10s);
  clock.set_wall_by(1h);
  EXPECT_EQ(standing(later, {}, clock.now()), Standing::kDead) << "the wall says that it is over";
  const Life slept = true_for(clock, 10s);
  clock.pass(10min);
  EXPECT_EQ(standing(slept, {}, clock.now()), Standing::kDead);
  EXPECT_EQ(age(slept, clock.now()), 10min);
}

// Found by the model: an analysis asked, after the wall's clock was set back, what a source had
// said before, and took the source's "until" for an hour more than it was meant.
TEST(Freshness, WhatIsMadeOfAnAnswerEndsWithItThoughTheWallWasSetBetween) {
  TestClock clock;
  const Life source = life_of({.until = clock.now().wall + 60'000'000'000}, clock.now(), nullptr);
  clock.pass(10s);
  clock.set_wall_by(-1h);
  const Life report = life_of(truth_of(source, clock.now()), clock.now(), nullptr);
  EXPECT_EQ(lifetime(report, {}), 50s);
  clock.pass(50s);
  EXPECT_EQ(standing(report, {}, clock.now()), Standing::kDead);
}

// Found by the model: who joins a fetch gets what was read when that began.
TEST(Freshness, WhatIsMadeOfWhatIsNotTrueAnyMoreIsAsOldAsThat) {
  TestClock clock;
  const Life joined = life_of({.until = kTrueForTheMoment}, clock.now(), nullptr);
  clock.pass(3s);
  const Life report = life_of(truth_of(joined, clock.now()), clock.now(), nullptr);
  EXPECT_EQ(age(report, clock.now()), 3s);
  const Life kept = life_of({.until = kTrueForEver}, clock.now(), nullptr);
  clock.pass(3s);
  EXPECT_EQ(age(life_of(truth_of(kept, clock.now()), clock.now(), nullptr), clock.now()), 0s)
      << "what is true is true now";
}

TEST(Freshness, AChangeEndsTheTruthButNotWhatTheRouteTolerates) {
  TestClock clock;
  const auto mark = std::make_shared<ChangeMark>();
  Life life = true_for(clock, 60s);
  life.mark = mark;
  clock.pass(2s);
  EXPECT_EQ(standing(life, {}, clock.now()), Standing::kFresh);
  mark->change();
  EXPECT_EQ(standing(life, {}, clock.now()), Standing::kDead);
  EXPECT_EQ(standing(life, {.fresh = 5s}, clock.now()), Standing::kFresh);
  EXPECT_EQ(lifetime(life, {.fresh = 5s}), 5s);
}

TEST(Freshness, AnEndEndsWhatTheRouteToleratesToo) {
  TestClock clock;
  const auto mark = std::make_shared<ChangeMark>();
  Life life = true_for(clock, 60s);
  life.mark = mark;
  mark->end();
  const Tolerance patient{.fresh = 5s, .stale = 60s, .if_error = 60s};
  EXPECT_EQ(standing(life, patient, clock.now()), Standing::kDead);
}

TEST(Freshness, NoNumberThatAPluginMaySayOverflows) {
  TestClock clock;
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t until : {kMin + 1, std::int64_t{-1}, std::int64_t{0}}) {
    const Life life{.computed = clock.now(), .true_until = until};
    EXPECT_EQ(standing(life, {}, clock.now()), Standing::kDead) << until;
  }
  const Life long_one{.computed = clock.now(), .true_until = kMax - 1};
  EXPECT_EQ(standing(long_one, {}, clock.now()), Standing::kFresh);
  const Life before_1970{.computed = {.wall = -5, .boot = 0}, .true_until = kMax - 1};
  EXPECT_EQ(standing(before_1970, {}, {.wall = -4, .boot = 1}), Standing::kFresh);
}

TEST(Freshness, ARequestMayWantItYoungerOrLonger) {
  TestClock clock;
  const Life life = true_for(clock, 60s);
  bool by_floor = false;
  clock.pass(10s);
  const Instant now = clock.now();
  EXPECT_TRUE(satisfies(life, {}, {}, now, by_floor));
  EXPECT_TRUE(satisfies(life, {}, {.age_max = 10s}, now, by_floor));
  EXPECT_FALSE(satisfies(life, {}, {.age_max = 9s}, now, by_floor));
  EXPECT_TRUE(satisfies(life, {}, {.left_min = 50s}, now, by_floor));
  EXPECT_FALSE(satisfies(life, {}, {.left_min = 51s}, now, by_floor));
  EXPECT_FALSE(by_floor);
}

TEST(Freshness, NobodyForcesAnAnswerYoungerThanASecond) {
  TestClock clock;
  const Life life = true_for(clock, 60s);
  bool by_floor = false;
  clock.pass(1s);
  EXPECT_TRUE(satisfies(life, {}, {.age_max = 0s}, clock.now(), by_floor));
  EXPECT_TRUE(by_floor);
  EXPECT_TRUE(satisfies(life, {}, {.left_min = 1h}, clock.now(), by_floor));
  EXPECT_TRUE(by_floor);
  clock.pass(1ns);
  EXPECT_FALSE(satisfies(life, {}, {.age_max = 0s}, clock.now(), by_floor));
}

TEST(SystemClock, TellsTwoClocksThatGoOn) {
  const Instant first = system_clock().now();
  const Instant second = system_clock().now();
  EXPECT_GE(second.boot, first.boot);
  EXPECT_GT(first.wall, 1'700'000'000'000'000'000) << "after November 2023";
}

}  // namespace
}  // namespace bourse::host::test
