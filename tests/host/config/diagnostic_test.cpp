// SPDX-License-Identifier: MIT
#include "host/config/diagnostic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

Diagnostics with_file(std::string text) {
  Diagnostics diagnostics;
  diagnostics.add_file({"config.yaml", std::move(text)});
  return diagnostics;
}

TEST(SourceFile, KnowsItsLines) {
  const SourceFile file("f", "one\r\ntwo\n\nfour");
  EXPECT_EQ(file.line(1), "one");
  EXPECT_EQ(file.line(2), "two");
  EXPECT_EQ(file.line(3), "");
  EXPECT_EQ(file.line(4), "four");
  EXPECT_EQ(file.line(5), "");
  EXPECT_EQ(file.line(0), "");
}

TEST(SourceFile, CountsColumnsInCharacters) {
  const SourceFile file("f", "ab\nü😀x: y\n");
  EXPECT_EQ(file.mark(7, 0, 1), (Mark{7, 1, 1, 1}));
  EXPECT_EQ(file.mark(7, 3, 2), (Mark{7, 2, 1, 1}));    // ü, two bytes
  EXPECT_EQ(file.mark(7, 9, 1), (Mark{7, 2, 3, 1}));    // x
  EXPECT_EQ(file.mark(7, 3, 6), (Mark{7, 2, 1, 2}));    // ü😀
  EXPECT_EQ(file.mark(7, 0, 99), (Mark{7, 1, 1, 2}));   // cut at the end of the line
  EXPECT_EQ(file.mark(7, 999, 9), (Mark{7, 3, 1, 0}));  // behind the end
}

TEST(SourceFile, CountsColumnsInLongLinesAlike) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "xü€😀";  // 10 bytes, 4 characters
  const SourceFile file("f", text);
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(file.mark(0, 10 * i, 10), (Mark{0, 1, static_cast<std::uint32_t>(4 * i + 1), 4}));
  }
}

TEST(SourceFile, LeavesOutTheByteOrderMark) {
  const SourceFile file("f", "\xEF\xBB\xBFx");
  EXPECT_EQ(file.text(), "x");
}

TEST(Diagnostics, ShowsWhereWhatAndWhatToDo) {
  Diagnostics diagnostics = with_file("routes:\n  - {path: /x, run: y, fromat: json}\n");
  diagnostics.error({0, 2, 24, 6}, "unknown_key", "unknown key \"fromat\" in a route",
                    "did you mean \"format\"?");
  EXPECT_EQ(diagnostics.render(),
            "config.yaml:2:24: error[unknown_key]: unknown key \"fromat\" in a route\n"
            "     2 |   - {path: /x, run: y, fromat: json}\n"
            "       |                        ^^^^^^\n"
            "  help: did you mean \"format\"?\n"
            "\n"
            "1 error\n");
}

TEST(Diagnostics, AreSortedByPositionAndCounted) {
  Diagnostics diagnostics = with_file("a\nb\n");
  diagnostics.error({0, 2, 1, 1}, "second", "second");
  diagnostics.warning({0, 1, 1, 1}, "first", "first");
  diagnostics.error({0, 0, 0, 0}, "whole", "about the file");
  EXPECT_EQ(diagnostics.errors(), 2u);
  EXPECT_EQ(diagnostics.warnings(), 1u);
  EXPECT_EQ(diagnostics.render(),
            "config.yaml: error[whole]: about the file\n\n"
            "config.yaml:1:1: warning[first]: first\n"
            "     1 | a\n"
            "       | ^\n\n"
            "config.yaml:2:1: error[second]: second\n"
            "     2 | b\n"
            "       | ^\n\n"
            "2 errors, 1 warning\n");
}

TEST(Diagnostics, SayTheSameThingOnce) {
  Diagnostics diagnostics = with_file("a\n");
  diagnostics.error({0, 1, 1, 1}, "c", "m");
  diagnostics.error({0, 1, 1, 1}, "c", "m");
  diagnostics.error({0, 1, 1, 1}, "c", "another");
  EXPECT_EQ(diagnostics.errors(), 2u);
}

TEST(Diagnostics, StopAfterAHundred) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "x\n";
  Diagnostics diagnostics = with_file(text);
  for (std::uint32_t line = 1; line <= 2000; ++line) {
    diagnostics.error({0, line, 1, 1}, "c", "m");
  }
  EXPECT_EQ(diagnostics.errors(), 2000u);
  EXPECT_EQ(diagnostics.all().size(), Diagnostics::kKeptMax);
  const std::string told = diagnostics.render();
  EXPECT_THAT(told, HasSubstr("config.yaml:100:1:"));
  EXPECT_EQ(told.find("config.yaml:101:1:"), std::string::npos);
  EXPECT_THAT(told, EndsWith("and 1900 more\n\n2000 errors\n"));
}

TEST(Diagnostics, NeverPrintControlsOrBrokenText) {
  Diagnostics diagnostics = with_file("a\x1b[31m\xFF b\n");
  diagnostics.error({0, 1, 1, 1}, "c", "evil \x1b[31m\n\xFF", "hint\r");
  std::string told = diagnostics.render();
  EXPECT_TRUE(is_utf8(told));
  std::erase(told, '\n');
  EXPECT_FALSE(has_control(told)) << printable(told, 1000);
}

TEST(Diagnostics, SurviveMarksThatPointNowhere) {
  Diagnostics diagnostics = with_file("short\n");
  diagnostics.error({0, 99, 99, 99}, "a", "m");
  diagnostics.error({7, 1, 1, 1}, "b", "m");
  diagnostics.error({0, 1, 4'000'000'000u, 4'000'000'000u}, "c", "m");
  EXPECT_THAT(diagnostics.render(), HasSubstr("3 errors"));
}

TEST(Diagnostics, AreEmptyTextWhenThereAreNone) { EXPECT_EQ(Diagnostics().render(), ""); }

}  // namespace
}  // namespace bourse::host
