// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <array>
#include <string_view>

#include "bourse/render.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/xml/keep_loaded.hpp"
#include "plugins/serializers/xml/xml_report.hpp"

namespace bourse::xml {
namespace {

struct Xml {
  static constexpr About about{
      .id = "xml",
      .title = "XML",
      .doc =
          "The whole report as one XML document in the namespace urn:bourse:report:1. A row has an "
          "element for every field with a value; NaN and infinities are missing, and a note.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "application/xml; charset=utf-8",
      .suffix = "xml"};

  static constexpr std::array params{
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
    write_report(report, {.pretty = values.boolean("pretty")}, out);
  }
};

}  // namespace

constexpr PluginInfo kInfo{
    .name = "bourse.xml", .version = "0.1.0", .init = [](Host, Call&) { keep_loaded(); }};

}  // namespace bourse::xml

BOURSE_PLUGIN_WITH(bourse::xml::kInfo, bourse::xml::Xml)
