// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <array>
#include <string>
#include <string_view>

#include "bourse/one_table.hpp"
#include "bourse/render.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/arrow/arrow_report.hpp"

namespace bourse::arrow {
namespace {

constexpr const char* kDictionaries[] = {"auto", "off", nullptr};

struct Arrow {
  static constexpr About about{
      .id = "arrow",
      .title = "Arrow IPC stream",
      .doc =
          "One table of the report as an Apache Arrow IPC stream: decimals as Decimal128, times "
          "with their zone, labels and units as metadata of the fields. Notes are in the metadata "
          "of the schema and in the header X-Bourse-Notes, the other tables in Link.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "application/vnd.apache.arrow.stream",
      .suffix = "arrows"};

  static constexpr std::array params{
      Param("table", BOURSE_TYPE_TEXT,
            "Name of the table; values: the single values as rows of name, value and unit. "
            "Without it the first table, or the single values of a report without tables.")
          .labelled("Table")
          .bounds("1", "128"),
      Param("dictionaries", BOURSE_TYPE_TEXT,
            "auto: texts that repeat are numbers of a dictionary. off: for readers that know none.")
          .labelled("Dictionaries")
          .with_default("auto")
          .one_of(kDictionaries)};

  void render(Call& call, const Values& values, ReportView given) const {
    const Known known(given);
    const ReportView report = known.report();
    const auto selection = OneTable::of(report, values.maybe<std::string_view>("table"));
    say_in_headers(call, report, selection, selection.table().has_value());
    BlockBuffer out([&](std::string_view block) {
      call.poll();
      call.write(block);
    });
    write_report(report, selection, {.dictionaries = values.text("dictionaries") == "auto"}, out);
  }
};

}  // namespace
}  // namespace bourse::arrow

BOURSE_PLUGIN("bourse.arrow", "0.1.0", bourse::arrow::Arrow)
