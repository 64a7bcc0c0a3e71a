// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <array>

#include "bourse/render.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/text/text_report.hpp"

namespace bourse::text {
namespace {

struct Text {
  static constexpr About about{
      .id = "text",
      .title = "Text",
      .doc =
          "The report for a terminal: key figures and tables in aligned columns, as people read "
          "them. It shows no charts.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "text/plain; charset=utf-8",
      .suffix = "txt"};

  static constexpr std::array params{
      Param("rows", BOURSE_TYPE_I64, "Rows shown of each table; the rest is counted.")
          .labelled("Rows")
          .with_default("50")
          .bounds("1", "10000"),
      Param("width", BOURSE_TYPE_I64,
            "Columns of the terminal: wider tables are shown in parts. Without it lines are as "
            "long as they are.")
          .labelled("Width")
          .bounds("40", "1000"),
      Param("color", BOURSE_TYPE_BOOL, "Bold heads and coloured warnings, for terminals.")
          .labelled("Colours")
          .with_default("false")};

  void render(Call& call, const Values& values, ReportView given) const {
    const Known known(given);
    BlockBuffer out([&](std::string_view block) {
      call.poll();
      call.write(block);
    });
    Options options{.rows_max = static_cast<std::size_t>(values.integer("rows")),
                    .color = values.boolean("color")};
    if (values.given("width")) options.width = static_cast<std::size_t>(values.integer("width"));
    write_report(known.report(), options, out);
  }
};

}  // namespace
}  // namespace bourse::text

BOURSE_PLUGIN("bourse.text", "0.1.0", bourse::text::Text)
