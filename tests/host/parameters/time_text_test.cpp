// SPDX-License-Identifier: MIT
//
// Reference seconds come from `date -u -d ... +%s` (GNU coreutils).
#include "host/parameters/time_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bourse::host {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t ns(std::string_view text) {
  const TimeText time = parse_time(text);
  EXPECT_TRUE(time.ns.has_value()) << text;
  return time.ns.value_or(-1);
}

TEST(ParseTime, ReadsRfc3339) {
  EXPECT_EQ(ns("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ns("2024-12-31T23:59:59Z"), 1'735'689'599 * kSecond);
  EXPECT_EQ(ns("2024-12-31t23:59:59z"), 1'735'689'599 * kSecond);
  EXPECT_EQ(ns("2024-12-31T23:59:59.5Z"), 1'735'689'599 * kSecond + 500'000'000);
  EXPECT_EQ(ns("2024-12-31T23:59:59.123456789Z"), 1'735'689'599 * kSecond + 123'456'789);
  EXPECT_EQ(ns("1969-12-31T23:59:59.75Z"), -250'000'000);
}

TEST(ParseTime, AppliesTheOffset) {
  EXPECT_EQ(ns("2025-01-01T01:59:59+02:00"), 1'735'689'599 * kSecond);
  EXPECT_EQ(ns("2024-12-31T18:29:59-05:30"), 1'735'689'599 * kSecond);
  EXPECT_EQ(ns("1970-01-01T00:00:00-00:00"), 0);
}

TEST(ParseTime, ReadsDatesAndMilliseconds) {
  EXPECT_EQ(ns("2024-12-31"), 1'735'603'200 * kSecond);
  EXPECT_EQ(ns("1735603200123"), 1'735'603'200 * kSecond + 123'000'000);
  EXPECT_EQ(ns("0"), 0);
  EXPECT_EQ(ns("-1"), -1'000'000);
  EXPECT_EQ(ns("-1001"), -1'001'000'000);
}

TEST(ParseTime, KnowsTheCalendar) {
  EXPECT_EQ(ns("2024-02-29"), 1'709'164'800 * kSecond);
  EXPECT_EQ(ns("2000-02-29"), 951'782'400 * kSecond);
  for (const char* text : {"2023-02-29", "1900-02-29", "2024-02-30", "2024-04-31", "2024-13-01",
                           "2024-00-10", "2024-01-00", "2024-01-32"}) {
    EXPECT_FALSE(parse_time(text).ns.has_value()) << text;
    EXPECT_FALSE(parse_time(text).out_of_range) << text;
  }
}

TEST(ParseTime, RefusesWhatIsNotATimeToTheLastByte) {
  for (const char* text : {"",
                           " ",
                           "now",
                           "2024-12-31T",
                           "2024-12-31T23:59:59",
                           "2024-12-31 23:59:59Z",
                           "2024-12-31T23:59:60Z",
                           "2024-12-31T24:00:00Z",
                           "2024-12-31T23:60:00Z",
                           "2024-12-31T23:59:59.Z",
                           "2024-12-31T23:59:59.1234567890Z",
                           "2024-12-31T23:59:59,5Z",
                           "2024-12-31T23:59:59+24:00",
                           "2024-12-31T23:59:59+0200",
                           "2024-12-31T23:59:59+02",
                           "2024-12-31T23:59:59ZZ",
                           "2024-12-31Z",
                           "2024-1-1",
                           "20241231T000000Z",
                           "+1",
                           "1e3",
                           "1.5",
                           "12x",
                           " 12",
                           "12 ",
                           "0x10",
                           "-",
                           "--1"}) {
    EXPECT_FALSE(parse_time(text).ns.has_value()) << text;
    EXPECT_FALSE(parse_time(text).out_of_range) << text;
  }
}

TEST(ParseTime, EndsWhereNanosecondsEnd) {
  EXPECT_EQ(ns("1678-01-01"), -9'214'560'000 * kSecond);
  EXPECT_EQ(ns("2261-12-31T23:59:59.999999999Z"), 9'214'646'399 * kSecond + 999'999'999);
  for (const char* text : {"1677-12-31T23:59:59.999999999Z", "2262-01-01", "0000-01-01",
                           "9999-12-31", "2261-12-31T23:59:59-00:01", "9223372036854775807",
                           "-9223372036854775808", "99999999999999999999999999", "9214646400000"}) {
    EXPECT_FALSE(parse_time(text).ns.has_value()) << text;
    EXPECT_TRUE(parse_time(text).out_of_range) << text;
  }
}

TEST(ParseTime, GoesBackFromNow) {
  const std::int64_t now = 1'735'689'599 * kSecond + 5;  // 2024-12-31T23:59:59.000000005Z
  const std::int64_t second = now - 5;
  const auto before = [&](std::string_view text) { return parse_time(text, now).ns.value_or(-1); };
  EXPECT_EQ(before("now"), second);
  EXPECT_EQ(before("-0d"), second);
  EXPECT_EQ(before("-90m"), second - 5'400 * kSecond);
  EXPECT_EQ(before("-12h"), second - 43'200 * kSecond);
  EXPECT_EQ(before("-30d"), second - 2'592'000 * kSecond);
  EXPECT_EQ(before("-2w"), second - 1'209'600 * kSecond);
  EXPECT_EQ(parse_time("now", -1).ns, -kSecond) << "the second before 1970 begins there";
  EXPECT_EQ(parse_time("-30d", now).before_now, 2'592'000 * kSecond);
  EXPECT_EQ(parse_time("2024-12-31", now).before_now, std::nullopt);
  EXPECT_EQ(before("-720h"), before("-30d"));
  EXPECT_EQ(before("-30"), -30'000'000) << "without a unit: milliseconds before 1970";
  EXPECT_EQ(before("2024-12-31"), 1'735'603'200 * kSecond);
}

TEST(ParseTime, RefusesOtherRelativeForms) {
  for (const char* text : {"Now", "NOW", "now ", "30d", "+30d", "-30D", "-1M", "-1y", "-30s", "-d",
                           "--1d", "-1.5d", "- 1d", "-1d ", "-1d12h", "-1 d", "now-1d", "-0x1d"}) {
    EXPECT_FALSE(parse_time(text, 0).ns.has_value()) << text;
    EXPECT_FALSE(parse_time(text, 0).out_of_range) << text;
  }
}

TEST(ParseTime, KnowsNoRelativeTimeWithoutNow) {
  for (const char* text : {"now", "-30d", "-2w"}) {
    EXPECT_FALSE(parse_time(text).ns.has_value()) << text;
    EXPECT_FALSE(parse_time(text).out_of_range) << text;
  }
}

// `date -u -d '1970-01-01 -106650 days'` is 1678-01-01, the first moment that is taken.
TEST(ParseTime, RelativeTimesEndWhereNanosecondsEnd) {
  EXPECT_EQ(parse_time("-106650d", 0).ns, -9'214'560'000 * kSecond);
  for (const char* text : {"-106651d", "-15251w", "-99999999999d", "-9223372036854775807m",
                           "-99999999999999999999999999h"}) {
    EXPECT_FALSE(parse_time(text, 0).ns.has_value()) << text;
    EXPECT_TRUE(parse_time(text, 0).out_of_range) << text;
  }
}

TEST(PrintTime, WritesUtcAndNoMoreDigitsThanNeeded) {
  EXPECT_EQ(print_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(print_time(1'735'689'599 * kSecond + 500'000'000), "2024-12-31T23:59:59.5Z");
  EXPECT_EQ(print_time(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(print_time(std::numeric_limits<std::int64_t>::max()), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(print_time(std::numeric_limits<std::int64_t>::min()), "1677-09-21T00:12:43.145224192Z");
}

TEST(PrintTime, IsReadBackAsTheSameMoment) {
  for (const std::int64_t moment : {std::int64_t{1}, std::int64_t{-1'500'000'001},
                                    951'782'400 * kSecond + 10, 9'214'646'399 * kSecond}) {
    EXPECT_EQ(ns(print_time(moment)), moment);
  }
}

}  // namespace
}  // namespace bourse::host
