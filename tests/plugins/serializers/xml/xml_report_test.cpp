// SPDX-License-Identifier: MIT
//
// Whole documents, written down by hand. check_xml.py reads the kitchen sink back with another
// program's eyes.
#include "plugins/serializers/xml/xml_report.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::xml {
namespace {

std::string written(const test::ReportPtr& report, Options options) {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  write_report(ReportView(report->wire()), options, out);
  return bytes;
}

/// What the example of README.md shows.
test::ReportPtr small_report() {
  return test::make_report([](const Call& call) {
    call.title("Prices");
    call.as_of(Time{1'734'688'800'000'000'000});
    call.meta("limit", value(std::int64_t{2}));
    call.note(BOURSE_LEVEL_INFO, "partial", "One is missing.");
    call.scalar(Field("summary.count", BOURSE_TYPE_I64).labelled("Count"), std::int64_t{2});
    call.scalar(Field("summary.mean", BOURSE_TYPE_F64).in("USDT"), std::optional<double>());
    TableBuilder table("prices", "Prices");
    const std::vector<std::string> symbols = {"A", "B"};
    const std::vector<std::optional<Decimal>> prices = {Decimal::from("96407.99000000"),
                                                        std::nullopt};
    table.column(Field("symbol", BOURSE_TYPE_TEXT), symbols)
        .column(Field("price", BOURSE_TYPE_DECIMAL).in("USDT"), prices);
    call.add(table);
    call.add(Chart(BOURSE_CHART_BAR, "bars", "Bars")
                 .of("prices")
                 .channel(BOURSE_ROLE_X, "symbol")
                 .channel(BOURSE_ROLE_Y, "price", "Price")
                 .level(1)
                 .range(0, 100));
  });
}

/// Without what stands between two tags and is blank.
std::string squeezed(const std::string& xml) {
  std::string out;
  for (std::size_t i = 0; i < xml.size(); ++i) {
    out += xml[i];
    if (xml[i] != '>') continue;
    const std::size_t next = xml.find_first_not_of(" \n", i + 1);
    if (next != std::string::npos && xml[next] == '<') i = next - 1;
  }
  return out;
}

TEST(XmlReport, IndentedItIsTheExampleOfTheReadme) {
  std::ifstream file(std::string(BOURSE_SOURCE_DIR) + "/plugins/serializers/xml/README.md");
  std::stringstream readme;
  readme << file.rdbuf();
  const std::string text = readme.str();
  const std::size_t begin = text.find("```xml\n") + 7;
  std::string example = text.substr(begin, text.find("```", begin) - begin);
  const std::string made_by = "bourse.prices/prices";
  example.replace(example.find(made_by), made_by.size(), "test/made-by-hand");
  EXPECT_EQ(written(small_report(), {.pretty = true}), example);
}

TEST(XmlReport, IndentingAddsOnlyBlanks) {
  const std::string pretty = written(small_report(), {.pretty = true});
  const std::string plain = written(small_report(), {});
  EXPECT_GT(pretty.size(), plain.size());
  EXPECT_EQ(squeezed(pretty), squeezed(plain));
  EXPECT_NE(plain.find("</fields><row><symbol>A</symbol><price>96407.99000000</price></row>"
                       "<row><symbol>B</symbol></row></table>"),
            std::string::npos);
}

TEST(XmlReport, EveryPartIsThereEvenWhenEmpty) {
  EXPECT_EQ(written(test::empty_report(), {}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<report xmlns=\"urn:bourse:report:1\" "
            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
            "component=\"test/made-by-hand\"><title></title><meta/><notes/><values/><tables/>"
            "<charts/></report>\n");
}

TEST(XmlReport, ReplacedCharactersAreCountedAndPlaced) {
  const auto report = test::make_report([](const Call& call) {
    call.meta("odd", value("\x01"));
    call.scalar(Field("group.text", BOURSE_TYPE_TEXT), "a\x02\x03");
    TableBuilder table("t", "label \x04");
    const std::vector<std::string> cells = {"fine", "\x1F", "\xEF\xBF\xBF"};
    table.column(Field("words", BOURSE_TYPE_TEXT).labelled("\x05"), cells);
    call.add(table);
  });
  EXPECT_NE(
      written(report, {})
          .find("<note level=\"warning\" code=\"replaced_characters\">7 characters that XML cannot "
                "hold are shown as U+FFFD: meta odd (1), value group.text (2), the label of table "
                "t (1), label or unit of column words of table t (1), column words of table t (2)"
                "</note>"),
      std::string::npos);
}

TEST(XmlReport, AReportThatXmlCanHoldHasNoSuchNote) {
  EXPECT_EQ(written(small_report(), {}).find("replaced_characters"), std::string::npos);
}

}  // namespace
}  // namespace bourse::xml
