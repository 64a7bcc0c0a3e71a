// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <array>
#include <string>
#include <string_view>

#include "bourse/one_table.hpp"
#include "bourse/render.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/csv/csv_report.hpp"

namespace bourse::csv {
namespace {

constexpr const char* kDelimiters[] = {"comma", "semicolon", "tab", nullptr};

char delimiter_of(std::string_view name) {
  if (name == "semicolon") return ';';
  return name == "tab" ? '\t' : ',';
}

struct Csv {
  static constexpr About about{
      .id = "csv",
      .title = "CSV",
      .doc =
          "One table of the report as RFC 4180, safe to open in a spreadsheet: a text that would "
          "be run as a formula starts with an apostrophe. Notes are in the header "
          "X-Bourse-Notes, the other tables in Link.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "text/csv; charset=utf-8; header=present",
      .suffix = "csv"};

  static constexpr std::array params{
      Param("table", BOURSE_TYPE_TEXT,
            "Name of the table; values: the single values as lines of name, value and unit. "
            "Without it the first table, or the single values of a report without tables.")
          .labelled("Table")
          .bounds("1", "128"),
      Param("delimiter", BOURSE_TYPE_TEXT, "What stands between two cells.")
          .labelled("Delimiter")
          .with_default("comma")
          .one_of(kDelimiters),
      Param("header", BOURSE_TYPE_BOOL, "Start with a line of field names.")
          .labelled("Header line")
          .with_default("true")};

  void render(Call& call, const Values& values, ReportView given) const {
    const Known known(given);
    const ReportView report = known.report();
    const auto selection = OneTable::of(report, values.maybe<std::string_view>("table"));
    const std::string notes = notes_header(report, selection);
    const std::string links = link_header(report, selection);
    if (!notes.empty()) call.header("X-Bourse-Notes", notes);
    if (!links.empty()) call.header("Link", links);
    BlockBuffer out([&](std::string_view block) {
      call.poll();
      call.write(block);
    });
    const Options options{.delimiter = delimiter_of(values.text("delimiter")),
                          .header = values.boolean("header")};
    write_report(report, selection, options, out);
  }
};

}  // namespace
}  // namespace bourse::csv

BOURSE_PLUGIN("bourse.csv", "0.1.0", bourse::csv::Csv)
