// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/svg.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace bourse::charting {
namespace {

std::string_view role_class(Role role) {
  switch (role) {
    case Role::kBackground:
      return "ink-background";
    case Role::kText:
      return "ink-text";
    case Role::kMuted:
      return "ink-muted";
    case Role::kGrid:
      return "ink-grid";
    case Role::kFrame:
      return "ink-frame";
    case Role::kUp:
      return "ink-up";
    case Role::kDown:
      return "ink-down";
    case Role::kWarning:
      return "ink-warning";
    case Role::kSeries:
      return "ink-series";
    case Role::kHeat:
      return "ink-heat";
    case Role::kOnUp:
      return "ink-on-up";
    case Role::kOnDown:
      return "ink-on-down";
    case Role::kOnSeries:
      return "ink-on-series";
    case Role::kOnHeat:
      return "ink-on-heat";
  }
  return "ink-text";
}

/// How many inks a role has, told apart by their index; 1: the index means nothing.
std::uint8_t members_of(Role role) {
  if (role == Role::kSeries || role == Role::kOnSeries) return kSeriesColors;
  return role == Role::kHeat || role == Role::kOnHeat ? kHeatSteps : 1;
}

std::string hex_of(Color color) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "#";
  for (const std::uint8_t channel : {color.red, color.green, color.blue}) {
    out += kDigits[channel >> 4U];
    out += kDigits[channel & 15U];
  }
  return out;
}

class Svg {
 public:
  /// `file`: what it has of its own, or null inside a page.
  Svg(const Scene& scene, std::string_view id, BlockBuffer& out, const SvgFile* file = nullptr)
      : scene_(scene), id_(id), out_(out), file_(file) {}

  void write() {
    put("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ");
    pair(scene_.width, scene_.height);
    put("\"");
    if (file_ != nullptr) {
      put(" class=\"" + file_->name + "\"");
      attribute("width", scene_.width);
      attribute("height", scene_.height);
    } else if (!scene_.answers.empty()) {
      put(" data-chart=\"");
      quoted(scene_.answers);
      put("\"");
    }
    put(" role=\"img\" aria-labelledby=\"");
    put(id_ + "-title " + id_ + "-desc\">\n<title id=\"" + id_ + "-title\">");
    escaped(title());
    put("</title>\n<desc id=\"" + id_ + "-desc\">");
    descriptions();
    put("</desc>\n");
    if (file_ != nullptr) {
      put("<style>");
      put(file_->style);
      put("</style>\n");
    }
    for (std::size_t i = 0; i < scene_.groups.size(); ++i) group(scene_.groups[i], i);
    put("</svg>\n");
  }

  // -- the shapes -------------------------------------------------------------------------------

  void operator()(const Boxes& boxes) {
    path(boxes.ink, "fill");
    for (const Rect& r : boxes.rects) {
      put("M");
      pair(r.x, r.y);
      put("h");
      number(r.width);
      put("v");
      number(r.height);
      put("h");
      number(-r.width);
      put("z");
    }
    put("\"/>\n");
  }
  void operator()(const Areas& areas) {
    path(areas.ink, "fill");
    for (const auto& ring : areas.rings) {
      polyline(ring);
      put("z");
    }
    put("\"/>\n");
  }
  void operator()(const Strokes& strokes) {
    begin("path", strokes.ink, "stroke");
    attribute("stroke-width", strokes.width);
    put(" stroke-linejoin=\"round\" fill=\"none\"");
    if (strokes.dashed) put(" stroke-dasharray=\"4 3\"");
    put(" d=\"");
    for (const auto& line : strokes.lines) polyline(line);
    put("\"/>\n");
  }
  /// Lines of no length with round ends: a fifth of the bytes that circles take.
  void operator()(const Dots& dots) {
    begin("path", dots.ink, "stroke");
    attribute("stroke-width", 2 * dots.radius);
    put(" stroke-linecap=\"round\" d=\"");
    for (const Point& p : dots.centers) {
      put("M");
      pair(p.x, p.y);
      put("h0");
    }
    put("\"/>\n");
  }
  void operator()(const Text& text) {
    begin("text", text.ink, "fill");
    attribute("x", text.at.x);
    attribute("y", text.at.y);
    attribute("font-size", text.font.size);
    if (text.font.weight == Weight::kBold) put(" font-weight=\"600\"");
    if (text.anchor != Anchor::kStart) {
      put(text.anchor == Anchor::kEnd ? " text-anchor=\"end\"" : " text-anchor=\"middle\"");
    }
    if (text.angle != 0) {
      put(" transform=\"rotate(");
      number(-text.angle);
      put(" ");
      pair(text.at.x, text.at.y);
      put(")\"");
    }
    put(">");
    escaped(text.text);
    put("</text>\n");
  }

 private:
  void put(std::string_view markup) { out_.append(markup); }

  /// To a hundredth of a pixel, without zeros at the end.
  void number(double value) {
    std::array<char, 40> room;
    double rounded = std::round(value * 100) / 100;
    if (rounded == 0 || !std::isfinite(rounded)) rounded = 0;  // not "-0"
    const auto end =
        std::to_chars(room.data(), room.data() + room.size(), rounded, std::chars_format::fixed)
            .ptr;
    out_.append(room.data(), static_cast<std::size_t>(end - room.data()));
  }
  void pair(double x, double y) {
    number(x);
    put(" ");
    number(y);
  }
  void attribute(std::string_view name, double value) {
    put(" ");
    put(name);
    put("=\"");
    number(value);
    put("\"");
  }
  void polyline(const std::vector<Point>& points) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (i < 2) put(i == 0 ? "M" : "L");
      if (i >= 2) put(" ");
      pair(points[i].x, points[i].y);
    }
  }
  /// `use`: "fill" or "stroke".
  void begin(std::string_view element, Ink ink, std::string_view use) {
    put("<");
    put(element);
    put(" class=\"");
    put(ink_class(ink));
    put("\" ");
    put(use);
    put("=\"currentColor\"");
    if (ink.opacity < 1) {
      attribute(std::string(use) + "-opacity", ink.opacity);
    }
  }
  void path(Ink ink, std::string_view use) {
    begin("path", ink, use);
    put(" d=\"");
  }
  /// Text of a scene is clean: only markup is left to be escaped.
  void escaped(std::string_view text) {
    for (const char c : text) {
      switch (c) {
        case '&':
          put("&amp;");
          break;
        case '<':
          put("&lt;");
          break;
        case '>':
          put("&gt;");
          break;
        default:
          out_.put(c);
      }
    }
  }

  void quoted(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('"', at), text.size());
      escaped(text.substr(at, end - at));
      if (end < text.size()) put("&quot;");
      at = end + 1;
    }
  }

  [[nodiscard]] std::string title() const {
    std::string out;
    for (const PaneInfo& pane : scene_.panes) {
      if (pane.title.empty()) continue;
      out += (out.empty() ? "" : ", ") + pane.title;
    }
    return out.empty() ? "Chart" : out;
  }
  void descriptions() {
    for (std::size_t i = 0; i < scene_.panes.size(); ++i) {
      const PaneInfo& pane = scene_.panes[i];
      if (i != 0) put(" ");
      escaped(pane.title.empty() ? pane.description : pane.title + ": " + pane.description);
      put(".");
    }
  }

  void group(const Group& g, std::size_t place) {
    if (g.clip) {
      const std::string clip = id_ + "-clip-" + std::to_string(place);
      put("<clipPath id=\"" + clip + "\"><rect");
      attribute("x", g.clip->x);
      attribute("y", g.clip->y);
      attribute("width", g.clip->width);
      attribute("height", g.clip->height);
      put("/></clipPath>\n<g clip-path=\"url(#" + clip + ")\">\n");
    }
    for (const Shape& shape : g.shapes) std::visit(*this, shape);
    if (g.clip) put("</g>\n");
  }

  const Scene& scene_;
  std::string id_;
  BlockBuffer& out_;
  const SvgFile* file_;
};

/// FNV-1a.
std::uint32_t number_of(std::string_view text) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  }
  return hash;
}

}  // namespace

void append_svg_file(const Scene& scene, const SvgFile& file, BlockBuffer& out) {
  const std::string id = "bourse-" + std::to_string(number_of(scene.description()));
  Svg(scene, id, out, &file).write();
}

SvgFile SvgFile::of(std::optional<Theme> theme) {
  SvgFile file;
  file.name = !theme ? "bourse-auto" : *theme == Theme::kDark ? "bourse-dark" : "bourse-light";
  const std::string scope = "." + file.name + " ";
  file.style = "\n" + scope +
               "text{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"DejaVu Sans\","
               "sans-serif;font-variant-numeric:tabular-nums}\n" +
               ink_rules(theme.value_or(Theme::kLight), scope);
  if (!theme) {
    file.style +=
        "@media screen and (prefers-color-scheme:dark){\n" + ink_rules(Theme::kDark, scope) + "}\n";
  }
  return file;
}

void append_svg(const Scene& scene, std::string_view id, BlockBuffer& out) {
  Svg(scene, id, out).write();
}

std::string ink_class(Ink ink) {
  std::string out(role_class(ink.role));
  const std::uint8_t members = members_of(ink.role);
  if (members > 1) out += "-" + std::to_string(ink.index % members);
  return out;
}

std::string ink_rules(Theme theme, std::string_view scope) {
  constexpr std::array kRoles = {Role::kBackground, Role::kText,  Role::kMuted, Role::kGrid,
                                 Role::kFrame,      Role::kUp,    Role::kDown,  Role::kWarning,
                                 Role::kSeries,     Role::kHeat,  Role::kOnUp,  Role::kOnDown,
                                 Role::kOnSeries,   Role::kOnHeat};
  std::vector<std::pair<std::string, std::string>> rules;  // colour, selectors
  for (const Role role : kRoles) {
    for (std::uint8_t index = 0; index < members_of(role); ++index) {
      const Ink ink{role, index, 1};
      const std::string color = hex_of(color_of(theme, ink));
      const std::string selector = std::string(scope) + "." + ink_class(ink);
      auto rule = std::find_if(rules.begin(), rules.end(),
                               [&](const auto& known) { return known.first == color; });
      if (rule == rules.end()) {
        rules.emplace_back(color, selector);
      } else {
        rule->second += "," + selector;
      }
    }
  }
  std::string out;
  for (const auto& [color, selectors] : rules) out += selectors + "{color:" + color + "}\n";
  return out;
}

}  // namespace bourse::charting
