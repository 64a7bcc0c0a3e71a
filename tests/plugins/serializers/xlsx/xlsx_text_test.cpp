// SPDX-License-Identifier: MIT
#include "plugins/serializers/xlsx/xlsx_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "plugins/serializers/xlsx/losses.hpp"
#include "plugins/serializers/xlsx/sheet_names.hpp"

namespace bourse::xlsx {
namespace {

using namespace std::string_view_literals;

struct Appended {
  std::string text;
  bool cut = false;
};
Appended appended(std::string_view text) {
  Appended result;
  BlockBuffer out([&](std::string_view block) { result.text += block; });
  result.cut = append_text(out, text);
  out.flush();
  return result;
}

TEST(XlsxText, MarkupIsEscaped) {
  EXPECT_EQ(appended("a < b & \"c\" > ]]>").text, "a &lt; b &amp; &quot;c&quot; &gt; ]]&gt;");
  EXPECT_EQ(escaped("<&>"), "&lt;&amp;&gt;");
}

TEST(XlsxText, WhatXmlCannotHoldIsWrittenAsExcelWritesIt) {
  EXPECT_EQ(appended("\0\x1F\r\n\t"sv).text, "_x0000__x001F__x000D_\n\t");
  EXPECT_EQ(appended("\xEF\xBF\xBE\xEF\xBF\xBF").text, "_xFFFE__xFFFF_");
}

TEST(XlsxText, WhatLooksLikeSuchAnEscapeIsNotTakenForOne) {
  EXPECT_EQ(appended("_x0041_").text, "_x005F_x0041_");
  EXPECT_EQ(appended("_x00e9_ _x004_ _y0041_ _x0041").text, "_x005F_x00e9_ _x004_ _y0041_ _x0041");
}

TEST(XlsxText, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_EQ(appended("a\xC3(\x80\xF5").text, "a\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(appended("\xC0\x80").text, "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong
  EXPECT_EQ(appended("\xED\xA0\x80").text, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // surrogate
  EXPECT_EQ(appended("\xF0\x9F\x9A").text, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // cut
  EXPECT_EQ(appended("\xF0\x9F\x9A\x80").text, "\xF0\x9F\x9A\x80");
}

TEST(XlsxText, ACellHolds32767Utf16Units) {
  EXPECT_FALSE(appended(std::string(32'767, 'x')).cut);
  const Appended cut = appended(std::string(1 << 20, 'x'));
  EXPECT_TRUE(cut.cut);
  EXPECT_EQ(cut.text.size(), 32'767U);
  std::string rockets;
  for (int i = 0; i < 16'384; ++i) rockets += "\xF0\x9F\x9A\x80";  // two units each
  const Appended whole = appended(rockets);
  EXPECT_TRUE(whole.cut);
  EXPECT_EQ(whole.text.size(), 16'383U * 4) << "half a character would make it unreadable";
  EXPECT_TRUE(appended(std::string(32'767, 'x') + "&").cut);
  EXPECT_EQ(appended(std::string(40'000, '&')).text.size(), 32'767U * 5) << "an escape is one";
}

TEST(XlsxText, ColumnsAreNamedAsInExcel) {
  EXPECT_EQ(column_letters(0), "A");
  EXPECT_EQ(column_letters(25), "Z");
  EXPECT_EQ(column_letters(26), "AA");
  EXPECT_EQ(column_letters(701), "ZZ");
  EXPECT_EQ(column_letters(702), "AAA");
  EXPECT_EQ(column_letters(16'383), "XFD");  // its last
}

/// By hand: 1970-01-01 is day 25569, 2024-03-01 day 45352.
TEST(XlsxText, TimesAreDaysOfExcelsCalendar) {
  constexpr std::int64_t kSecond = 1'000'000'000, kDay = 86'400 * kSecond;
  EXPECT_EQ(serial_of(Time{0}), 25'569.0);
  EXPECT_EQ(serial_of(Time{1'709'251'200 * kSecond}), 45'352.0);
  EXPECT_EQ(serial_of(Time{1'709'251'200 * kSecond + kDay / 2}), 45'352.5);
  EXPECT_EQ(serial_of(Time{-kDay / 4}), 25'568.75);
  EXPECT_EQ(serial_of(Time{499'999}), 25'569.0) << "to the nearest millisecond";
  EXPECT_EQ(serial_of(Time{500'000}), 25'569.0 + 1 / 86'400'000.0);
  EXPECT_EQ(serial_of(Time{-500'000}), 25'569.0);
}

TEST(XlsxText, TheCalendarBeginsInMarch1900) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  EXPECT_EQ(serial_of(Time{-25'508 * kDay}), 61.0);  // 1900-03-01
  EXPECT_EQ(serial_of(Time{-25'508 * kDay - 1'000'000}), std::nullopt);
}

TEST(XlsxSheetNames, AreAsExcelDemandsThem) {
  SheetNames names;
  EXPECT_EQ(names.add("series"), "series");
  EXPECT_EQ(names.add("Series"), "Series~2") << "they differ by more than case";
  EXPECT_EQ(names.add("history"), "history~2") << "Excel's own";
  EXPECT_EQ(names.add("a[b]:*?/\\'c"), "a_b_______c");
  EXPECT_EQ(names.add(""), "Sheet");
  const std::string longest(128, 'n');
  EXPECT_EQ(names.add(longest), std::string(31, 'n'));
  EXPECT_EQ(names.add(longest), std::string(29, 'n') + "~2");
  EXPECT_EQ(names.add_part("ticks", 1), "ticks");
  EXPECT_EQ(names.add_part("ticks", 2), "ticks (2)");
  EXPECT_EQ(names.add_part(longest, 12), std::string(26, 'n') + " (12)");
}

TEST(XlsxLosses, NamePlacesAndCountTheRest) {
  Losses losses;
  losses.add("column a of table t", {0, 0, 0, 0});
  EXPECT_TRUE(losses.notes().empty());
  losses.add("column a of table t", {1, 0, 0, 0});
  ASSERT_EQ(losses.notes().size(), 1U);
  EXPECT_EQ(losses.notes()[0].text,
            "1 number has more than the 15 digits that Excel computes with and is text: column a "
            "of table t (1)");
  for (int i = 0; i < 11; ++i) losses.add("x", {2, 0, 0, 0});
  EXPECT_TRUE(losses.notes()[0].text.starts_with("23 numbers have "));
  EXPECT_TRUE(losses.notes()[0].text.ends_with("x (2) and 2 more places"));
}

}  // namespace
}  // namespace bourse::xlsx
