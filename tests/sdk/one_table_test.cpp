// SPDX-License-Identifier: MIT
#include "bourse/one_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/test_host.hpp"

namespace bourse {
namespace {

std::string notes_of(const std::function<void(const Call&)>& build) {
  const auto report = test::make_report(build);
  const ReportView view(report->wire());
  return notes_header(view, OneTable::of(view, std::nullopt));
}

std::string links_of(const std::function<void(const Call&)>& build,
                     std::optional<std::string_view> selected = std::nullopt) {
  const auto report = test::make_report(build);
  const ReportView view(report->wire());
  return link_header(view, OneTable::of(view, selected));
}

void add_table(const Call& call, const std::string& name, const std::string& label) {
  TableBuilder table(name, label);
  const std::vector<std::string> cells = {"x"};
  table.column(Field("cell", BOURSE_TYPE_TEXT), cells);
  call.add(table);
}

bool is_one_plain_line(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

TEST(OneTableNotes, AreAStructuredList) {
  EXPECT_EQ(notes_of([](const Call& call) {
              call.warn("partial", "ADAUSDT was left out");
              call.note(BOURSE_LEVEL_INFO, "stale", "Data of 10:00");
            }),
            R"(partial;level=warning;text="ADAUSDT was left out", )"
            R"(stale;level=info;text="Data of 10:00")");
}

TEST(OneTableNotes, NoNotesNoHeader) {
  EXPECT_EQ(notes_of([](const Call&) {}), "");
}

TEST(OneTableNotes, CannotForgeAHeader) {
  const std::string header = notes_of(
      [](const Call& call) { call.warn("odd", "a\r\nX-Evil: 1 \"q\" \\ 5 % \xE2\x82\xBF"); });
  EXPECT_EQ(header, R"(odd;level=warning;text="a%0D%0AX-Evil: 1 \"q\" \\ 5 %25 %E2%82%BF")");
}

TEST(OneTableNotes, AreBoundedAndSayHowManyAreMissing) {
  const std::string header = notes_of([](const Call& call) {
    for (int i = 0; i < 1'000; ++i) call.warn("many", std::string(50, 'n'));
  });
  EXPECT_LE(header.size(), kHeaderBytesMax);
  EXPECT_GT(header.size(), kHeaderBytesMax / 2);
  const auto shown = static_cast<std::size_t>(std::count(header.begin(), header.end(), '"')) / 2;
  EXPECT_TRUE(header.ends_with(", more_notes;count=" + std::to_string(1'000 - shown))) << header;
}

TEST(OneTableNotes, ALongTextIsCutBetweenCharacters) {
  const std::string header = notes_of([](const Call& call) {
    std::string text = "a";  // so that no character ends at the limit
    for (int i = 0; i < 500; ++i) text += "\xE2\x82\xBF";
    call.warn("long", text);
  });
  EXPECT_LE(header.size(), kHeaderBytesMax);
  EXPECT_TRUE(header.ends_with("%E2%82%BF...\"")) << header;
}

TEST(OneTableNotes, EvenTheWidestTextFits) {
  const std::string header =
      notes_of([](const Call& call) { call.warn("wide", std::string(5'000, '\x01')); });
  EXPECT_LE(header.size(), kHeaderBytesMax);
  EXPECT_TRUE(header.starts_with("wide;level=warning;text=\"%01%01")) << header;
}

TEST(OneTableLinks, NameEveryTableButTheOneAtHand) {
  const auto build = [](const Call& call) {
    add_table(call, "series", "Series");
    add_table(call, "pairs", "All \"pairs\"");
    add_table(call, "plain", "");
    call.scalar(Field("mean", BOURSE_TYPE_F64), 1.5);
  };
  EXPECT_EQ(links_of(build),
            R"(<?table=pairs>; rel="item"; title="All \"pairs\"", <?table=plain>; rel="item", )"
            R"(<?table=values>; rel="item"; title="Values")");
  EXPECT_EQ(links_of(build, "pairs"),
            R"(<?table=series>; rel="item"; title="Series", <?table=plain>; rel="item", )"
            R"(<?table=values>; rel="item"; title="Values")");
  EXPECT_EQ(links_of(build, "values"),
            R"(<?table=series>; rel="item"; title="Series", )"
            R"(<?table=pairs>; rel="item"; title="All \"pairs\"", <?table=plain>; rel="item")");
}

TEST(OneTableLinks, OneTableAloneHasNone) {
  EXPECT_EQ(links_of([](const Call& call) { add_table(call, "only", "Only"); }), "");
}

TEST(OneTableLinks, OddTitlesAreEncodedAsRfc8187Says) {
  const auto build = [](const Call& call) {
    add_table(call, "first", "First");
    add_table(call, "odd", "\xE2\x82\xAC rates\r\nX: 1");
  };
  EXPECT_EQ(links_of(build),
            "<?table=odd>; rel=\"item\"; title*=UTF-8''%E2%82%AC%20rates%0D%0AX%3A%201");
}

TEST(OneTableLinks, AreBounded) {
  const std::string header = links_of([](const Call& call) {
    for (int i = 0; i < 64; ++i) {
      add_table(call, "table_" + std::to_string(i) + std::string(100, 'x'),
                std::string(1'000, 'L'));
    }
  });
  EXPECT_LE(header.size(), kHeaderBytesMax);
  EXPECT_GT(header.size(), kHeaderBytesMax / 2);
  EXPECT_TRUE(is_one_plain_line(header));
}

}  // namespace
}  // namespace bourse
