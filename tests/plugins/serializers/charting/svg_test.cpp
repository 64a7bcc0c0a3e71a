// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/svg.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>

namespace bourse::charting {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string written(const Scene& scene) {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  append_svg(scene, "c1", out);
  out.flush();
  return bytes;
}
std::string written(Shape shape) {
  Scene scene;
  scene.groups.push_back({std::nullopt, {std::move(shape)}});
  return written(scene);
}

TEST(Svg, HasAViewBoxANameAndADescription) {
  Scene scene;
  scene.width = 900;
  scene.height = 320.5;
  scene.panes.push_back({"price", "Price <USDT>", "from 1 to 2", {}, {}});
  scene.panes.push_back({"volume", "Volume", "no data", {}, {}});
  EXPECT_EQ(written(scene),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 320.5\" role=\"img\" "
            "aria-labelledby=\"c1-title c1-desc\">\n"
            "<title id=\"c1-title\">Price &lt;USDT&gt;, Volume</title>\n"
            "<desc id=\"c1-desc\">Price &lt;USDT&gt;: from 1 to 2. Volume: no data.</desc>\n"
            "</svg>\n");
}

TEST(Svg, APictureWithoutPanesStillHasAName) {
  EXPECT_THAT(written(Scene{}), HasSubstr("<title id=\"c1-title\">Chart</title>"));
}

TEST(Svg, BoxesAreOnePath) {
  EXPECT_THAT(written(Boxes{{Role::kUp}, {{1, 2, 3, 4}, {10.5, 0, 1, 1}}}),
              HasSubstr("<path class=\"ink-up\" fill=\"currentColor\" "
                        "d=\"M1 2h3v4h-3zM10.5 0h1v1h-1z\"/>\n"));
}

TEST(Svg, AreasAreClosed) {
  EXPECT_THAT(written(Areas{{Role::kSeries, 2, 0.25}, {{{0, 0}, {1, 1}, {2, 0}}}}),
              HasSubstr("<path class=\"ink-series-2\" fill=\"currentColor\" fill-opacity=\"0.25\" "
                        "d=\"M0 0L1 1 2 0z\"/>\n"));
}

TEST(Svg, LinesAreNotFilled) {
  EXPECT_THAT(written(Strokes{{Role::kFrame}, 1.5, true, {{{0, 0}, {5, 5}}, {{7, 7}, {8, 8}}}}),
              HasSubstr("<path class=\"ink-frame\" stroke=\"currentColor\" stroke-width=\"1.5\" "
                        "stroke-linejoin=\"round\" fill=\"none\" stroke-dasharray=\"4 3\" "
                        "d=\"M0 0L5 5M7 7L8 8\"/>\n"));
}

TEST(Svg, DotsAreRoundEndsOfLinesWithoutLength) {
  EXPECT_THAT(written(Dots{{Role::kDown}, 2, {{1, 1}, {3, 4}}}),
              HasSubstr("<path class=\"ink-down\" stroke=\"currentColor\" stroke-width=\"4\" "
                        "stroke-linecap=\"round\" d=\"M1 1h0M3 4h0\"/>\n"));
}

TEST(Svg, TextIsEscapedAnchoredAndTurned) {
  Text text{{Role::kMuted}, {11, Weight::kBold}, Anchor::kEnd, {4, 5}, 45, 30, "a < b & \"c\""};
  EXPECT_THAT(written(text),
              HasSubstr("<text class=\"ink-muted\" fill=\"currentColor\" x=\"4\" y=\"5\" "
                        "font-size=\"11\" font-weight=\"600\" text-anchor=\"end\" "
                        "transform=\"rotate(-45 4 5)\">a &lt; b &amp; \"c\"</text>\n"));
}

TEST(Svg, CoordinatesAreRoundedToAHundredth) {
  EXPECT_THAT(written(Boxes{{Role::kGrid}, {{1.0 / 3, -0.001, 1e-9, 123456.789}}}),
              HasSubstr("d=\"M0.33 0h0v123456.79h0z\""));
}

TEST(Svg, AClipIsNamedAfterThePictureAndItsPlace) {
  Scene scene;
  scene.groups.push_back({std::nullopt, {Dots{{Role::kUp}, 1, {{1, 1}}}}});
  scene.groups.push_back({Rect{1, 2, 3, 4}, {Dots{{Role::kUp}, 1, {{1, 1}}}}});
  const std::string svg = written(scene);
  EXPECT_THAT(svg, HasSubstr("<clipPath id=\"c1-clip-1\"><rect x=\"1\" y=\"2\" width=\"3\" "
                             "height=\"4\"/></clipPath>\n<g clip-path=\"url(#c1-clip-1)\">\n"));
  EXPECT_EQ(svg.find("c1-clip-0"), std::string::npos);
}

TEST(SvgInks, EveryInkHasOneRule) {
  for (const Theme theme : {Theme::kLight, Theme::kDark}) {
    const std::string rules = ink_rules(theme);
    std::set<std::string> names;
    for (int role = 0; role <= static_cast<int>(Role::kOnHeat); ++role) {
      for (int index = 0; index < kHeatSteps; ++index) {
        const Ink ink{static_cast<Role>(role), static_cast<std::uint8_t>(index), 1};
        const std::string name = "." + ink_class(ink);
        const std::size_t at = std::min(rules.find(name + ","), rules.find(name + "{"));
        ASSERT_NE(at, std::string::npos) << name;
        names.insert(name);
        char color[8];
        const Color c = color_of(theme, ink);
        std::snprintf(color, sizeof color, "#%02x%02x%02x", c.red, c.green, c.blue);
        EXPECT_EQ(rules.substr(rules.find('{', at), 15), "{color:" + std::string(color) + "}")
            << name;
      }
    }
    EXPECT_EQ(std::count(rules.begin(), rules.end(), '.'),
              static_cast<std::ptrdiff_t>(names.size()))
        << "no ink twice";
  }
}

TEST(SvgInks, AScopeStandsInFrontOfEverySelector) {
  const std::string rules = ink_rules(Theme::kDark, ".dark ");
  EXPECT_THAT(rules, HasSubstr(".dark .ink-up"));
  EXPECT_THAT(rules, Not(HasSubstr(",.ink")));
  EXPECT_THAT(rules, Not(HasSubstr("\n.ink")));
}

}  // namespace
}  // namespace bourse::charting
