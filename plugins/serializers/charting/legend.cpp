// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/legend.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/serializers/charting/caption.hpp"
#include "plugins/serializers/charting/heat_scale.hpp"

namespace bourse::charting {
namespace {

constexpr Ink kText{Role::kText}, kMuted{Role::kMuted};
/// An en space: ordinary spaces that follow each other are one in SVG.
constexpr std::string_view kGap = "\xE2\x80\x82";

struct Item {
  const Series* series = nullptr;
  std::string label, value;
};

std::size_t newest_row(const std::vector<double>& values) {
  for (std::size_t i = values.size(); i-- > 0;) {
    if (std::isfinite(values[i])) return i;
  }
  return values.size();
}

std::string candle_value(const PanePlan& pane, const Series& s, std::size_t row) {
  std::string out;
  for (const auto& [name, values] :
       {std::pair{"O ", &s.open}, {"H ", &s.high}, {"L ", &s.low}, {"C ", &s.y}}) {
    if (!out.empty()) out += kGap;
    out += name + pane_value(pane, s.axis, (*values)[row]);
  }
  return out;
}

/// Newest value; none where x is not time, as the last bar is no newer than the others.
std::string value_of(const PanelPlan& panel, const PanePlan& pane, const Series& series) {
  const std::size_t row = newest_row(series.y);
  if (pane.empty || !panel.axis_on_right) return {};
  if (row == series.size()) return "no data";
  if (series.mark == Mark::kCandles) return candle_value(pane, series, row);
  const std::string high = pane_value(pane, series.axis, series.value(row));
  if (series.mark != Mark::kBand) return high;
  return pane_value(pane, series.axis, series.low[row]) + " \xE2\x80\x93 " + high;
}

/// A colour sample `size` wide, centred on `middle`.
void draw_sample(Canvas& canvas, const Series& series, double x, double middle, double size) {
  switch (series.mark) {
    case Mark::kLine:
      canvas.add(Strokes{series.ink, 2, false, {{{x, middle}, {x + size, middle}}}});
      return;
    case Mark::kDots:
      canvas.add(Dots{series.ink, 2.5, {{x + size / 2, middle}}});
      return;
    case Mark::kCandles: {  // rising hollow, falling filled
      const double width = size * 0.4, height = size * 0.8, hair = canvas.hair();
      const Rect rising = canvas.snap(Rect{x, middle - height / 2, width, height});
      canvas.add(Boxes{{Role::kUp}, {rising}});
      if (!rising.inset(hair).empty()) {
        canvas.add(Boxes{{Role::kBackground}, {rising.inset(hair)}});
      }
      canvas.box({Role::kDown}, {x + size - width, middle - height / 2, width, height});
      return;
    }
    default: {
      if (series.is_directed()) {
        canvas.box({Role::kUp}, {x, middle - size * 0.35, size / 2, size * 0.7});
        canvas.box({Role::kDown}, {x + size / 2, middle - size * 0.35, size / 2, size * 0.7});
        return;
      }
      Ink ink = series.ink;
      if (series.mark == Mark::kBand) ink.opacity = 0.45;
      canvas.box(ink, {x, middle - size * 0.35, size, size * 0.7});
    }
  }
}

/// Of a colour sample.
double sample_of(const Style& style) { return style.font.size * 1.1; }

/// With the space behind it.
double width_of(const Style& style, const Item& item) {
  const double value =
      item.value.empty() ? 0 : style.font.size * 0.5 + text_width(item.value, style.font);
  return sample_of(style) * 1.4 + text_width(item.label, style.font) + value +
         1.5 * style.font.size;
}

class Line {
 public:
  Line(Canvas& canvas, const Style& style, Rect rect)
      : canvas_(canvas),
        style_(style),
        first_(rect.x),
        x_(rect.x),
        end_(rect.right()),
        middle_(rect.y + std::min(style.line, rect.height) / 2) {}

  [[nodiscard]] double left() const { return end_ - x_; }
  void next() {
    x_ = first_;
    middle_ += style_.line;
  }

  void say(std::string_view text, Font font, Ink ink, double room) {
    x_ += canvas_.text(text, font, ink, {x_, Canvas::baseline(middle_, font)}, Anchor::kStart,
                       std::min(room, left()));
  }
  void skip(double ems) { x_ += ems * style_.font.size; }

  void say(const Item& item, double room) {
    const double start = x_;
    draw_sample(canvas_, *item.series, x_, middle_, sample());
    x_ += sample() * 1.4;
    const double value = item.value.empty() ? 0 : text_width(item.value, style_.font);
    say(item.label, style_.font, kMuted, std::max(0.0, room - (x_ - start) - value));
    if (!item.value.empty()) {
      skip(0.5);
      say(item.value, style_.font, kText, std::max(0.0, room - (x_ - start)));
    }
    skip(1.5);
  }

  /// From `low` over all colours between to `high`.
  void say_colors(const Measure& measure, const std::string& low, const std::string& high) {
    const double size = sample(), width = 4 * size;
    const double needed = text_width(low, style_.font) + text_width(high, style_.font) + width;
    if (needed + 4 * style_.font.size > left()) return;
    const Span span = settle(heat_span(measure.span));
    say(low, style_.font, kMuted, left());
    skip(0.5);
    constexpr int kParts = 16;
    const Span shown = settle(measure.span);
    for (int i = 0; i < kParts; ++i) {
      const double value = shown.low + shown.length() * (i + 0.5) / kParts;
      canvas_.box({Role::kHeat, heat_step(value, span)},
                  {x_ + width * i / kParts, middle_ - size * 0.35, width / kParts, size * 0.7});
    }
    x_ += width;
    skip(0.5);
    say(high, style_.font, kMuted, left());
    skip(1.5);
  }
  void say_sizes(const std::string& text) {
    if (text_width(text, style_.font) + 4 * style_.font.size > left()) return;
    const double size = sample();
    canvas_.add(Dots{kMuted, size * 0.2, {{x_ + size * 0.2, middle_}}});
    canvas_.add(Dots{kMuted, size * 0.45, {{x_ + size * 1.05, middle_}}});
    x_ += size * 1.5;
    skip(0.4);
    say(text, style_.font, kMuted, left());
    skip(1.5);
  }

 private:
  [[nodiscard]] double sample() const { return sample_of(style_); }

  Canvas& canvas_;
  const Style& style_;
  const double first_;
  double x_;
  const double end_;
  double middle_;
};

/// Says so where marks stand for several rows.
std::string on_sharing(const PanelPlan& panel, const PanePlan& pane) {
  const bool candles = pane.pane->has(Mark::kCandles);
  if (!panel.slots.shared || pane.empty || !(candles || pane.pane->has(Mark::kBars))) return {};
  const auto& all = pane.pane->series;
  const bool adds_up =
      std::any_of(all.begin(), all.end(), [](const Series& s) { return s.adds_up; });
  if (panel.slots.rows_per_mark == 0) {
    return candles   ? "close candles are drawn as one"
           : adds_up ? "sums of close bars"
                     : "largest of close bars";
  }
  const std::string rows = std::to_string(panel.slots.rows_per_mark);
  return candles ? rows + " rows per candle"
                 : (adds_up ? "sums of " : "largest of ") + rows + " rows";
}

bool same_words(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

/// Or has none.
bool says_unit(const Pane& pane) {
  const std::string& unit = pane.axes[0].unit;
  return unit.empty() || pane.title.ends_with(unit);
}

/// Which axis it stands on, where that is the second one.
std::string side_of(const PanelPlan& panel, const Pane& pane, const Series& series) {
  if (series.axis == 0) return {};
  const std::string& unit = pane.axes[1].unit;
  return std::string(panel.axis_on_right ? " (left" : " (right") +
         (unit.empty() ? "" : ", " + unit) + ")";
}

std::string measured(const Measure& measure, double value) {
  constexpr int kSignificant = 3;
  const double magnitude = std::fabs(value);
  if (magnitude > 0 && magnitude < 1e-6) return format_significant(value);
  const int before = magnitude > 0 ? static_cast<int>(std::floor(std::log10(magnitude))) + 1 : 1;
  int decimals = std::clamp(kSignificant - before, 0, 9);
  if (measure.decimals >= 0) decimals = std::min(decimals, measure.decimals);
  return format_number(value, value_format(value, decimals, 1e4));
}

/// What sizes and colours of dots stand for, with a sample of each.
void say_measures(Line& line, const Pane& pane) {
  if (pane.color) {
    line.say_colors(*pane.color,
                    pane.color->label + " " + measured(*pane.color, pane.color->span.low),
                    measured(*pane.color, pane.color->span.high));
  }
  if (pane.size) {
    line.say_sizes(pane.size->label + " up to " + measured(*pane.size, pane.size->span.high));
  }
}

/// Without values.
std::vector<Item> names_of(const PanelPlan& panel, const Pane& pane) {
  std::vector<Item> items;
  for (const Series& series : pane.series) {
    items.push_back({&series, series.label + side_of(panel, pane, series), {}});
  }
  // One series called like its pane needs no second mention.
  if (items.size() == 1 && same_words(items.front().label, pane.title)) {
    items.front().label.clear();
  }
  for (Item& item : items) {
    if (item.series->mark == Mark::kCandles && item.label == pane.title) item.label.clear();
  }
  return items;
}

std::vector<Item> items_of(const PanelPlan& panel, const PanePlan& pane) {
  std::vector<Item> items = names_of(panel, *pane.pane);
  for (Item& item : items) item.value = value_of(panel, pane, *item.series);
  if (items.size() == 1 && items.front().value.empty()) items.clear();  // its pane names it
  return items;
}

constexpr double kTitleMax = 0.45, kUnitMax = 0.2;  ///< of the width

/// Of the title and the unit behind it.
double title_width(const Style& style, const Pane& pane, double width) {
  double out = std::min(text_width(pane.title, style.strong), width * kTitleMax);
  if (!says_unit(pane)) {
    out += std::min(text_width(", " + pane.axes[0].unit, style.font), width * kUnitMax);
  }
  return out + style.font.size;
}

/// How many items each line holds, in their order; together fewer than all where the lines end.
std::vector<std::size_t> broken(const Style& style, const std::vector<Item>& items, double first,
                                double width, std::size_t lines_max, double reserved) {
  std::vector<std::size_t> lines(1, 0);
  double left = width - first;
  for (const Item& item : items) {
    const double needed = width_of(style, item) - 1.5 * style.font.size;
    const auto room = [&] { return left - (lines.size() == lines_max ? reserved : 0); };
    if (needed > room() && !(lines.back() == 0 && lines.size() > 1)) {
      if (lines.size() == lines_max) return lines;
      lines.push_back(0);
      left = width;
    }
    ++lines.back();
    left -= needed + 1.5 * style.font.size;
  }
  return lines;
}

std::size_t count_of(const std::vector<std::size_t>& lines) {
  std::size_t out = 0;
  for (const std::size_t line : lines) out += line;
  return out;
}

/// The candle's close alone.
void shorten(Item& item) {
  if (item.series->mark == Mark::kCandles && item.value.size() > 1 && item.value[0] == 'O') {
    item.value = "C" + item.value.substr(item.value.rfind(' '));
  }
}

/// Breaks the items into lines; where there is no room for all, values go before names do, the last
/// ones first.
std::vector<std::size_t> fit(const Style& style, std::vector<Item>& items, double first,
                             double width, std::size_t lines_max, double reserved) {
  const auto all = [&] {
    return count_of(broken(style, items, first, width, lines_max, reserved)) == items.size();
  };
  if (!all()) std::for_each(items.begin(), items.end(), shorten);
  for (std::size_t i = items.size(); i-- > 0 && !all();) {
    if (items[i].series->mark != Mark::kCandles) items[i].value.clear();
  }
  for (std::size_t i = items.size(); i-- > 0 && !all();) items[i].value.clear();
  return broken(style, items, first, width, lines_max, reserved);
}

}  // namespace

std::size_t legend_lines(const Style& style, const PanelPlan& panel, const Pane& pane,
                         double height) {
  const double width = panel.frame.width;
  const auto most = static_cast<std::size_t>(std::clamp(height / style.line / 2.5, 1.0, 12.0));
  const std::vector<Item> names = names_of(panel, pane);
  if (names.size() < 2) return 1;
  return broken(style, names, title_width(style, pane, width), width, most, 0).size();
}

void draw_legend(Canvas& canvas, const Style& style, const PanelPlan& panel, const PanePlan& pane,
                 std::size_t labels_left_out) {
  if (pane.legend.height < style.font.size) return;
  Line line(canvas, style, pane.legend);
  const double width = pane.legend.width, first = title_width(style, *pane.pane, width);
  line.say(pane.pane->title, style.strong, kText, width * kTitleMax);
  if (!says_unit(*pane.pane)) {
    line.say(", " + pane.pane->axes[0].unit, style.font, kMuted, width * kUnitMax);
  }
  line.skip(1);
  std::vector<Item> items = items_of(panel, pane);
  const std::string sharing = on_sharing(panel, pane);
  const auto lines_max =
      static_cast<std::size_t>(std::max(1.0, std::round(pane.legend.height / style.line)));
  const double wanted = sharing.empty() ? 0 : text_width(sharing, style.font) + style.gap;
  std::vector<Item> tried = items;
  std::vector<std::size_t> lines = fit(style, tried, first, width, lines_max, wanted);
  if (count_of(lines) < items.size()) {  // rather the names than what is said about them
    tried = items;
    lines = fit(style, tried, first, width, lines_max, 0);
    if (count_of(lines) < items.size()) {
      tried = items;
      lines = fit(style, tried, first, width, lines_max,
                  text_width("+24 more", style.font) + style.gap);
    }
  }
  std::size_t shown = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) line.next();
    for (const std::size_t end = shown + lines[i]; shown < end; ++shown) {
      line.say(tried[shown], std::min(width_of(style, tried[shown]), line.left()));
    }
  }
  say_measures(line, *pane.pane);
  const std::size_t hidden = items.size() - shown + pane.pane->series_left_out;
  std::string rest = hidden > 0 ? "+" + std::to_string(hidden) + " more" : "";
  const auto add = [&rest](const std::string& more) {
    if (!rest.empty() && !more.empty()) rest += kGap;
    rest += more;
  };
  if (labels_left_out > 0) {
    add("+" + std::to_string(labels_left_out) + (labels_left_out == 1 ? " label" : " labels"));
  }
  if (panel.panes_left_out > 0 && &pane == &panel.panes.back()) {
    add("+" + std::to_string(panel.panes_left_out) +
        (panel.panes_left_out == 1 ? " pane" : " panes"));
  }
  add(sharing);
  if (pane.caption.empty()) add(caption_text(pane.pane->not_drawn));
  line.say(rest, style.font, kMuted, line.left());
}

}  // namespace bourse::charting
