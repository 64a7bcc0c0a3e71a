// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <string_view>

#include "bourse/render.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/xlsx/workbook.hpp"

namespace bourse::xlsx {
namespace {

struct Xlsx {
  static constexpr About about{
      .id = "xlsx",
      .title = "Excel workbook",
      .doc =
          "The whole report as a workbook: numbers as numbers and times as times, a sheet for each "
          "table, one of key figures and notes. What Excel cannot hold exactly is text or cut, and "
          "a note in the workbook says so. Charts are left out.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      .suffix = "xlsx"};

  void render(Call& call, const Values&, ReportView given) const {
    const Known known(given);
    BlockBuffer out([&](std::string_view block) {
      call.poll();
      call.write(block);
    });
    write_workbook(known.report(), out);
  }
};

}  // namespace
}  // namespace bourse::xlsx

BOURSE_PLUGIN("bourse.xlsx", "0.1.0", bourse::xlsx::Xlsx)
