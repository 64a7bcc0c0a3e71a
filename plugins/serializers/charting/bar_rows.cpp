// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "plugins/serializers/charting/caption.hpp"
#include "plugins/serializers/charting/labels.hpp"
#include "plugins/serializers/charting/numbers.hpp"
#include "plugins/serializers/charting/panel.hpp"
#include "plugins/serializers/charting/plan.hpp"
#include "plugins/serializers/charting/ticks.hpp"

namespace bourse::charting {
namespace {

constexpr Ink kText{Role::kText}, kMuted{Role::kMuted}, kGrid{Role::kGrid}, kFrame{Role::kFrame};
constexpr double kRowMin = 1.25;    ///< in ems
constexpr double kBarMin = 3;       ///< in pixels, of several in a row
constexpr double kBarShare = 0.68;  ///< of a row
constexpr double kNamesMax = 0.6;   ///< of the width

double widest_of(const std::vector<std::string>& names, Font font) {
  double widest = 0;
  for (const auto& name : names) widest = std::max(widest, text_width(name, font));
  return widest;
}

bool is_one(const Pane& pane) {
  return pane.series.size() == 1 && pane.series_left_out == 0 && !pane.series.front().repeats_x();
}

bool only_bars(const Pane& pane) {
  return !pane.series.empty() && std::all_of(pane.series.begin(), pane.series.end(),
                                             [](const Series& s) { return s.mark == Mark::kBars; });
}

}  // namespace

bool lies_at(const Style& style, const Panel& panel, double width) {
  if (panel.axis != AxisKind::kCategory) return false;
  const auto n = static_cast<double>(std::max<std::size_t>(panel.categories.size(), 1));
  const bool upright =
      widest_of(panel.categories, style.font) + style.font.size * 0.6 <= width * 0.85 / n;
  return panel.horizontal || (panel.panes.size() == 1 && only_bars(panel.panes.front()) &&
                              is_one(panel.panes.front()) && !upright);
}

namespace {

/// How many rows are drawn; 0: none lies. They do where there are only bars, on one axis; and
/// where none lies by its chart's wish, of one series with names that do not fit side by side.
/// Where there is no room for all, the first ones are whole rather than all of them cut, up to a
/// third.
std::size_t rows_that_fit(const Style& style, const Panel& panel, Rect frame) {
  if (panel.axis != AxisKind::kCategory || panel.panes.size() != 1 || !panel.x) return 0;
  const Pane& pane = panel.panes.front();
  if (!only_bars(pane) || pane.uses(1)) return 0;
  const auto n = static_cast<double>(panel.categories.size());
  if (!lies_at(style, panel, frame.width)) return 0;
  const double caption = caption_rect(style, pane, frame, frame.height).height;
  std::size_t lanes = 1;
  bar_lanes(pane, lanes);
  const double row =
      std::max(kRowMin * style.font.size, kBarMin * static_cast<double>(lanes) / kBarShare);
  const double room = std::floor((frame.height - 2 * style.line - 8 - caption) / row);
  if (room < 1 || 3 * room < n) return 0;
  return static_cast<std::size_t>(std::min(room, n));
}

/// Of the first names only.
Panel first_of(const Panel& panel, std::size_t rows) {
  Panel out = panel;
  out.categories.resize(rows);
  for (Series& series : out.panes.front().series) {
    const auto end = std::lower_bound(series.x.begin(), series.x.end(), static_cast<double>(rows));
    const auto kept = static_cast<std::size_t>(end - series.x.begin());
    for (auto* values : {&series.x, &series.y, &series.base, &series.from, &series.to}) {
      values->resize(std::min(values->size(), kept));
    }
  }
  std::erase_if(out.panes.front().guides,
                [&](const Guide& guide) { return guide.x >= static_cast<double>(rows); });
  return out;
}

struct Rows {
  Rect caption, plot;
  Scale x;
  Ticks ticks;
  double row_height = 1;
  int decimals = 2;
  double value_room = 0;  ///< beyond the longest bars, for their values
  std::vector<std::size_t> lane;
  std::size_t lanes = 1;
};

Span value_span(const Pane& pane) {
  Span span{0, 0};
  for (const Series& series : pane.series) {
    for (const double v : series.y) {
      if (std::isnan(v)) continue;
      span = {std::min(span.low, v), std::max(span.high, v)};
    }
  }
  const Axis& axis = pane.axes[0];
  if (axis.range) {
    span = {std::min(span.low, axis.range->low), std::max(span.high, axis.range->high)};
  }
  for (const Level& level : axis.levels) {
    span = {std::min(span.low, level.y), std::max(span.high, level.y)};
  }
  return settle(span);
}

std::string bar_text(const Rows& rows, double value) {
  const int decimals = telling_decimals(value, rows.decimals, 3);
  return format_number(value, value_format(value, decimals, 1e4));
}

Rows plan_rows(const Canvas& canvas, const Style& style, const Panel& panel, Rect frame) {
  const Pane& pane = panel.panes.front();
  Rows rows;
  const Span span = value_span(pane);
  const double names =
      std::min(std::ceil(widest_of(panel.categories, style.font)), frame.width * kNamesMax);
  const double left = frame.x + names + style.gap;
  rows.caption =
      caption_rect(style, pane, {frame.x, frame.y, frame.width, style.line}, frame.height);
  const double above = style.line + rows.caption.height + 2;
  rows.plot = canvas.snap(
      Rect{left, frame.y + above, frame.right() - left, frame.height - above - style.line - 4});
  rows.ticks = number_ticks(
      span, static_cast<std::size_t>(std::max(2.0, rows.plot.width / style.font.size / 6)),
      pane.whole(0));
  const int given = pane.series.front().decimals;
  rows.decimals = std::clamp(given >= 0 ? given : 2 - rows.ticks.step.exponent, 0, 8);
  if (pane.whole(0)) rows.decimals = 0;
  if (is_one(pane)) {
    for (const double v : pane.series.front().y) {
      rows.value_room = std::max(rows.value_room, text_width(bar_text(rows, v), style.font));
    }
  }
  rows.value_room = std::min(rows.value_room + style.gap, rows.plot.width * 0.3);
  const double before = span.low < 0 ? rows.value_room : 0;
  const double after = span.high > 0 ? rows.value_room : 0;
  rows.x = {span, rows.plot.x + before, rows.plot.right() - after};
  rows.row_height = rows.plot.height / static_cast<double>(panel.categories.size());
  rows.lane = bar_lanes(pane, rows.lanes);
  return rows;
}

void draw_grid(Canvas& canvas, const Style& style, const Pane& pane, const Rows& rows, Rect frame) {
  const double largest = std::max(std::fabs(rows.x.span.low), std::fabs(rows.x.span.high));
  const NumberFormat format = axis_format(rows.ticks.step, largest, 1e4);
  std::vector<AxisLabel> labels;
  for (const double tick : rows.ticks.values) {
    const double x = rows.x(tick);
    canvas.vertical(tick == 0 ? kFrame : kGrid, x, rows.plot.y, rows.plot.bottom());
    labels.push_back({x, format_number(tick, format), {}});
  }
  for (const Level& level : pane.axes[0].levels) {
    const double x = canvas.snap(rows.x(level.y));
    canvas.add(Strokes{kMuted, canvas.hair(), true, {{{x, rows.plot.y}, {x, rows.plot.bottom()}}}});
  }
  keep_apart(labels, frame.x, frame.right(), style.font.size * 0.6,
             [&](const AxisLabel& label) { return text_width(label.text, style.font); });
  const double y = rows.plot.bottom() + 2 + 0.85 * style.font.size;
  for (const AxisLabel& label : labels) {
    canvas.text(label.text, style.font, kMuted, {label.at, y}, Anchor::kMiddle);
  }
}

/// Guides of bars that lie are lines across.
double guide_y(const Rows& rows, const Guide& guide) {
  return rows.plot.y + rows.row_height * (guide.x + 0.5);
}
void draw_guides(Canvas& canvas, const Pane& pane, const Rows& rows) {
  for (const Guide& guide : pane.guides) {
    const double y = guide_y(rows, guide);
    canvas.dashed({Role::kMuted, 0, 0.6}, rows.plot.x, rows.plot.right(), y);
  }
}
void name_lines(PlotLabels& labels, const Style& style, const Pane& pane, const Rows& rows) {
  const double beside = style.gap * 0.4, wide = rows.plot.width * 0.45;
  for (const Level& level : pane.axes[0].levels) {
    const double x = rows.x(level.y);
    bool done = level.label.empty();
    for (const double y :
         {rows.plot.bottom() - 0.5 * style.font.size, rows.plot.y + 1.1 * style.font.size}) {
      done = done || labels.try_add(level.label, kMuted, {x - beside, y}, Anchor::kEnd, wide) ||
             labels.try_add(level.label, kMuted, {x + beside, y}, Anchor::kStart, wide);
    }
  }
  for (const Guide& guide : pane.guides) {
    const double y = guide_y(rows, guide), x = rows.plot.right() - style.gap * 0.6;
    const double room = rows.plot.width * 0.45;
    const Point above{x, y - 0.35 * style.font.size}, below{x, y + 1.05 * style.font.size};
    if (guide.label.empty()) continue;
    if (labels.try_add(guide.label, kMuted, above, Anchor::kEnd, room)) continue;
    labels.try_add(guide.label, kMuted, below, Anchor::kEnd, room);
  }
}

void draw_bar(Canvas& canvas, const Series& series, const Rows& rows, std::size_t i,
              std::size_t lane) {
  const double value = series.y[i];
  if (std::isnan(value)) return;
  const double from = rows.x(series.base.empty() ? 0 : series.base[i]), to = rows.x(value);
  if (from == to) return;
  const double all = std::min(rows.row_height * kBarShare, 34.0 * static_cast<double>(rows.lanes));
  const double height = all / static_cast<double>(rows.lanes);
  const double middle = rows.plot.y + rows.row_height * (series.x[i] + 0.5);
  Ink ink = series.direction_ink(i, i + 1);
  ink.opacity = 0.9;
  canvas.box(ink, {std::min(from, to), middle - all / 2 + height * static_cast<double>(lane),
                   std::fabs(to - from), height});
}

void draw_value(PlotLabels& labels, const Style& style, const Series& series, const Rows& rows,
                std::size_t i) {
  const double value = series.y[i];
  const double middle = rows.plot.y + rows.row_height * (series.x[i] + 0.5);
  const double text_y = Canvas::baseline(middle, style.font);
  const bool negative = value < 0;
  const double end = std::isnan(value) ? rows.x(0) : rows.x(value);
  const double gap = style.gap * 0.5;
  labels.add(bar_text(rows, value), kText, {negative ? end - gap : end + gap, text_y},
             negative ? Anchor::kEnd : Anchor::kStart, rows.value_room);
}

/// Title and unit, then what each of several series is called, and which rows these are.
void draw_head(Canvas& canvas, const Style& style, const Pane& pane, Rect frame,
               const std::string& which) {
  const std::string& unit = pane.axes[0].unit;
  const bool say_unit = !unit.empty() && !pane.title.ends_with(unit);
  const std::string title = say_unit ? pane.title + ", " + unit : pane.title;
  const double middle = frame.y + style.line / 2;
  const bool one = pane.series.size() == 1;
  if (!which.empty()) {
    frame.width -= canvas.text(which, style.font, kMuted,
                               {frame.right(), Canvas::baseline(middle, style.font)}, Anchor::kEnd,
                               frame.width * 0.5) +
                   style.gap;
  }
  double x = frame.x + canvas.text(title, style.strong, kText,
                                   {frame.x, Canvas::baseline(middle, style.strong)},
                                   Anchor::kStart, one ? frame.width : frame.width * 0.45);
  if (one) return;
  std::size_t shown = 0;
  for (const Series& series : pane.series) {
    const double size = style.font.size;
    const double width = text_width(series.label, style.font);
    if (x + 5 * size + width + 4 * size > frame.right()) break;
    x += 1.5 * size;
    canvas.box(series.ink, {x, middle - size * 0.38, size * 1.1, size * 0.76});
    x += 1.5 * size;
    x += canvas.text(series.label, style.font, kMuted, {x, Canvas::baseline(middle, style.font)});
    ++shown;
  }
  const std::size_t hidden = pane.series.size() - shown + pane.series_left_out;
  std::string rest = hidden > 0 ? "+" + std::to_string(hidden) + " more" : "";
  x += 1.5 * style.font.size;
  canvas.text(rest, style.font, kMuted, {x, Canvas::baseline(middle, style.font)}, Anchor::kStart,
              frame.right() - x);
}

void draw_names(Canvas& canvas, const Style& style, const Panel& panel, const Rows& rows,
                Rect frame) {
  for (std::size_t i = 0; i < panel.categories.size(); ++i) {
    const double middle = rows.plot.y + rows.row_height * (static_cast<double>(i) + 0.5);
    canvas.text(panel.categories[i], style.font, kMuted,
                {rows.plot.x - style.gap * 0.6, Canvas::baseline(middle, style.font)}, Anchor::kEnd,
                rows.plot.x - style.gap * 0.6 - frame.x);
  }
}

}  // namespace

bool draw_bar_rows(Canvas& canvas, const Style& style, const Panel& whole, Rect frame) {
  const std::size_t count = rows_that_fit(style, whole, frame);
  if (count == 0) return false;
  const std::size_t all = whole.categories.size();
  std::optional<Panel> part;
  std::string which;
  if (count < all) {
    part = first_of(whole, count);
    which = "first " + std::to_string(count) + " of " + std::to_string(all);
  }
  const Panel& panel = part ? *part : whole;
  const Pane& pane = panel.panes.front();
  const Rows rows = plan_rows(canvas, style, panel, frame);
  canvas.clip(std::nullopt);
  draw_head(canvas, style, pane, frame, which);
  draw_caption(canvas, style, pane, rows.caption);
  draw_grid(canvas, style, pane, rows, frame);
  draw_guides(canvas, pane, rows);
  PlotLabels labels(canvas, style, rows.plot);
  const bool one = is_one(pane);
  for (std::size_t s = 0; s < pane.series.size(); ++s) {
    const Series& series = pane.series[s];
    for (std::size_t i = 0; i < series.size(); ++i) {
      draw_bar(canvas, series, rows, i, rows.lane[s]);
      if (one) draw_value(labels, style, series, rows, i);
    }
  }
  name_lines(labels, style, pane, rows);
  draw_names(canvas, style, panel, rows, frame);
  canvas.info({pane.name, pane.title, describe(whole, whole.panes.front()), frame, rows.plot});
  return true;
}

}  // namespace bourse::charting
