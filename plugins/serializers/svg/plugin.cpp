// SPDX-License-Identifier: MIT
//
// svg: a report's charts as a drawing of its own. Layout is charting's, shared with png and html.
#include "bourse/plugin.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "bourse/render.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/charting/badge.hpp"
#include "plugins/serializers/charting/scene.hpp"
#include "plugins/serializers/charting/source_hash.hpp"
#include "plugins/serializers/charting/svg.hpp"

namespace bourse::svg {
namespace {

using charting::Theme;

constexpr const char* kThemes[] = {"auto", "light", "dark", nullptr};
constexpr const char* kShapes[] = {"chart", "card", "badge", nullptr};

/// What a shape measures where nothing is said: a card is what messengers and networks unfurl.
struct Size {
  double width, height;
};
Size size_of(std::string_view shape, const Values& values) {
  Size size{.width = 1200, .height = 800};
  if (shape == "card") size = {.width = 1200, .height = 630};
  if (shape == "badge") size = {.width = 0, .height = 20};  // as wide as its texts
  if (values.given("width")) size.width = static_cast<double>(values.integer("width"));
  if (values.given("height")) size.height = static_cast<double>(values.integer("height"));
  return size;
}

/// The style sheet, and the policy that allows just it.
struct Look {
  explicit Look(std::optional<Theme> theme)
      : file(charting::SvgFile::of(theme)),
        policy("default-src 'none'; style-src '" + charting::source_hash(file.style) +
               "'; frame-ancestors *") {}
  charting::SvgFile file;
  std::string policy;
};

class Svg {
 public:
  static constexpr About about{
      .id = "svg",
      .title = "SVG drawing",
      .doc =
          "The charts of a report as one drawing that stands alone: sharp at any size, light or "
          "dark, to be put into other pages. A report without charts becomes a card of its key "
          "figures; a badge is one of them.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "image/svg+xml",
      .suffix = "svg"};
  static constexpr std::array params{
      Param("shape", BOURSE_TYPE_TEXT,
            "chart: all of them; card: the same in the size of link previews; badge: one value in "
            "a line.")
          .labelled("Shape")
          .with_default("chart")
          .one_of(kShapes),
      Param("width", BOURSE_TYPE_I64,
            "Width of a chart or card; 1200 when not given. A badge is as wide as its texts.")
          .labelled("Width")
          .bounds("100", "4000")
          .in("px"),
      Param("height", BOURSE_TYPE_I64, "Height; when not given, 800, of a card 630, of a badge 20.")
          .labelled("Height")
          .bounds("20", "4000")
          .in("px"),
      Param("theme", BOURSE_TYPE_TEXT, "Colours; auto: as the reader's system has them.")
          .labelled("Theme")
          .with_default("auto")
          .one_of(kThemes),
      Param("figure", BOURSE_TYPE_TEXT,
            "Of a badge: name of the single value. Without it the first that is known.")
          .labelled("Figure")
          .bounds("1", "128"),
      Param("label", BOURSE_TYPE_TEXT, "Of a badge: what stands before the value.")
          .labelled("Label")
          .bounds("1", "100")};

  void render(Call& call, const Values& values, ReportView given) const {
    const std::string_view shape = values.text("shape");
    const Size size = size_of(shape, values);
    const Known known(given);
    const bourse_report& report = known.report().wire();
    const charting::Scene scene =
        shape == "badge" ? badge_of(report, values, size) : chart_of(report, call, size);
    call.poll();
    const Look& look = look_of(values.text("theme"));
    call.header("Content-Security-Policy", look.policy);
    BlockBuffer out([&](std::string_view block) {
      call.poll();
      call.write(block);
    });
    charting::append_svg_file(scene, look.file, out);
    out.flush();
  }

 private:
  static charting::Scene badge_of(const bourse_report& report, const Values& values, Size size) {
    return charting::build_badge(report,
                                 {.height = size.height,
                                  .figure = values.maybe<std::string_view>("figure").value_or(""),
                                  .label = values.maybe<std::string_view>("label").value_or("")});
  }
  static charting::Scene chart_of(const bourse_report& report, const Call& call, Size size) {
    if (size.height < 100) {
      throw Error(BOURSE_BAD_PARAM, "image_too_small",
                  "A chart needs a height of 100; a badge is shape=badge.")
          .blame("height");
    }
    return charting::build_scene(
        report, {.width = size.width, .height = size.height, .between = [&call] { call.poll(); }});
  }
  const Look& look_of(std::string_view theme) const {
    if (theme == "light") return light_;
    return theme == "dark" ? dark_ : auto_;
  }

  const Look auto_{std::nullopt}, light_{Theme::kLight}, dark_{Theme::kDark};
};

}  // namespace
}  // namespace bourse::svg

BOURSE_PLUGIN("bourse.svg", "0.1.0", bourse::svg::Svg)
