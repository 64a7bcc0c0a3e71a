// SPDX-License-Identifier: MIT
#include "host/config/snippet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

using ::testing::HasSubstr;

/// Terminal columns before the first caret, and of the text before `needle`: equal when the carets
/// stand under it.
std::size_t columns_before(const std::string& text, const std::string& needle) {
  std::size_t columns = 0;
  const std::size_t end = text.find(needle);
  for (std::size_t at = 0; at < end && at < text.size();) {
    const Utf8Step step = utf8_step(std::string_view(text).substr(at));
    columns += display_width(step.character);
    at += step.bytes;
  }
  return columns;
}

void expect_under(std::string_view line, std::size_t column, const std::string& needle) {
  const std::string shown = snippet(line, 7, column, needle.size());
  const std::size_t end = shown.find('\n');
  const std::string first = shown.substr(0, end);
  const std::string second = shown.substr(end + 1);
  ASSERT_THAT(first, HasSubstr(needle));
  EXPECT_EQ(columns_before(first, needle), columns_before(second, "^")) << shown;
  EXPECT_THAT(second, HasSubstr(std::string(needle.size(), '^')));
}

TEST(Snippet, PutsCaretsUnderTheStretch) {
  EXPECT_EQ(snippet("key: value", 12, 6, 5), "    12 | key: value\n       |      ^^^^^\n");
}

TEST(Snippet, CaretsStandRightBehindTabsAndWideCharacters) {
  expect_under("\tkey: x", 2, "key");
  expect_under("ab\tkey: x", 4, "key");
  expect_under("日本語 key", 5, "key");
  expect_under("é key", 3, "key");
  expect_under("e\u0301 key", 4, "key");
  expect_under("😀 key", 3, "key");
}

TEST(Snippet, ShowsTheSurroundingsInLongLines) {
  const std::string filler(5000, '.');
  expect_under(filler + "key" + filler, 5001, "key");
  expect_under("key" + filler, 1, "key");
  expect_under(filler + "key", 5001, "key");
  EXPECT_LT(snippet(filler + "key" + filler, 1, 5001, 3).size(), 300u);
  EXPECT_LT(snippet(filler, 1, 1, 5000).size(), 300u);  // carets end with the window
}

TEST(Snippet, AlwaysHasACaret) {
  EXPECT_EQ(snippet("", 1, 1, 0), "     1 |\n       | ^\n");
  EXPECT_EQ(snippet("ab", 1, 3, 0), "     1 | ab\n       |   ^\n");
  EXPECT_EQ(snippet("ab", 1, 99, 99), "     1 | ab\n       |   ^\n");
}

TEST(Snippet, GrowsWithTheLineNumber) {
  EXPECT_EQ(snippet("a", 12345678, 1, 1), "12345678 | a\n         | ^\n");
}

TEST(Snippet, ShowsNoControls) {
  EXPECT_EQ(snippet("a\x1b\xFF\u202E!", 1, 5, 1),
            "     1 | a\uFFFD\uFFFD\uFFFD!\n"
            "       |     ^\n");
}

}  // namespace
}  // namespace bourse::host
