// SPDX-License-Identifier: MIT
#include "host/base/utf8.hpp"

#include <gtest/gtest.h>

namespace bourse::host {
namespace {

using namespace std::string_view_literals;

// Ill-formed sequences of the Unicode standard (table 3-7 and the text around it).
constexpr std::string_view kIllFormed[] = {
    "\x80"sv,              // a lone continuation
    "\xC0\xAF"sv,          // overlong '/'
    "\xC1\x81"sv,          // overlong 'A'
    "\xE0\x80\x80"sv,      // overlong NUL
    "\xE0\x9F\xBF"sv,      // overlong U+07FF
    "\xED\xA0\x80"sv,      // the surrogate U+D800
    "\xED\xBF\xBF"sv,      // the surrogate U+DFFF
    "\xF0\x8F\xBF\xBF"sv,  // overlong U+FFFF
    "\xF4\x90\x80\x80"sv,  // U+110000
    "\xF5\x80\x80\x80"sv,
    "\xFF"sv,
    "\xFE"sv,
    "\xC3"sv,          // cut short
    "\xE2\x82"sv,      // cut short
    "\xF0\x9F\x98"sv,  // cut short
    "\xC3("sv,         // no continuation follows
};

TEST(Utf8, RefusesEveryIllFormedSequence) {
  for (const std::string_view bytes : kIllFormed) {
    EXPECT_FALSE(is_utf8(bytes)) << printable(bytes);
    const std::string inside = "ab" + std::string(bytes) + "cd";
    EXPECT_EQ(find_invalid_utf8(inside), 2u) << printable(bytes);
  }
}

TEST(Utf8, AcceptsTheFirstAndLastCharacterOfEachLength) {
  for (const std::string_view bytes :
       {"\0"sv, "\x7F"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv,
        "\xEE\x80\x80"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv}) {
    EXPECT_TRUE(is_utf8(bytes)) << printable(bytes);
    EXPECT_EQ(utf8_step(bytes).bytes, bytes.size());
  }
  EXPECT_TRUE(is_utf8(""));
}

TEST(Utf8, DecodesCharacters) {
  EXPECT_EQ(utf8_step("€").character, U'€');
  EXPECT_EQ(utf8_step("😀").character, U'😀');
}

TEST(Printable, EscapesWhatCouldForgeALogLine) {
  EXPECT_EQ(printable("a\nb\tc\rd"), R"(a\nb\tc\rd)");
  EXPECT_EQ(printable("\x1b[31m"), R"(\x1b[31m)");
  EXPECT_EQ(printable("a\0b"sv), R"(a\x00b)");
  EXPECT_EQ(printable("\xFFz"), R"(\xffz)");
  EXPECT_EQ(printable("a\u202Eb"), R"(a\u{202e}b)");
  EXPECT_EQ(printable("x\u0085y"), R"(x\u{0085}y)");
  EXPECT_EQ(printable("Grüße 😀"), "Grüße 😀");
}

TEST(Printable, CutsLongTextsAtCharactersAndSaysSo) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abcdef... (7 bytes)");
  EXPECT_EQ(printable("üüü", 2), "üü... (6 bytes)");
  EXPECT_LT(printable(std::string(10'000'000, '\x01'), 64).size(), 400u);
}

TEST(InQuotes, KeepsQuotationMarksApart) {
  EXPECT_EQ(in_quotes("a"), R"("a")");
  EXPECT_EQ(in_quotes(R"(say "hi" \ bye)"), R"("say \"hi\" \\ bye")");
  EXPECT_EQ(in_quotes("abcd", 2), R"("ab"... (4 bytes))");
}

TEST(RepairUtf8, ReplacesOnlyWhatIsBroken) {
  EXPECT_EQ(repair_utf8("ok ü"), "ok ü");
  EXPECT_EQ(repair_utf8("a\xFF\xC3z"), "a\uFFFD\uFFFDz");
  for (const std::string_view bytes : kIllFormed) EXPECT_TRUE(is_utf8(repair_utf8(bytes)));
}

TEST(HasControl, SeesC0AndC1AndReorderingMarks) {
  EXPECT_TRUE(has_control("a\x7F"));
  EXPECT_TRUE(has_control("\u0080"));
  EXPECT_TRUE(has_control("\u2066"));
  EXPECT_FALSE(has_control("plain, ü, 😀"));
}

}  // namespace
}  // namespace bourse::host
