// SPDX-License-Identifier: MIT
//
// Ticks are held against Python's datetime (time_ticks_vectors.py); labels are by hand.
#include "plugins/serializers/charting/time_ticks.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <sstream>

namespace bourse::charting {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute,
                       kDay = 24 * kHour;
constexpr std::int64_t k2024Dec31 = 1'735'603'200 * kSecond;  // 2024-12-31 00:00

std::vector<std::string> shown(const std::vector<TimeLabel>& labels) {
  std::vector<std::string> out;
  for (const TimeLabel& label : labels) {
    out.push_back(label.context.empty() ? label.text : label.text + "|" + label.context);
  }
  return out;
}

std::vector<std::string> labels(std::int64_t first, std::int64_t last, TimeStep step) {
  return shown(time_labels(time_ticks(first, last, step, 1000), step));
}

TEST(TimeTicks, AgreeWithPythonsCalendar) {
  const std::map<std::string, TimeUnit> units = {
      {"second", TimeUnit::kSecond}, {"minute", TimeUnit::kMinute}, {"hour", TimeUnit::kHour},
      {"day", TimeUnit::kDay},       {"month", TimeUnit::kMonth},   {"year", TimeUnit::kYear}};
  std::ifstream file(BOURSE_TIME_TICKS_VECTORS);
  std::string line;
  int cases = 0;
  while (std::getline(file, line)) {
    std::istringstream in(line);
    std::string unit, bar;
    std::int64_t count = 0, first = 0, last = 0, tick = 0;
    in >> unit >> count >> first >> last >> bar;
    std::vector<std::int64_t> expected;
    while (in >> tick) expected.push_back(tick);
    ASSERT_EQ(time_ticks(first, last, {units.at(unit), count}, 10'000), expected) << line;
    ++cases;
  }
  EXPECT_GT(cases, 400);
}

TEST(TimeTicks, ReachTheFirstAndLastTimeThereIs) {
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  for (const TimeStep& step : time_steps()) {
    const auto ticks = time_ticks(kFirst, kLast, step, 100);
    for (std::size_t i = 1; i < ticks.size(); ++i) EXPECT_GT(ticks[i], ticks[i - 1]);
    EXPECT_LE(time_ticks(kLast - 1000, kLast, step, 100).size(), 100U);
    EXPECT_LE(time_ticks(kFirst, kFirst + 1000, step, 100).size(), 100U);
  }
  const auto centuries = time_ticks(kFirst, kLast, {TimeUnit::kYear, 100}, 100);
  EXPECT_EQ(shown(time_labels(centuries, {TimeUnit::kYear, 100})),
            (std::vector<std::string>{"1700", "1800", "1900", "2000", "2100", "2200"}));
}

TEST(TimeTicks, AreBounded) {
  EXPECT_EQ(time_ticks(0, kDay, {TimeUnit::kNanosecond, 1}, 7).size(), 7U);
  EXPECT_TRUE(time_ticks(1, 0, {TimeUnit::kDay, 1}, 7).empty());
}

TEST(TimeLabels, SayTheDateAtTheFirstTickAndWhereItChanges) {
  EXPECT_EQ(labels(k2024Dec31 + 12 * kHour, k2024Dec31 + 30 * kHour, {TimeUnit::kHour, 6}),
            (std::vector<std::string>{"12:00|31 Dec 2024", "18:00", "00:00|1 Jan 2025", "06:00"}));
  EXPECT_EQ(labels(k2024Dec31 - kDay, k2024Dec31 + kDay, {TimeUnit::kDay, 1}),
            (std::vector<std::string>{"30|Dec 2024", "31", "1|Jan 2025"}));
  EXPECT_EQ(labels(k2024Dec31 - 70 * kDay, k2024Dec31 + 40 * kDay, {TimeUnit::kMonth, 1}),
            (std::vector<std::string>{"Nov|2024", "Dec", "Jan|2025", "Feb"}));
  EXPECT_EQ(labels(k2024Dec31, k2024Dec31 + 400 * kDay, {TimeUnit::kYear, 1}),
            (std::vector<std::string>{"2025", "2026"}));
}

TEST(TimeLabels, HaveAsManyDecimalsOfASecondAsTheStep) {
  EXPECT_EQ(labels(k2024Dec31, k2024Dec31 + 30 * kSecond, {TimeUnit::kSecond, 15}),
            (std::vector<std::string>{"00:00:00|31 Dec 2024", "00:00:15", "00:00:30"}));
  EXPECT_EQ(labels(k2024Dec31, k2024Dec31 + kSecond, {TimeUnit::kNanosecond, kSecond / 2}),
            (std::vector<std::string>{"00:00:00.0|31 Dec 2024", "00:00:00.5", "00:00:01.0"}));
  EXPECT_EQ(labels(k2024Dec31, k2024Dec31 + 20, {TimeUnit::kNanosecond, 20}),
            (std::vector<std::string>{"00:00:00.00000000|31 Dec 2024", "00:00:00.00000002"}));
}

TEST(FitTimeLabels, NeverTouchWhateverTheRangeAndWidth) {
  std::mt19937_64 random(7);
  const Font font{11, Weight::kRegular};
  for (int i = 0; i < 5'000; ++i) {
    const double exponent = static_cast<double>(random() % 1890) / 100;  // 1 ns to 240 years
    const auto length = static_cast<std::int64_t>(std::pow(10.0, exponent)) + 1;
    const auto first =
        static_cast<std::int64_t>(random() % 1'500'000'000'000'000'000ULL) - kDay * 20'000;
    const double width = 40 + static_cast<double>(random() % 2400);
    const auto found = fit_time_labels(first, first + length, width, font);
    double end = -1e9;
    for (const TimeLabel& label : found) {
      const double at = static_cast<double>(label.at - first) / static_cast<double>(length) * width;
      const double half = text_width(label.text, font) / 2;
      ASSERT_GT(at - half, end) << first << " " << length << " " << width;
      ASSERT_GE(label.at, first);
      ASSERT_LE(label.at, first + length);
      end = at + half;
    }
    ASSERT_TRUE(width <= 600 || found.size() >= 2) << first << " " << length << " " << width;
  }
}

TEST(FormatTime, ShowsSecondsOnlyIfThereAreAny) {
  EXPECT_EQ(format_time(k2024Dec31 + 23 * kHour), "2024-12-31 23:00 UTC");
  EXPECT_EQ(format_time(k2024Dec31 + 59 * kSecond), "2024-12-31 00:00:59 UTC");
  EXPECT_EQ(format_time(k2024Dec31 + 250'000'000), "2024-12-31 00:00:00.25 UTC");
  EXPECT_EQ(format_time(-1), "1969-12-31 23:59:59.999999999 UTC");
  EXPECT_EQ(format_time(std::numeric_limits<std::int64_t>::min()),
            "1677-09-21 00:12:43.145224192 UTC");
  EXPECT_EQ(format_time(std::numeric_limits<std::int64_t>::max()),
            "2262-04-11 23:47:16.854775807 UTC");
}

}  // namespace
}  // namespace bourse::charting
