// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/playback.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "plugins/sources/replay/player.hpp"
#include "tests/plugins/sources/replay/folder.hpp"

namespace bourse::replay {
namespace {

constexpr std::int64_t kSec = 1'000'000'000, kMinutes = 60 * kSec, kHours = 60 * kMinutes;
constexpr std::int64_t kStart = 1'800'000'000 * kSec;            // a time of day
constexpr std::int64_t kRecordingBegins = 1'735'689'600 * kSec;  // 2025-01-01T00:00:00Z

Time later(std::int64_t ns) { return Time{kStart + ns}; }

/// Three hours of candles of one hour.
Playback hours_at(std::int64_t thousandths, bool repeat) {
  return Playback({kRecordingBegins, kRecordingBegins + kHours, kRecordingBegins + 2 * kHours,
                   kRecordingBegins + 3 * kHours},
                  thousandths, repeat, Time{kStart});
}

TEST(Speed, IsANumberOfTimesAndNothingElse) {
  EXPECT_EQ(parse_speed("60x"), 60'000);
  EXPECT_EQ(parse_speed("60"), 60'000);
  EXPECT_EQ(parse_speed("0.5x"), 500);
  EXPECT_EQ(parse_speed("0.001x"), 1);
  EXPECT_EQ(parse_speed("1.5"), 1'500);
  EXPECT_EQ(parse_speed("1000000x"), 1'000'000'000);
  for (const char* other : {"", "x", "0x", "0", "-1x", "1e3x", "60 x", "60xx", "x60", "0.0001x",
                            "0.0005", "1000000.001x", "fast", "99999999999999999999999999x"}) {
    EXPECT_FALSE(parse_speed(other)) << other;
  }
}

TEST(PlaybackTest, MovesFromStepToStepAtItsSpeed) {
  const Playback sixty = hours_at(60'000, false);
  EXPECT_EQ(sixty.at(Time{kStart}).time.ns, kRecordingBegins);
  EXPECT_EQ(sixty.at(Time{kStart}).until->ns, kStart + kMinutes);  // an hour is a minute
  EXPECT_EQ(sixty.at(later(kMinutes - 1)).time.ns, kRecordingBegins);
  EXPECT_EQ(sixty.at(later(kMinutes)).time.ns, kRecordingBegins + kHours);
  EXPECT_EQ(sixty.at(later(2 * kMinutes + 5)).time.ns, kRecordingBegins + 2 * kHours);
  EXPECT_EQ(sixty.at(later(2 * kMinutes + 5)).number, 2);
  EXPECT_EQ(sixty.at(later(-5 * kMinutes)).time.ns, kRecordingBegins);  // a clock that was set back
}

TEST(PlaybackTest, StaysAtTheEnd) {
  const Playback sixty = hours_at(60'000, false);
  for (const std::int64_t time : {3 * kMinutes, 4 * kMinutes, 100 * 365 * 24 * kHours}) {
    EXPECT_EQ(sixty.at(later(time)).time.ns, kRecordingBegins + 3 * kHours);
    EXPECT_FALSE(sixty.at(later(time)).until);
  }
  EXPECT_FALSE(sixty.at(Time{std::numeric_limits<std::int64_t>::max()}).until);
}

TEST(PlaybackTest, OrStartsAgainAfterTheLastStepHasShownAsLongAsTheOneBefore) {
  const Playback sixty = hours_at(60'000, true);
  EXPECT_EQ(sixty.at(later(3 * kMinutes)).time.ns, kRecordingBegins + 3 * kHours);
  EXPECT_EQ(sixty.at(later(3 * kMinutes)).until->ns, kStart + 4 * kMinutes);
  EXPECT_EQ(sixty.at(later(4 * kMinutes)).time.ns, kRecordingBegins);
  EXPECT_EQ(sixty.at(later(4 * kMinutes)).number, 4);
  EXPECT_EQ(sixty.at(later(4 * kMinutes)).until->ns, kStart + 5 * kMinutes);
  EXPECT_EQ(sixty.at(later(41 * kMinutes)).time.ns, kRecordingBegins + kHours);
}

/// What a source says to be true until then is true until then, and no longer.
TEST(PlaybackTest, UntilIsTheFirstMomentOfTheNextStepAtAnySpeed) {
  std::vector<std::int64_t> steps;
  for (std::int64_t i = 0; i < 50; ++i) steps.push_back(kRecordingBegins + i * i * 7'777'777'777);
  for (const std::int64_t thousandths : {1, 7, 333, 1000, 1001, 59'999, 1'000'000'000}) {
    for (const bool repeat : {false, true}) {
      const Playback playback(steps, thousandths, repeat, Time{kStart});
      Time time{kStart};
      for (std::int64_t number = 0; number < 120; ++number) {
        const auto moment = playback.at(time);
        ASSERT_EQ(moment.number, number) << thousandths;
        if (!moment.until) break;
        ASSERT_EQ(playback.at(Time{moment.until->ns - 1}).number, number) << thousandths;
        time = *moment.until;
      }
    }
  }
}

TEST(PlaybackTest, OneStepIsTheBeginAndTheEnd) {
  const Playback one({kRecordingBegins}, 1000, true, Time{kStart});
  EXPECT_EQ(one.at(later(kHours)).time.ns, kRecordingBegins);
  EXPECT_FALSE(one.at(later(kHours)).until);
}

// ---- a player

struct PlayerFixture : testing::Test {
  PlayerFixture() {
    std::string lines;
    for (std::int64_t hour = 0; hour < 4; ++hour) {
      const std::int64_t open = kRecordingBegins / 1'000'000 + hour * 3'600'000;
      lines +=
          std::to_string(open) + ",1,1,1,1,1," + std::to_string(open + 3'599'999) + ",1,1,1,1,0\n";
    }
    folder.with("AUSDT-1h.csv", lines);
  }
  [[nodiscard]] std::unique_ptr<Player> player(PlayOptions options) {
    return std::make_unique<Player>(folder.path().string(), options, Host(&wire),
                                    [this] { return now; });
  }

  bourse_host wire{};
  test::Folder folder;
  Time now{kStart};
};
using PlayerTest = PlayerFixture;

TEST_F(PlayerTest, BeginsWhereItIsToldToAndShowsOneCandleAfterTheOther) {
  const auto playing =
      player({.thousandths = 60'000, .from = Time{kRecordingBegins + kHours + 30 * kMinutes}});
  EXPECT_EQ(playing->at(now).source.clock().ns, kRecordingBegins + kHours + 30 * kMinutes);
  EXPECT_EQ(playing->at(now).until->ns, kStart + 30 * kSec);
  EXPECT_EQ(playing->at(later(30 * kSec)).source.clock().ns, kRecordingBegins + 2 * kHours);
  EXPECT_EQ(playing->at(later(kHours)).source.clock().ns, kRecordingBegins + 4 * kHours);
  EXPECT_FALSE(playing->at(later(kHours)).until);
}

TEST_F(PlayerTest, WithoutFromItBeginsWithTheFirstCandle) {
  EXPECT_EQ(player({})->at(now).source.clock().ns, kRecordingBegins + kHours);
}

TEST_F(PlayerTest, NobodySeesTheTimeGoBackUnlessTheClockWasSetBack) {
  const auto playing = player({.thousandths = 3'600'000});  // an hour a second
  EXPECT_EQ(playing->at(later(2 * kSec)).source.clock().ns, kRecordingBegins + 3 * kHours);
  EXPECT_EQ(playing->at(later(1 * kSec)).source.clock().ns, kRecordingBegins + 3 * kHours);
  EXPECT_EQ(playing->at(later(-2 * kMinutes)).source.clock().ns, kRecordingBegins + kHours);
}

TEST_F(PlayerTest, FromAtTheEndIsRefused) {
  try {
    const auto refused = player({.from = Time{kRecordingBegins + 4 * kHours}});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.message(),
              "from: 2025-01-01T04:00:00Z is not before the end of the recording, "
              "2025-01-01T04:00:00Z; choose an earlier time");
  }
}

}  // namespace
}  // namespace bourse::replay
