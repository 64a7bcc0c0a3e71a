// SPDX-License-Identifier: MIT
#include "host/base/names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bourse::host {
namespace {

TEST(Names, BeginWithALetterAndGoOnWithLettersDigitsAndUnderscores) {
  for (const char* good : {"a", "z9", "open_time", "a_", "x_1_y"})
    EXPECT_TRUE(is_name(good)) << good;
  for (const char* bad : {"", "_a", "9a", "A", "aB", "a-b", "a.b", "a b", "\xC3\xA4", "a\n"}) {
    EXPECT_FALSE(is_name(bad)) << bad;
  }
  EXPECT_FALSE(is_name(std::string_view("a\0b", 3)));
}

TEST(Names, AreBounded) {
  EXPECT_TRUE(is_name(std::string(128, 'a')));
  EXPECT_FALSE(is_name(std::string(129, 'a')));
  EXPECT_TRUE(is_name(std::string(64, 'a'), BOURSE_MAX_ID_BYTES));
  EXPECT_FALSE(is_name(std::string(65, 'a'), BOURSE_MAX_ID_BYTES));
}

TEST(Names, OfOtherThingsHaveOtherPunctuation) {
  EXPECT_TRUE(is_name("market-statistics", BOURSE_MAX_ID_BYTES, "-"));
  EXPECT_FALSE(is_name("market_statistics", BOURSE_MAX_ID_BYTES, "-"));
  EXPECT_TRUE(is_name("acme.trend-2", BOURSE_MAX_NAME_BYTES, ".-"));
  EXPECT_FALSE(is_name(".acme", BOURSE_MAX_NAME_BYTES, ".-"));
}

TEST(NamePaths, AreNamesJoinedBySingleDots) {
  for (const char* good : {"a", "a.b", "summary.breadth.up"})
    EXPECT_TRUE(is_name_path(good)) << good;
  for (const char* bad : {"", ".", "a.", ".a", "a..b", "a.9", "a.B"}) {
    EXPECT_FALSE(is_name_path(bad)) << bad;
  }
  EXPECT_TRUE(is_name_path(std::string(63, 'a') + "." + std::string(64, 'b')));
  EXPECT_FALSE(is_name_path(std::string(64, 'a') + "." + std::string(64, 'b')));
}

TEST(TextWithin, ReadsOneByteBeyondTheBoundAndNoFurther) {
  const char no_end[] = {'a', 'b', 'c', 'd'};
  EXPECT_EQ(text_within(no_end, 3), std::nullopt);
  EXPECT_EQ(text_within("abc", 3), "abc");
  EXPECT_EQ(text_within("", 0), "");
  EXPECT_EQ(text_within("a", 0), std::nullopt);
  EXPECT_EQ(text_within(nullptr, 3), std::nullopt);
}

TEST(KnownLevel, IsTheOneBelow) {
  EXPECT_EQ(known_level(-1), BOURSE_LEVEL_DEBUG);
  EXPECT_EQ(known_level(15), BOURSE_LEVEL_DEBUG);
  EXPECT_EQ(known_level(25), BOURSE_LEVEL_INFO);
  EXPECT_EQ(known_level(30), BOURSE_LEVEL_WARN);
  EXPECT_EQ(known_level(1000), BOURSE_LEVEL_ERROR);
}

}  // namespace
}  // namespace bourse::host
