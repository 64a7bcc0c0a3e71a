// SPDX-License-Identifier: MIT
//
// Parts of pages, written down by hand. check_html.py reads the kitchen sink back with another
// program's eyes.
#include "plugins/serializers/html/html_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::html {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string written(const test::ReportPtr& report, Options options = {}) {
  static const Assets assets;
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  Page(ReportView(report->wire()), assets, options).write(out);
  return bytes;
}

test::ReportPtr small_report() {
  return test::make_report([](const Call& call) {
    call.title("Prices & <more>");
    call.as_of(Time{1'734'688'800'000'000'000});
    call.meta("update_id", value(std::int64_t{29'232'474'500}));
    call.note(BOURSE_LEVEL_WARN, "partial", "One is missing.");
    call.scalar(Field("summary.count", BOURSE_TYPE_I64).labelled("Count"), std::int64_t{2'000});
    call.scalar(Field("mood", BOURSE_TYPE_TEXT), "calm");
    call.scalar(Field("summary.mean_price", BOURSE_TYPE_F64).in("USDT"), std::nan(""));
    TableBuilder table("prices", "Prices");
    const std::vector<std::string> symbols = {"A", "B", "C"};
    const std::vector<std::optional<Decimal>> prices = {Decimal::from("1234.50"), std::nullopt,
                                                        Decimal::from("0.25")};
    table.column(Field("symbol", BOURSE_TYPE_TEXT), symbols)
        .column(Field("last_price", BOURSE_TYPE_DECIMAL).in("USDT"), prices);
    call.add(table);
  });
}

TEST(HtmlPage, SaysWhatTheReportIsAbout) {
  const std::string page = written(small_report());
  EXPECT_THAT(page, HasSubstr("<!DOCTYPE html>\n<html lang=\"en\">\n"));
  EXPECT_THAT(page, HasSubstr("<title>Prices &amp; &lt;more&gt;</title>"));
  EXPECT_THAT(page, HasSubstr("<h1>Prices &amp; &lt;more&gt;</h1>"));
  EXPECT_THAT(page, HasSubstr("As of <time datetime=\"2024-12-20T10:00:00Z\">2024-12-20 10:00"
                              "</time> UTC"));
  EXPECT_THAT(page, HasSubstr("<dt>Update id</dt><dd>29232474500</dd>"));
  EXPECT_THAT(page, HasSubstr("<li class=\"warning\"><strong>Warning</strong> "
                              "<span>One is missing.</span> <code>partial</code></li>"));
}

TEST(HtmlPage, KeyFiguresAreGroupedByWhatTheirNamesShare) {
  EXPECT_THAT(written(small_report()),
              HasSubstr("<h3>Summary</h3>\n<dl class=\"cards\">\n"
                        "<div data-field=\"summary.count\"><dt>Count</dt><dd>2,000</dd></div>\n"
                        "<div data-field=\"summary.mean_price\"><dt>Mean price</dt>"
                        "<dd><span class=\"none\">&ndash;</span> "
                        "<span class=\"unit\">USDT</span></dd></div>\n</dl>\n"
                        "<dl class=\"cards\">\n<div data-field=\"mood\">"));
}

TEST(HtmlPage, ATableHasHeadsThatSayWhatTheyHead) {
  EXPECT_THAT(
      written(small_report()),
      HasSubstr("<caption>3 rows</caption>\n<thead>\n<tr>"
                "<th scope=\"col\" data-field=\"symbol\" data-type=\"text\" class=\"s\">Symbol</th>"
                "<th scope=\"col\" data-field=\"last_price\" data-type=\"decimal\">Last price "
                "<span class=\"unit\">USDT</span></th></tr>\n</thead>\n<tbody>\n"
                "<tr><th scope=row>A<td>1,234.50</tr>\n"
                "<tr><th scope=row>B<td class=none>&ndash;</tr>\n"
                "<tr><th scope=row>C<td>0.25</tr>\n</tbody>\n"));
}

TEST(HtmlPage, RowsThatAreLeftOutAreSaidToBe) {
  const std::string page = written(small_report(), {.tables = {.rows_max = 1}});
  EXPECT_THAT(page, HasSubstr("<caption><strong>The first 1 of 3 rows.</strong> For more, add "
                              "<code>rows=3</code> to the address"));
  EXPECT_THAT(page, HasSubstr("<th scope=row>A<"));
  EXPECT_THAT(page, Not(HasSubstr("<th scope=row>B<")));
}

/// Hours from 2024-12-20 10:00 on.
test::ReportPtr hourly_report(int rows) {
  return test::make_report([&](const Call& call) {
    std::vector<Time> times;
    std::vector<std::int64_t> numbers;
    for (int row = 0; row < rows; ++row) {
      times.push_back(Time{1'734'688'800'000'000'000 + row * 3'600'000'000'000});
      numbers.push_back(row);
    }
    TableBuilder table("series", "Series");
    table.column(Field("time", BOURSE_TYPE_TIME), times)
        .column(Field("trades", BOURSE_TYPE_I64), numbers);
    call.add(table);
  });
}

TEST(HtmlPage, NewestFirstIsOnlyAnOrder) {
  const TableOptions newest{.rows_max = 2, .newest_first = true};
  EXPECT_THAT(
      written(hourly_report(3), {.tables = newest}),
      AllOf(HasSubstr("<strong>The newest 2 of 3 rows.</strong>"),
            HasSubstr("<tr><th scope=row><time datetime=\"2024-12-20T12:00:00Z\">2024-12-20 12:00"
                      "</time><td>2</tr>\n"
                      "<tr><th scope=row><time datetime=\"2024-12-20T11:00:00Z\">2024-12-20 11:00"
                      "</time><td>1</tr>\n</tbody>")));
  EXPECT_EQ(written(small_report(), {.tables = {.newest_first = true}}), written(small_report()))
      << "a table that is not by time stays as it is";
}

TEST(HtmlPage, ManyRowsComeInGroupsAndWithTheWidthsOfTheirColumns) {
  const auto groups = [](const std::string& page) {
    std::size_t count = 0;
    for (auto at = page.find("<tbody>"); at != std::string::npos; at = page.find("<tbody>", at + 1))
      ++count;
    return count;
  };
  const std::string some = written(hourly_report(100)), many = written(hourly_report(101));
  EXPECT_EQ(groups(some), 1U);
  EXPECT_THAT(some, Not(HasSubstr("data-table=\"series\"]{--c:")));
  EXPECT_EQ(groups(many), 3U) << "of fifty";
  // "2024-12-20 10:00" is 16 characters; "Trades" is more than "100".
  const auto widths = many.find("<style>[data-table");
  ASSERT_NE(widths, std::string::npos);
  EXPECT_EQ(many.substr(widths, 50), "<style>[data-table=\"series\"]{--c:20ch 13ch}\n</styl");
}

TEST(HtmlPage, TheThemeIsAClassSoThatTheStyleStaysTheSame) {
  EXPECT_THAT(written(small_report(), {.theme = Theme::kDark}),
              HasSubstr("<html lang=\"en\" class=\"dark\">"));
  EXPECT_THAT(written(small_report(), {.theme = Theme::kLight}),
              HasSubstr("<html lang=\"en\" class=\"light\">"));
}

TEST(HtmlPage, AnEmptyReportIsAPageWithoutEmptySections) {
  const std::string page = written(test::empty_report());
  EXPECT_THAT(page, HasSubstr("<h1>test/made-by-hand</h1>"));
  EXPECT_THAT(page, HasSubstr("Time of the data unknown"));
  EXPECT_THAT(page, Not(HasSubstr("<section")));
  EXPECT_THAT(page, Not(HasSubstr("<dl")));
}

TEST(HtmlPage, ATextThatIsVeryLongScrollsInABoxThatTheKeyboardReaches) {
  const auto report = test::make_report([](const Call& call) {
    TableBuilder table("t", "T");
    const std::vector<std::string> texts = {std::string(301, 'x'), std::string(300, 'y')};
    table.column(Field("words", BOURSE_TYPE_TEXT), texts);
    call.add(table);
  });
  const std::string page = written(report);
  EXPECT_THAT(page, HasSubstr("<div class=\"long\" tabindex=\"0\">xxx"));
  EXPECT_THAT(page, Not(HasSubstr("<div class=\"long\" tabindex=\"0\">yyy")));
}

TEST(HtmlPage, ThousandsOfScalarsAreGroupedInLinearTime) {
  const auto report = test::make_report([](const Call& call) {
    for (int i = 0; i < 4'000; ++i) {
      const std::string name = "group" + std::to_string(i) + ".value";
      call.scalar(Field(name.c_str(), BOURSE_TYPE_I64), std::int64_t{i});
    }
  });
  EXPECT_THAT(written(report), HasSubstr("<h3>Group3999</h3>"));
}

}  // namespace
}  // namespace bourse::html
