// SPDX-License-Identifier: MIT
//
// Whole documents, written down by hand. check_json.py reads the kitchen sink back with another
// program's eyes.
#include "plugins/serializers/json/json_report.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::json {
namespace {

std::string written(const test::ReportPtr& report, Options options) {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  write_report(ReportView(report->wire()), options, out);
  return bytes;
}

test::ReportPtr small_report() {
  return test::make_report([](const Call& call) {
    call.title("Prices");
    call.as_of(Time{1'734'688'800'000'000'000});
    call.meta("limit", value(std::int64_t{2}));
    call.note(BOURSE_LEVEL_INFO, "partial", "One is missing.");
    call.scalar(Field("summary.count", BOURSE_TYPE_I64).labelled("Count"), std::int64_t{2});
    call.scalar(Field("mood", BOURSE_TYPE_TEXT), "calm");
    call.scalar(Field("summary.mean", BOURSE_TYPE_F64).in("USDT"), 1.5);
    TableBuilder table("prices", "Prices");
    const std::vector<std::string> symbols = {"A", "B"};
    const std::vector<std::optional<Decimal>> prices = {Decimal::from("1.50"), std::nullopt};
    table.column(Field("symbol", BOURSE_TYPE_TEXT), symbols)
        .column(Field("price", BOURSE_TYPE_DECIMAL).in("USDT"), prices);
    call.add(table);
    call.add(Chart(BOURSE_CHART_BAR, "bars", "Bars")
                 .of("prices")
                 .channel(BOURSE_ROLE_X, "symbol")
                 .channel(BOURSE_ROLE_Y, "price", "Price")
                 .level(1));
  });
}

constexpr const char* kBeforeRows =
    R"({"title":"Prices","component":"test/made-by-hand","as_of":"2024-12-20T10:00:00Z",)"
    R"("meta":{"limit":2},)"
    R"("notes":[{"level":"info","code":"partial","text":"One is missing."}],)"
    R"("values":{"summary":{"count":2,"mean":1.5},"mood":"calm"},)"
    R"("fields":[{"name":"summary.count","type":"integer","label":"Count","unit":null},)"
    R"({"name":"mood","type":"text","label":null,"unit":null},)"
    R"({"name":"summary.mean","type":"real","label":null,"unit":"USDT"}],)"
    R"("tables":{"prices":{"label":"Prices","fields":[)"
    R"({"name":"symbol","type":"text","label":null,"unit":null},)"
    R"({"name":"price","type":"decimal","label":null,"unit":"USDT"}],)";
constexpr const char* kAfterRows =
    R"(}},"charts":[{"kind":"bar","name":"bars","title":"Bars","table":"prices","pane":null,)"
    R"("channels":[{"role":"x","field":"symbol","label":null},)"
    R"({"role":"y","field":"price","label":"Price"}],"levels":[1.0],"range":null}]})"
    "\n";

TEST(JsonReport, RowsAreObjectsByDefault) {
  EXPECT_EQ(written(small_report(), {}),
            std::string(kBeforeRows) +
                R"("rows":[{"symbol":"A","price":"1.50"},{"symbol":"B","price":null}])" +
                kAfterRows);
}

TEST(JsonReport, RowsCanBeArrays) {
  EXPECT_EQ(written(small_report(), {.layout = Layout::kArrays, .pretty = false}),
            std::string(kBeforeRows) + R"("rows":[["A","1.50"],["B",null]])" + kAfterRows);
}

TEST(JsonReport, ColumnsCanStandInsteadOfRows) {
  EXPECT_EQ(written(small_report(), {.layout = Layout::kColumns, .pretty = false}),
            std::string(kBeforeRows) + R"("columns":{"symbol":["A","B"],"price":["1.50",null]})" +
                kAfterRows);
}

TEST(JsonReport, PrettyAddsOnlyBlanks) {
  // Without blanks outside strings, both forms are the same bytes.
  const auto squeezed = [](const std::string& json) {
    std::string out;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
      if (json[i] == '"') in_string = !in_string;
      if (in_string && json[i] == '\\') out += json[i++];
      if (in_string || (json[i] != ' ' && json[i] != '\n')) out += json[i];
    }
    return out;
  };
  const auto report = test::kitchen_sink();
  for (const Layout layout : {Layout::kObjects, Layout::kArrays, Layout::kColumns}) {
    const std::string plain = written(report, {.layout = layout, .pretty = false});
    const std::string pretty = written(report, {.layout = layout, .pretty = true});
    EXPECT_GT(pretty.size(), plain.size());
    EXPECT_EQ(squeezed(pretty), squeezed(plain));
  }
}

TEST(JsonReport, EveryPartIsThereEvenWhenEmpty) {
  EXPECT_EQ(written(test::empty_report(), {}),
            R"({"title":"","component":"test/made-by-hand","as_of":null,"meta":{},"notes":[],)"
            R"("values":{},"fields":[],"tables":{},"charts":[]})"
            "\n");
}

TEST(JsonReport, ThousandsOfScalarsNestInLinearTime) {
  const auto report = test::make_report([](const Call& call) {
    for (int i = 0; i < 4'000; ++i) {
      const std::string name = "group.item" + std::to_string(i) + ".value";
      call.scalar(Field(name.c_str(), BOURSE_TYPE_I64), std::int64_t{i});
    }
  });
  const std::string json = written(report, {});
  EXPECT_NE(json.find(R"("item3999":{"value":3999}}},"fields":[)"), std::string::npos);
}

}  // namespace
}  // namespace bourse::json
