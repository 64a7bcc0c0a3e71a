// SPDX-License-Identifier: MIT
#include "bourse/plugin.hpp"

#include <array>
#include <string>
#include <string_view>

#include "bourse/render.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/markdown/markdown_report.hpp"

namespace bourse::markdown {
namespace {

/// Letters, digits and marks of RFC 3986: nothing that could end the link.
bool is_address(std::string_view text) {
  constexpr std::string_view kMarks = "-._~:/?#[]@!$&'()*+,;=%";
  const bool is_web = text.starts_with("https://") || text.starts_with("http://") ||
                      text.starts_with("/") || text.starts_with("?");
  if (!is_web) return false;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && kMarks.find(c) == std::string_view::npos) return false;
  }
  return true;
}

struct Markdown {
  static constexpr About about{
      .id = "markdown",
      .title = "Markdown",
      .doc =
          "The report for issues, wikis and chats: key figures and tables as GitHub shows them, "
          "and a picture where its address is given.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "text/markdown; charset=utf-8; variant=GFM",
      .suffix = "md"};

  static constexpr std::array params{
      Param("rows", BOURSE_TYPE_I64, "Rows shown of each table; the rest is counted.")
          .labelled("Rows")
          .with_default("100")
          .bounds("1", "10000"),
      Param("picture", BOURSE_TYPE_TEXT,
            "Address of a picture of the charts, such as this route's as svg or png; shown where "
            "the report has charts.")
          .labelled("Picture")
          .bounds("1", "2000")};

  void render(Call& call, const Values& values, ReportView given) const {
    const Known known(given);
    const auto picture = values.maybe<std::string_view>("picture").value_or("");
    if (!picture.empty() && !is_address(picture)) {
      throw Error(BOURSE_BAD_PARAM, "bad_address",
                  "The address of the picture must begin with https://, http://, / or ?, and have "
                  "other characters percent-encoded.")
          .blame("picture");
    }
    BlockBuffer out([&](std::string_view block) {
      call.poll();
      call.write(block);
    });
    write_report(known.report(),
                 {.rows_max = static_cast<std::size_t>(values.integer("rows")), .picture = picture},
                 out);
  }
};

}  // namespace
}  // namespace bourse::markdown

BOURSE_PLUGIN("bourse.markdown", "0.1.0", bourse::markdown::Markdown)
