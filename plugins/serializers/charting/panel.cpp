// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/panel.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "plugins/serializers/charting/caption.hpp"
#include "plugins/serializers/charting/labels.hpp"
#include "plugins/serializers/charting/legend.hpp"
#include "plugins/serializers/charting/marks.hpp"
#include "plugins/serializers/charting/plan.hpp"

namespace bourse::charting {
namespace {

constexpr Ink kText{Role::kText}, kMuted{Role::kMuted}, kGrid{Role::kGrid}, kFrame{Role::kFrame};

void draw_grid(Canvas& canvas, const PanelPlan& panel, const PanePlan& pane) {
  for (const AxisLabel& label : pane.axes[0].labels) {
    if (label.at <= pane.plot.y || label.at >= pane.plot.bottom()) continue;
    canvas.horizontal(kGrid, pane.plot.x, pane.plot.right(), label.at);
  }
  if (panel.panel->axis == AxisKind::kCategory) return;
  for (const AxisLabel& label : panel.labels) {
    canvas.vertical(kGrid, label.at, pane.plot.y, pane.plot.bottom());
  }
}

void draw_guides(Canvas& canvas, const PanelPlan& panel, const PanePlan& pane) {
  constexpr Ink kLine{Role::kMuted, 0, 0.6};
  const Rect plot = pane.plot;
  const Scale& first = pane.axes[0].scale;
  if (!first.logarithmic && first.span.low < 0 && first.span.high > 0) {
    canvas.horizontal(kFrame, plot.x, plot.right(), first(0));
  }
  for (std::size_t side = 0; side < pane.axes.size(); ++side) {
    if (pane.axes[side].empty) continue;
    for (const Level& level : pane.pane->axes[side].levels) {
      canvas.dashed(kLine, plot.x, plot.right(), pane.axes[side].scale(level.y));
    }
  }
  for (const Guide& guide : pane.pane->guides) {
    canvas.dashed_vertical(kLine, panel.x(guide.x), plot.y, plot.bottom());
  }
}

/// From the newest close to its tag.
void draw_newest(Canvas& canvas, const PanePlan& pane) {
  for (const Series& series : pane.pane->series) {
    if (series.mark != Mark::kCandles) continue;
    for (std::size_t i = series.size(); i-- > 0;) {
      if (!std::isfinite(series.y[i])) continue;
      Ink ink = newest_ink(series);
      ink.opacity = 0.6;
      canvas.dashed(ink, pane.plot.x, pane.plot.right(), pane.y(series)(series.y[i]));
      break;
    }
  }
}

void draw_frame(Canvas& canvas, Rect plot) {
  const double hair = canvas.hair();
  canvas.add(Boxes{kFrame,
                   {{plot.x, plot.y, plot.width, hair},
                    {plot.x, plot.bottom() - hair, plot.width, hair},
                    {plot.x, plot.y, hair, plot.height},
                    {plot.right() - hair, plot.y, hair, plot.height}}});
}

void draw_y_axis(Canvas& canvas, const Style& style, const PanelPlan& panel, const PanePlan& pane,
                 std::size_t side) {
  const YAxis& axis = pane.axes[side];
  if (axis.empty || panel.bare) return;
  const bool right = panel.axis_on_right == (side == 0);
  const double gap = style.gap * 0.6;
  const double x = right ? pane.plot.right() + gap : pane.plot.x - gap;
  const Anchor anchor = right ? Anchor::kStart : Anchor::kEnd;
  const double other = std::ceil(panel.y_widths[1 - side]);
  const double room = panel.frame.width - pane.plot.width - gap - other;
  for (const AxisLabel& label : axis.labels) {
    canvas.text(label.text, style.font, kMuted, {x, Canvas::baseline(label.at, style.font)}, anchor,
                room);
  }
  for (const Tag& tag : axis.tags) {
    const double height = style.line - 1;
    const double left = right ? pane.plot.right() + canvas.hair() : panel.frame.x;
    const double end = right ? panel.frame.right() : pane.plot.x;
    canvas.box(tag.fill, {left, tag.at - height / 2, end - left, height});
    canvas.text(tag.text, style.font, readable_on(tag.fill),
                {x, Canvas::baseline(tag.at, style.font)}, anchor, room);
  }
}

void draw_slanted(Canvas& canvas, const Style& style, const PanelPlan& panel,
                  const AxisLabel& label) {
  const double top = baseline_below(panel, style, 1);
  // Ends under its slot and rises to it from the lower left.
  const double down = panel.x_axis.bottom() - top;
  const double left = label.at - panel.frame.x;
  const double room = std::min(down, left) / 0.7072 - style.font.size * 0.4;
  if (text_width(label.text, style.font) > room) return;  // cut, it might be another one
  canvas.text(label.text, style.font, kMuted, {label.at + style.font.size * 0.35, top},
              Anchor::kEnd, room, 45);
}

void draw_x_axis(Canvas& canvas, const Style& style, const PanelPlan& panel) {
  if (!has_line_below(panel, style, 1)) return;
  for (const AxisLabel& label : panel.labels) {
    if (panel.label_angle != 0) {
      draw_slanted(canvas, style, panel, label);
    } else {
      canvas.text(label.text, style.font, kMuted,
                  {label.at + label.moved, baseline_below(panel, style, 1)}, Anchor::kMiddle);
    }
  }
  if (!has_line_below(panel, style, 2)) return;
  const double second = baseline_below(panel, style, 2);
  for (const AxisLabel& label : panel.contexts) {
    canvas.text(label.text, style.font, kText, {label.at, second});
  }
  if (panel.panel->axis == AxisKind::kNumber) {
    canvas.text(panel.panel->x_label, style.font, kMuted, {panel.x.to, second}, Anchor::kEnd,
                panel.frame.width);
  }
}

void draw_no_data(Canvas& canvas, const Style& style, Rect plot) {
  const Point middle = plot.center();
  if (plot.height < style.font.size) return;
  canvas.text("no data", style.font, kMuted, {middle.x, Canvas::baseline(middle.y, style.font)},
              Anchor::kMiddle, plot.width);
}

/// Each bar's value at its end, if there is room for all of them.
void draw_bar_values(const Style& style, const PanelPlan& panel, const PanePlan& pane,
                     PlotLabels& labels) {
  if (!pane.bar_values || pane.empty) return;
  const Series& series = pane.pane->series.front();
  const YAxis& axis = pane.axes[series.axis];
  const double slot = panel.x(1) - panel.x(0);
  const auto text_of = [&](double v) { return bar_value(pane, series, v); };
  for (const double v : series.y) {
    if (text_width(text_of(v), style.font) + style.gap > slot) return;
  }
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (std::isnan(series.y[i])) continue;
    const bool negative = series.y[i] < 0;
    const double end = axis.scale(series.y[i]);
    const double y = negative ? end + 3 + 0.75 * style.font.size : end - 4;
    labels.add(text_of(series.y[i]), kText, {panel.x(series.x[i]), y}, Anchor::kMiddle);
  }
}

void draw_pane(Canvas& canvas, const Style& style, const PanelPlan& panel, const PanePlan& pane) {
  canvas.clip(pane.plot);
  if (!pane.empty) draw_grid(canvas, panel, pane);
  if (!pane.empty) draw_guides(canvas, panel, pane);
  draw_marks(canvas, panel, pane);
  draw_newest(canvas, pane);
  canvas.clip(std::nullopt);
  draw_frame(canvas, pane.plot);
  PlotLabels labels(canvas, style, pane.plot);
  draw_bar_values(style, panel, pane, labels);
  std::size_t labels_left_out = 0;
  if (pane.empty) {
    draw_no_data(canvas, style, pane.plot);
  } else {
    labels_left_out = draw_line_labels(labels, panel, pane);
    labels_left_out += draw_dot_labels(labels, panel, pane);
    for (std::size_t side = 0; side < pane.axes.size(); ++side) {
      draw_y_axis(canvas, style, panel, pane, side);
    }
  }
  draw_legend(canvas, style, panel, pane, labels_left_out);
  draw_caption(canvas, style, *pane.pane, pane.caption);
  std::string words = describe(*panel.panel, *pane.pane);
  if (labels_left_out > 0) words += "; labels without room: " + std::to_string(labels_left_out);
  canvas.info({pane.pane->name, pane.pane->title, std::move(words), pane.frame, pane.plot,
               panel.x.span.low, panel.x.span.high});
}

void draw_upright(Canvas& canvas, const Style& style, const Panel& panel, Rect frame) {
  const PanelPlan plan = plan_panel(canvas, style, panel, frame);
  for (const PanePlan& pane : plan.panes) draw_pane(canvas, style, plan, pane);
  draw_x_axis(canvas, style, plan);
}

}  // namespace

void draw_panel(Canvas& canvas, const Style& style, const Panel& panel, Rect frame) {
  if (frame.width < 4 * style.font.size || frame.height < 3 * style.line) return;
  if (panel.panes.front().heat) {
    draw_heat_map(canvas, style, panel.panes.front(), frame);
    return;
  }
  if (draw_bar_rows(canvas, style, panel, frame)) return;
  if (panel.horizontal) {
    Panel standing = panel;  // rarely: a copy of many values
    standing.horizontal = false;
    for (Pane& pane : standing.panes) pane.leave_out("lying: there is no room for these bars");
    draw_upright(canvas, style, standing, frame);
    return;
  }
  draw_upright(canvas, style, panel, frame);
}

}  // namespace bourse::charting
