// SPDX-License-Identifier: MIT
#include "host/live/pace.hpp"

#include <gtest/gtest.h>

#include <random>

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;
using Time = Pace::Time;

const Time kStart{std::chrono::hours(1000)};

/// Answers as soon as it is due, in no time. Returns the runs in [begin, end), looking each 1 ms.
template <class Changes>
std::vector<Time> runs(Pace& pace, Time begin, Time end, const Changes& change) {
  std::vector<Time> found;
  for (Time now = begin; now < end; now += 1ms) {
    if (change(now)) pace.changed();
    if (pace.due() > now) continue;
    pace.began(now);
    pace.succeeded(now, std::nullopt);
    found.push_back(now);
  }
  return found;
}

TEST(Pace, IsDueFromTheBeginningAndThenNotAgain) {
  Pace pace(1s);
  EXPECT_LE(pace.due(), kStart);
  pace.began(kStart);
  EXPECT_EQ(pace.due(), Pace::kNever) << "it runs";
  pace.succeeded(kStart + 100ms, std::nullopt);
  EXPECT_EQ(pace.due(), Pace::kNever) << "nothing changed";
}

TEST(Pace, TheFirstChangeAfterAQuietTimeIsAnsweredAtOnce) {
  Pace pace(1s);
  pace.began(kStart);
  pace.succeeded(kStart, std::nullopt);
  pace.changed();
  EXPECT_LE(pace.due(), kStart) << "also behind the very first";
  pace.began(kStart);
  pace.succeeded(kStart, std::nullopt);
  pace.changed();
  EXPECT_EQ(pace.due(), kStart + 1s) << "but not again and again";
}

// What changes at each full second is told at each full second, whenever somebody began to watch.
TEST(Pace, KeepsStepWithWhatChangesAtItsPace) {
  Pace pace(1s);
  const auto found =
      runs(pace, kStart + 880ms, kStart + 5s, [](Time now) { return (now - kStart) % 1s == 0ms; });
  EXPECT_EQ(found, (std::vector<Time>{kStart + 880ms, kStart + 1s, kStart + 2s, kStart + 3s,
                                      kStart + 4s}));
}

// 500 changes a second for 3 s, then quiet: at 0 twice, at 1 and 2 s, and one after the last change
// at 2.998 s.
TEST(Pace, ManyChangesAreOneRunInEachTimeAndOneAfterTheLast) {
  Pace pace(1s);
  pace.began(kStart - 10s);
  pace.succeeded(kStart - 10s, std::nullopt);
  const auto found = runs(pace, kStart, kStart + 10s, [](Time now) {
    return now < kStart + 3s && (now - kStart).count() % 2'000'000 == 0;
  });
  EXPECT_EQ(found,
            (std::vector<Time>{kStart, kStart + 2ms, kStart + 1s, kStart + 2s, kStart + 3s}));
}

TEST(Pace, AChangeWhileItIsAnsweredIsAnsweredOnceMore) {
  Pace pace(1s);
  pace.began(kStart);
  pace.changed();
  EXPECT_EQ(pace.due(), Pace::kNever) << "never two at once";
  pace.succeeded(kStart + 5s, std::nullopt);  // slower than its pace
  EXPECT_LE(pace.due(), kStart + 5s);
}

TEST(Pace, IsDueWhenTheAnswerIsTrueNoMore) {
  Pace pace(1s);
  pace.began(kStart);
  pace.succeeded(kStart + 1ms, 30s);
  EXPECT_EQ(pace.due(), kStart + 30s + 1ms);
  pace.began(kStart + 31s);
  pace.succeeded(kStart + 31s, 0s);
  EXPECT_EQ(pace.due(), kStart + 31s);
  pace.began(kStart + 31s);
  pace.succeeded(kStart + 31s, -5s);
  EXPECT_EQ(pace.due(), kStart + 32s) << "no more often than its pace";
  pace.began(kStart + 32s);
  pace.succeeded(kStart + 32s, std::chrono::nanoseconds::max());
  EXPECT_EQ(pace.due(), Pace::kNever);
}

TEST(Pace, AFailureIsTriedAgainLaterAndLaterAndThenAsBefore) {
  Pace pace(100ms);
  Time now = kStart;
  for (const auto delay : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    pace.began(now);
    pace.failed(now);
    EXPECT_EQ(pace.due(), now + delay);
    pace.changed();
    EXPECT_EQ(pace.due(), now + delay) << "a change does not hurry it";
    now += delay;
  }
  EXPECT_EQ(pace.failures(), 7U);
  pace.began(now);
  pace.succeeded(now, std::nullopt);
  pace.changed();
  EXPECT_LE(pace.due(), now);
  EXPECT_EQ(pace.failures(), 0U);
}

// Whatever happens: of three runs in a row the last comes `every` after the first or later, and
// there is a last one after the last change.
TEST(Pace, AnyScheduleEndsWithARunAfterTheLastChange) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const std::chrono::milliseconds every(50 + random() % 200);
    Pace pace(every);
    Time last_change = Time::min();
    const Time quiet = kStart + 3s;
    const auto found = runs(pace, kStart, kStart + 6s, [&](Time now) {
      const bool changes = now < quiet && random() % 97 == 0;
      if (changes) last_change = now;
      return changes;
    });
    ASSERT_FALSE(found.empty());
    if (last_change != Time::min()) {
      EXPECT_GE(found.back(), last_change);
    }
    for (std::size_t i = 2; i < found.size(); ++i) EXPECT_GE(found[i] - found[i - 2], every);
  }
}

}  // namespace
}  // namespace bourse::host::test
