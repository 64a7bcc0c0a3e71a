// SPDX-License-Identifier: MIT
//
// Numbers that have no name yet, and structs of other lengths: no serializer crashes, none shows
// what it does not understand, and each says so. What it should write is what it writes of the
// report without those, with the note added by hand.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bourse/render.hpp"
#include "tests/plugins/serializers/strange_report.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

/// Ten places, and the rest counted. A chart that ends before its guides has none to lose.
std::string note_of(Lengths lengths) {
  std::string note =
      "Left out, because this format does not know it: meta odd (type 9), value odd_type (type 8), "
      "value odd_value (type 8), column x of table series (type 12), column y of table strange "
      "(type 12), table strange, of which no column is left, chart depth (kind 99), channel close "
      "of chart close (role 40), ";
  return lengths == Lengths::kShorter
             ? note + "chart third_axis (axis 7), channel x of chart of_x and 4 more."
             : note + "a guide of chart close (type 9), chart third_axis (axis 7) and 5 more.";
}

struct Case {
  const char* plugin;
  Texts params;
};
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {{"json", {}},
                                        {"json", {{"layout", "columns"}}},
                                        {"json", {{"layout", "records"}}},
                                        {"json/ndjson", {}},
                                        {"xml", {{"pretty", "true"}}},
                                        {"csv", {}},
                                        {"csv", {{"table", "values"}}},
                                        {"arrow", {}},
                                        {"arrow", {{"table", "values"}}},
                                        {"html", {}},
                                        {"png", {}},
                                        {"svg", {}},
                                        {"text", {}},
                                        {"markdown", {}},
                                        {"xlsx", {}}};
  return all;
}

struct Written {
  std::string bytes;
  Texts headers;
};
Written written(const Case& c, const bourse_report& report) {
  const std::string name = c.plugin;
  const Component serializer(name.substr(0, name.find('/')) + ".so",
                             name.substr(name.find('/') + 1));
  Written out;
  const auto bytes = serializer.render(report, c.params, &out.headers);
  EXPECT_TRUE(bytes.ok()) << (bytes.ok() ? "" : bytes.failure().message);
  if (bytes.ok()) out.bytes = *bytes;
  return out;
}

class Fading : public ::testing::TestWithParam<Lengths> {};

TEST_P(Fading, WhatCarriesAnUnknownNumberIsLeftOutAndSaid) {
  for (const Case& c : cases()) {
    const StrangeReport strange(GetParam(), true),
        expected(Lengths::kOurs, false, note_of(GetParam()));
    const Written got = written(c, strange.wire()), want = written(c, expected.wire());
    EXPECT_FALSE(got.bytes.empty());
    EXPECT_EQ(got.headers, want.headers) << c.plugin;
    EXPECT_TRUE(got.bytes == want.bytes) << c.plugin;
  }
}

TEST_P(Fading, AReportOfKnownNumbersIsNotChanged) {
  for (const Case& c : cases()) {
    const StrangeReport known(GetParam(), false), ours(Lengths::kOurs, false);
    const Written got = written(c, known.wire());
    EXPECT_TRUE(got.bytes == written(c, ours.wire()).bytes) << c.plugin;
    EXPECT_EQ(got.bytes.find("not_shown"), std::string::npos) << c.plugin;
  }
}

TEST_P(Fading, TheNoteIsLastAndTheRestIsWhole) {
  const StrangeReport strange(GetParam(), true);
  const Known known{ReportView(strange.wire())};
  const ReportView report = known.report();
  ASSERT_EQ(report.notes().size(), 2U);
  EXPECT_EQ(report.notes()[0]->level, BOURSE_LEVEL_INFO) << "25 counts as the level below";
  EXPECT_EQ(view(report.notes()[1]->text), note_of(GetParam()));
  ASSERT_EQ(report.tables(), 1U);
  EXPECT_EQ(report.table(0).columns(), 3U);
  EXPECT_EQ(report.table(0).reals("close")[1], 1);
  EXPECT_EQ(report.scalars().size(), 1U);
  ASSERT_EQ(report.charts().size(), 2U);
  EXPECT_EQ(report.charts()[0]->n_channels, 2U);
  EXPECT_EQ(report.charts()[0]->flags, 0U);
  EXPECT_EQ(report.charts()[0]->n_guides, 0U);
}

INSTANTIATE_TEST_SUITE_P(AllLengths, Fading,
                         ::testing::Values(Lengths::kOurs, Lengths::kLonger, Lengths::kShorter));

TEST(ShownUnit, IsTheTextOfTheMetaOfThatNameElseTheBareWord) {
  const StrangeReport report(Lengths::kOurs, false);
  const ReportView view(report.wire());
  EXPECT_EQ(shown_unit("{quote}", view), "USDT");
  EXPECT_EQ(shown_unit("{base}", view), "base");
  EXPECT_EQ(shown_unit("{quote}/{base}", view), "USDT/base");
  for (const char* unit : {"", "USDT", "%", "{", "}", "{quote", "quote}", "}{"}) {
    EXPECT_EQ(shown_unit(unit, view), unit);
  }
}

TEST(ShownUnit, EveryFormatShowsItAlike) {
  const StrangeReport report(Lengths::kOurs, false);
  EXPECT_NE(written({"json", {}}, report.wire()).bytes.find("\"unit\":\"USDT\""),
            std::string::npos);
  EXPECT_NE(written({"json", {}}, report.wire()).bytes.find("\"unit\":\"base\""),
            std::string::npos);
  EXPECT_NE(written({"xml", {}}, report.wire()).bytes.find("unit=\"USDT\""), std::string::npos);
  EXPECT_NE(written({"csv", {{"table", "values"}}}, report.wire()).bytes.find("price,1.5,USDT"),
            std::string::npos);
  const std::string page = written({"html", {}}, report.wire()).bytes;
  EXPECT_NE(page.find("<span class=\"unit\">USDT</span>"), std::string::npos);
  EXPECT_NE(page.find("<span class=\"unit\">base</span>"), std::string::npos);
  for (const Case& c : cases()) {
    EXPECT_EQ(written(c, report.wire()).bytes.find("{quote}"), std::string::npos) << c.plugin;
  }
}

}  // namespace
}  // namespace bourse::test
