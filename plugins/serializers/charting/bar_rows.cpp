// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <string>

#include "plugins/serializers/charting/numbers.hpp"
#include "plugins/serializers/charting/panel.hpp"
#include "plugins/serializers/charting/plan.hpp"
#include "plugins/serializers/charting/ticks.hpp"

namespace bourse::charting {
namespace {

constexpr Ink kText{Role::kText}, kMuted{Role::kMuted}, kGrid{Role::kGrid}, kFrame{Role::kFrame};
constexpr double kRowMin = 1.25;  ///< in ems

double widest_of(const std::vector<std::string>& names, Font font) {
  double widest = 0;
  for (const auto& name : names) widest = std::max(widest, text_width(name, font));
  return widest;
}

/// One series of bars, names that do not fit side by side, and room for a row each.
bool is_fit(const Style& style, const Panel& panel, Rect frame) {
  if (panel.axis != AxisKind::kCategory || panel.panes.size() != 1) return false;
  const Pane& pane = panel.panes.front();
  if (pane.series.size() != 1 || !pane.has(Mark::kBars) || pane.series_left_out > 0) return false;
  if (pane.series.front().repeats_x()) return false;
  const auto n = static_cast<double>(panel.categories.size());
  const bool upright =
      widest_of(panel.categories, style.font) + style.font.size * 0.6 <= frame.width * 0.85 / n;
  const double height = frame.height - 2 * style.line - 8;
  return n > 0 && panel.x && !upright && height / n >= kRowMin * style.font.size;
}

struct Rows {
  Rect plot;
  Scale x;
  Ticks ticks;
  double row_height = 1;
  int decimals = 2;
  double value_room = 0;  ///< beyond the longest bars, for their values
};

Span value_span(const Pane& pane) {
  Span span{0, 0};
  for (const double v : pane.series.front().y) {
    if (std::isnan(v)) continue;
    span = {std::min(span.low, v), std::max(span.high, v)};
  }
  if (pane.range) {
    span = {std::min(span.low, pane.range->low), std::max(span.high, pane.range->high)};
  }
  for (const double level : pane.levels) {
    span = {std::min(span.low, level), std::max(span.high, level)};
  }
  return settle(span);
}

std::string bar_text(const Rows& rows, double value) {
  return format_number(value, value_format(value, rows.decimals, 1e4));
}

Rows plan_rows(const Canvas& canvas, const Style& style, const Panel& panel, Rect frame) {
  const Pane& pane = panel.panes.front();
  Rows rows;
  const Span span = value_span(pane);
  const double names =
      std::min(std::ceil(widest_of(panel.categories, style.font)), frame.width * 0.35);
  const double left = frame.x + names + style.gap;
  rows.plot = canvas.snap(Rect{left, frame.y + style.line + 2, frame.right() - left,
                               frame.height - 2 * style.line - 6});
  rows.ticks = number_ticks(
      span, static_cast<std::size_t>(std::max(2.0, rows.plot.width / style.font.size / 6)));
  const int given = pane.series.front().decimals;
  rows.decimals = std::clamp(given >= 0 ? given : 1 - rows.ticks.step.exponent, 0, 8);
  for (const double v : pane.series.front().y) {
    rows.value_room = std::max(rows.value_room, text_width(bar_text(rows, v), style.font));
  }
  rows.value_room = std::min(rows.value_room + style.gap, rows.plot.width * 0.3);
  const double before = span.low < 0 ? rows.value_room : 0;
  const double after = span.high > 0 ? rows.value_room : 0;
  rows.x = {span, rows.plot.x + before, rows.plot.right() - after};
  rows.row_height = rows.plot.height / static_cast<double>(panel.categories.size());
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
  for (const double level : pane.levels) {
    const double x = canvas.snap(rows.x(level));
    canvas.add(Strokes{kMuted, canvas.hair(), true, {{{x, rows.plot.y}, {x, rows.plot.bottom()}}}});
  }
  keep_apart(labels, frame.x, frame.right(), style.font.size * 0.6,
             [&](const AxisLabel& label) { return text_width(label.text, style.font); });
  const double y = rows.plot.bottom() + 2 + 0.85 * style.font.size;
  for (const AxisLabel& label : labels) {
    canvas.text(label.text, style.font, kMuted, {label.at, y}, Anchor::kMiddle);
  }
}

void draw_row(Canvas& canvas, const Style& style, const Series& series, const Rows& rows,
              std::size_t i, bool is_signed) {
  const double value = series.y[i];
  const double middle = rows.plot.y + rows.row_height * (series.x[i] + 0.5);
  const double text_y = Canvas::baseline(middle, style.font);
  const bool negative = value < 0;
  const double zero = rows.x(0), end = std::isnan(value) ? zero : rows.x(value);
  if (!std::isnan(value) && end != zero) {
    const double height = std::min(rows.row_height * 0.68, 34.0);
    Ink ink = is_signed ? Ink{negative ? Role::kDown : Role::kUp} : series.ink;
    ink.opacity = 0.9;
    canvas.box(ink, {std::min(zero, end), middle - height / 2, std::fabs(end - zero), height});
  }
  const double gap = style.gap * 0.5;
  canvas.text(bar_text(rows, value), style.font, kText, {negative ? end - gap : end + gap, text_y},
              negative ? Anchor::kEnd : Anchor::kStart, rows.value_room);
}

}  // namespace

bool draw_bar_rows(Canvas& canvas, const Style& style, const Panel& panel, Rect frame) {
  if (!is_fit(style, panel, frame)) return false;
  const Pane& pane = panel.panes.front();
  const Series& series = pane.series.front();
  const Rows rows = plan_rows(canvas, style, panel, frame);
  canvas.clip(std::nullopt);
  const bool say_unit = !pane.unit.empty() && !pane.title.ends_with(pane.unit);
  const std::string title = say_unit ? pane.title + ", " + pane.unit : pane.title;
  canvas.text(title, style.strong, kText,
              {frame.x, Canvas::baseline(frame.y + style.line / 2, style.strong)}, Anchor::kStart,
              frame.width);
  draw_grid(canvas, style, pane, rows, frame);
  const bool is_signed =
      std::any_of(series.y.begin(), series.y.end(), [](double v) { return v < 0; });
  for (std::size_t i = 0; i < series.size(); ++i) {
    draw_row(canvas, style, series, rows, i, is_signed);
  }
  for (std::size_t i = 0; i < panel.categories.size(); ++i) {
    const double middle = rows.plot.y + rows.row_height * (static_cast<double>(i) + 0.5);
    canvas.text(panel.categories[i], style.font, kMuted,
                {rows.plot.x - style.gap * 0.6, Canvas::baseline(middle, style.font)}, Anchor::kEnd,
                rows.plot.x - style.gap * 0.6 - frame.x);
  }
  canvas.info({pane.name, pane.title, describe(panel, pane), frame, rows.plot});
  return true;
}

}  // namespace bourse::charting
