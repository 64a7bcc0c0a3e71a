// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <array>
#include <optional>
#include <string_view>

#include "bourse/ext/schema.hpp"
#include "bourse/render.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/json/json_report.hpp"
#include "plugins/serializers/json/json_schema.hpp"

namespace bourse::json {
namespace {

constexpr const char* kLayouts[] = {"objects", "arrays", "columns", nullptr};

Layout layout_of(std::string_view name) {
  if (name == "arrays") return Layout::kArrays;
  return name == "columns" ? Layout::kColumns : Layout::kObjects;
}

struct Json {
  static constexpr About about{
      .id = "json",
      .title = "JSON",
      .doc =
          "The whole report as one JSON document. Decimals and integers past 2^53 - 1 are "
          "strings, times are RFC 3339, NaN and infinities are null and a note.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "application/json",
      .suffix = "json"};

  static constexpr std::array params{
      Param("layout", BOURSE_TYPE_TEXT,
            "How the rows of a table stand: objects with a key for every field, arrays in the "
            "order of the fields, or columns, one array a field.")
          .labelled("Layout of rows")
          .with_default("objects")
          .one_of(kLayouts),
      Param("pretty", BOURSE_TYPE_BOOL, "Indented, with one line a row.")
          .labelled("Indented")
          .with_default("false")};

  void render(Call& call, const Values& values, ReportView given) const {
    const Known known(given);
    const ReportView report = known.report();
    BlockBuffer out([&](std::string_view block) {
      call.poll();
      call.write(block);
    });
    const Options options{.layout = layout_of(values.text("layout")),
                          .pretty = values.boolean("pretty")};
    write_report(report, options, out);
  }

  void schema(Call& call, const Values& values, const Shape& shape) const {
    BlockBuffer out([&](std::string_view block) { call.write(block); });
    const auto layout = values.maybe<std::string_view>("layout");
    write_schema(shape, layout ? std::optional(layout_of(*layout)) : std::nullopt, out);
  }
};

}  // namespace
}  // namespace bourse::json

BOURSE_PLUGIN("bourse.json", "0.1.0", bourse::json::Json)
