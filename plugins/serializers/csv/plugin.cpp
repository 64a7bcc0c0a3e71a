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
constexpr const char* kDecimals[] = {"point", "comma", nullptr};
constexpr const char* kDialects[] = {"rfc4180", "excel", nullptr};
constexpr const char* kLocales[] = {"de", "de-CH", "en", "es", "fr",   "it",
                                    "ja", "nl",    "pl", "pt", nullptr};

char delimiter_of(std::string_view name) {
  if (name == "semicolon") return ';';
  return name == "tab" ? '\t' : ',';
}

/// Lists and numbers where Windows is set to that language: what Excel splits and reads by.
Style style_of(std::string_view locale) {
  if (locale == "en" || locale == "ja") return {.delimiter = ',', .decimal = '.'};
  if (locale == "de-CH") return {.delimiter = ';', .decimal = '.'};
  return {.delimiter = ';', .decimal = ','};
}

Options options_of(const Values& values) {
  Options options{.header = values.boolean("header")};
  const bool is_excel = values.text("dialect") == "excel";
  if (is_excel) options.style = style_of(values.text("locale"));
  options.style.times_of_excel = is_excel;
  if (const auto name = values.maybe<std::string_view>("delimiter")) {
    options.style.delimiter = delimiter_of(*name);
  }
  if (const auto name = values.maybe<std::string_view>("decimal")) {
    options.style.decimal = *name == "comma" ? ',' : '.';
  }
  options.bom = values.given("bom") ? values.boolean("bom") : is_excel;
  if (options.style.decimal == options.style.delimiter) {
    throw Error(BOURSE_BAD_PARAM, "comma_twice",
                "A comma between cells and in numbers cannot be told apart; take "
                "delimiter=semicolon or delimiter=tab.")
        .blame("delimiter");
  }
  return options;
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
      Param("delimiter", BOURSE_TYPE_TEXT,
            "What stands between two cells: a comma, or what the dialect says.")
          .labelled("Delimiter")
          .one_of(kDelimiters),
      Param("header", BOURSE_TYPE_BOOL, "Start with a line of field names.")
          .labelled("Header line")
          .with_default("true"),
      Param("dialect", BOURSE_TYPE_TEXT,
            "excel: opens by a double click with numbers as numbers and times as times, where the "
            "computer is set to `locale`.")
          .labelled("Dialect")
          .with_default("rfc4180")
          .one_of(kDialects),
      Param("locale", BOURSE_TYPE_TEXT,
            "Of dialect excel: whose delimiter and decimal mark are taken.")
          .labelled("Language")
          .with_default("en")
          .one_of(kLocales),
      Param("decimal", BOURSE_TYPE_TEXT,
            "Before the decimals of numbers: a point, or what the dialect says.")
          .labelled("Decimal mark")
          .one_of(kDecimals),
      Param("bom", BOURSE_TYPE_BOOL,
            "Start with a byte order mark, by which Excel knows UTF-8; so in its dialect.")
          .labelled("Byte order mark")};

  void render(Call& call, const Values& values, ReportView given) const {
    const Known known(given);
    const ReportView report = known.report();
    const Options options = options_of(values);
    const auto selection = OneTable::of(report, values.maybe<std::string_view>("table"));
    say_in_headers(call, report, selection);
    BlockBuffer out([&](std::string_view block) {
      call.poll();
      call.write(block);
    });
    write_report(report, selection, options, out);
  }
};

}  // namespace
}  // namespace bourse::csv

BOURSE_PLUGIN("bourse.csv", "0.1.0", bourse::csv::Csv)
