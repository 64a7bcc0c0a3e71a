// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "bourse/ext/schema.hpp"
#include "bourse/one_table.hpp"
#include "bourse/render.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/json/json_records.hpp"
#include "plugins/serializers/json/json_report.hpp"
#include "plugins/serializers/json/json_schema.hpp"

namespace bourse::json {
namespace {

constexpr const char* kLayouts[] = {"objects", "arrays", "columns", "records", nullptr};

Layout layout_of(std::string_view name) {
  if (name == "arrays") return Layout::kArrays;
  if (name == "records") return Layout::kRecords;
  return name == "columns" ? Layout::kColumns : Layout::kObjects;
}

constexpr Param kTable =
    Param("table", BOURSE_TYPE_TEXT,
          "Of layout records: name of the table; values: the single values as records of name, "
          "value and unit. Without it the first table, or the single values of a report without "
          "tables.")
        .labelled("Table")
        .bounds("1", "128");

BlockBuffer buffer_of(Call& call) {
  return BlockBuffer([&call](std::string_view block) {
    call.poll();
    call.write(block);
  });
}

struct Json {
  static constexpr About about{
      .id = "json",
      .title = "JSON",
      .doc =
          "The whole report as one JSON document, or one table of it as records. Decimals and "
          "integers past 2^53 - 1 are "
          "strings, times are RFC 3339, NaN and infinities are null and a note.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "application/json",
      .suffix = "json"};

  static constexpr std::array params{
      Param("layout", BOURSE_TYPE_TEXT,
            "How the rows of a table stand: objects with a key for every field, arrays in the "
            "order of the fields, or columns, one array a field; or records, which is one table as "
            "an array of objects and nothing around it.")
          .labelled("Layout of rows")
          .with_default("objects")
          .one_of(kLayouts),
      kTable,
      Param("pretty", BOURSE_TYPE_BOOL, "Indented, with one line a row.")
          .labelled("Indented")
          .with_default("false")};

  void render(Call& call, const Values& values, ReportView given) const {
    const Known known(given);
    const ReportView report = known.report();
    const Layout layout = layout_of(values.text("layout"));
    const auto table = values.maybe<std::string_view>("table");
    BlockBuffer out = buffer_of(call);
    if (layout == Layout::kRecords) {
      const auto selection = OneTable::of(report, table);
      say_in_headers(call, report, selection);
      return write_records(report, selection, out);
    }
    if (table) {
      throw Error(BOURSE_BAD_PARAM, "table_without_records",
                  "Only layout=records shows one table; leave out table, or add layout=records.")
          .blame("table");
    }
    write_report(report, {.layout = layout, .pretty = values.boolean("pretty")}, out);
  }

  void schema(Call& call, const Values& values, const Shape& shape) const {
    BlockBuffer out([&](std::string_view block) { call.write(block); });
    const auto layout = values.maybe<std::string_view>("layout");
    write_schema(shape, layout ? std::optional(layout_of(*layout)) : std::nullopt, out);
  }
};

struct NdJson {
  static constexpr About about{
      .id = "ndjson",
      .title = "NDJSON",
      .doc =
          "One table of the report, a row a line, each a JSON object: for programs that read as it "
          "comes. Values as in JSON. Notes are in the header X-Bourse-Notes, the other tables in "
          "Link.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "application/x-ndjson",
      .suffix = "ndjson"};

  static constexpr std::array params{
      Param("table", BOURSE_TYPE_TEXT,
            "Name of the table; values: the single values as lines of name, value and unit. "
            "Without it the first table, or the single values of a report without tables.")
          .labelled("Table")
          .bounds("1", "128")};

  void render(Call& call, const Values& values, ReportView given) const {
    const Known known(given);
    const auto selection = OneTable::of(known.report(), values.maybe<std::string_view>("table"));
    say_in_headers(call, known.report(), selection);
    BlockBuffer out = buffer_of(call);
    write_lines(known.report(), selection, out);
  }
};

}  // namespace
}  // namespace bourse::json

BOURSE_PLUGIN("bourse.json", "0.1.0", bourse::json::Json, bourse::json::NdJson)
