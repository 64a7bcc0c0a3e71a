// SPDX-License-Identifier: MIT
//
// Widths by hand from the font's advances: in DejaVu Sans (2048 units an em) "0" is 1303 wide, "A"
// 1401, in the bold face "0" is 1425.
#include "plugins/serializers/charting/text.hpp"

#include <gtest/gtest.h>

#include <random>

namespace bourse::charting {
namespace {

constexpr Font kFont{10, Weight::kRegular}, kBold{10, Weight::kBold};

TEST(TextWidth, IsTheFontsRoundedUp) {
  EXPECT_NEAR(text_width("0", kFont), 10 * 1303.0 / 2048, 0.01);
  EXPECT_GE(text_width("0", kFont), 10 * 1303.0 / 2048);
  EXPECT_NEAR(text_width("A0", kFont), 10 * (1401.0 + 1303) / 2048, 0.02);
  EXPECT_NEAR(text_width("00", kBold), 2 * 10 * 1425.0 / 2048, 0.02);
  EXPECT_EQ(text_width("", kFont), 0);
}

TEST(TextWidth, ScalesWithTheSize) {
  EXPECT_DOUBLE_EQ(text_width("BTCUSDT", {22, Weight::kRegular}),
                   2 * text_width("BTCUSDT", {11, Weight::kRegular}));
}

TEST(TextWidth, CombiningMarksTakeNoRoom) {
  EXPECT_EQ(text_width("e\u0301", kFont), text_width("e", kFont));
}

TEST(FitText, LeavesAloneWhatFits) { EXPECT_EQ(fit_text("BTCUSDT", kFont, 100), "BTCUSDT"); }

TEST(FitText, EndsWithAnEllipsisAndFits) {
  const std::string text = fit_text("1000SATSUSDT perpetual", kFont, 60);
  EXPECT_EQ(text.substr(text.size() - 3), "\u2026");
  EXPECT_LE(text_width(text, kFont), 60);
  EXPECT_EQ(fit_text("BTC", kFont, 5), "");
}

TEST(FitText, NeverSplitsACharacterAndAlwaysFits) {
  std::mt19937_64 random(1);
  const std::vector<std::string> parts = {"a",          " ",      "\u00E9", "\u05E9",
                                          "\U0001F680", "\u4EA4", "W"};
  for (int i = 0; i < 2'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 20; n > 0; --n) text += parts[random() % parts.size()];
    const double width = static_cast<double>(random() % 100);
    const std::string fitted = fit_text(text, kFont, width);
    ASSERT_LE(text_width(fitted, kFont), width);
    ASSERT_EQ(clean_text(fitted).find("\uFFFD"), std::string::npos);
  }
}

TEST(CleanText, MakesControlsSpacesAndDropsWhatReordersText) {
  EXPECT_EQ(clean_text("line\r\nfeed\ttab\x01"), "line feed tab");
  EXPECT_EQ(clean_text("  around  "), "around");
  EXPECT_EQ(clean_text(std::string_view("nul\0inside", 10)), "nul inside");
  EXPECT_EQ(clean_text("\u202Eevil\u202C\uFEFF"), "evil");
  EXPECT_EQ(clean_text("\u05E9\u05DC \U0001F680"), "\u05E9\u05DC \U0001F680");
  EXPECT_EQ(clean_text("\uFFFE\uFFFFx"), "x");
}

TEST(CleanText, WhatIsNotUtf8IsReplaced) {
  EXPECT_EQ(clean_text("a\xC3("), "a\uFFFD(");
  EXPECT_EQ(clean_text("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(clean_text("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(clean_text("\xC0\xAF"), "\uFFFD\uFFFD");  // overlong
  EXPECT_EQ(clean_text("end\xF0\x9F"), "end\uFFFD\uFFFD");
}

TEST(CleanText, ReadsABoundedPart) {
  EXPECT_EQ(clean_text(std::string(1'000'000, 'x'), 100).size(), 100U);
}

}  // namespace
}  // namespace bourse::charting
