// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <array>
#include <string_view>

#include "bourse/render.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/html/html_page.hpp"

namespace bourse::html {
namespace {

constexpr const char* kThemes[] = {"auto", "light", "dark", nullptr};
constexpr const char* kOrders[] = {"given", "newest", nullptr};
constexpr const char* kDigits[] = {"short", "all", nullptr};

Theme theme_of(std::string_view name) {
  if (name == "light") return Theme::kLight;
  return name == "dark" ? Theme::kDark : Theme::kAuto;
}

class Html {
 public:
  static constexpr About about{
      .id = "html",
      .title = "HTML",
      .doc =
          "The whole report as one page for people: key figures, charts, tables. It needs no "
          "scripts and no other files, prints, and follows light and dark.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "text/html; charset=utf-8",
      .suffix = "html"};

  static constexpr std::array params{
      Param("theme", BOURSE_TYPE_TEXT, "Colours; auto: as the reader's system has them.")
          .labelled("Theme")
          .with_default("auto")
          .one_of(kThemes),
      Param("rows", BOURSE_TYPE_I64, "Rows shown of each table; the page says when there are more.")
          .labelled("Rows")
          .with_default("1000")
          .bounds("1", "1000000"),
      Param("order", BOURSE_TYPE_TEXT,
            "newest: tables by time begin with their newest row; given: with their oldest.")
          .labelled("Order of rows")
          .with_default("given")
          .one_of(kOrders),
      Param("digits", BOURSE_TYPE_TEXT,
            "Digits of statistics: as many as people need, or all. Amounts always have all.")
          .labelled("Digits")
          .with_default("short")
          .one_of(kDigits)};

  void render(Call& call, const Values& values, ReportView given) const {
    const Known known(given);
    const ReportView report = known.report();
    const Options options{.theme = theme_of(values.text("theme")),
                          .tables = {.rows_max = static_cast<std::size_t>(values.integer("rows")),
                                     .newest_first = values.text("order") == "newest",
                                     .all_digits = values.text("digits") == "all"}};
    const Page page(report, assets_, options);
    call.header("Content-Security-Policy", page.policy());
    BlockBuffer out([&](std::string_view block) {
      call.poll();
      call.write(block);
    });
    page.write(out);
  }

 private:
  Assets assets_;
};

}  // namespace
}  // namespace bourse::html

BOURSE_PLUGIN("bourse.html", "0.1.0", bourse::html::Html)
