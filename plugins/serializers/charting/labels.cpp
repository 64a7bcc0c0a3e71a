// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/labels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "plugins/serializers/charting/marks.hpp"

namespace bourse::charting {
namespace {

constexpr Ink kText{Role::kText}, kMuted{Role::kMuted};

}  // namespace

Rect PlotLabels::place(double width, Point at, Anchor anchor) const {
  const double left = anchor == Anchor::kStart    ? at.x
                      : anchor == Anchor::kMiddle ? at.x - width / 2
                                                  : at.x - width;
  return {left, at.y - 0.8 * style_.font.size, width, 1.05 * style_.font.size};
}

void PlotLabels::add(std::string_view text, Ink ink, Point at, Anchor anchor, double room) {
  const double width = canvas_.text(text, style_.font, ink, at, anchor, room);
  taken_.push_back(place(width, at, anchor));
}

bool PlotLabels::try_add(std::string_view text, Ink ink, Point at, Anchor anchor, double room) {
  const std::string shown = fit_text(text, style_.font, room);
  if (shown.empty()) return false;
  const Rect rect = place(text_width(shown, style_.font), at, anchor);
  const bool touches =
      std::any_of(taken_.begin(), taken_.end(), [&](const Rect& r) { return r.overlaps(rect); });
  if (touches || !plot_.inset(1).covers(rect)) return false;
  canvas_.box({Role::kBackground, 0, 0.7}, rect);
  add(shown, ink, at, anchor);
  return true;
}

std::size_t draw_line_labels(PlotLabels& labels, const PanelPlan& panel, const PanePlan& pane) {
  std::size_t without_room = 0;
  const Style& style = labels.style();
  const Rect plot = labels.plot();
  const double gap = style.gap * 0.6, room = plot.width * 0.45;
  for (std::size_t side = 0; side < pane.axes.size(); ++side) {
    if (pane.axes[side].empty) continue;
    const bool at_left = panel.axis_on_right == (side == 0);
    const Anchor anchor = at_left ? Anchor::kStart : Anchor::kEnd;
    const double x = at_left ? plot.x + gap : plot.right() - gap;
    for (const Level& level : pane.pane->axes[side].levels) {
      const double y = pane.axes[side].scale(level.y);
      const Point above{x, y - 0.35 * style.font.size}, below{x, y + 1.05 * style.font.size};
      if (level.label.empty()) continue;
      if (labels.try_add(level.label, kMuted, above, anchor, room)) continue;
      if (!labels.try_add(level.label, kMuted, below, anchor, room)) ++without_room;
    }
  }
  constexpr std::size_t kRows = 4;
  for (const Guide& guide : pane.pane->guides) {
    const double x = panel.x(guide.x);
    bool done = guide.label.empty();
    for (std::size_t row = 0; row < kRows && !done; ++row) {
      const double y = plot.y + (1.1 + 1.25 * static_cast<double>(row)) * style.font.size;
      done = labels.try_add(guide.label, kMuted, {x + gap, y}, Anchor::kStart,
                            std::min(room, plot.right() - x - 2 * gap)) ||
             labels.try_add(guide.label, kMuted, {x - gap, y}, Anchor::kEnd,
                            std::min(room, x - plot.x - 2 * gap));
    }
    if (!done) ++without_room;
  }
  return without_room;
}

std::size_t draw_dot_labels(PlotLabels& labels, const PanelPlan& panel, const PanePlan& pane) {
  std::size_t without_room = 0;
  const double em = labels.style().font.size, room = labels.plot().width * 0.3;
  for (const Series& series : pane.pane->series) {
    for (std::size_t row = 0; row < series.texts.size(); ++row) {
      const std::string& text = series.texts[row];
      if (text.empty() || std::isnan(series.y[row])) continue;
      const Point at{panel.x(series.x[row]), pane.y(series)(series.y[row])};
      const double radius = series.sizes.empty() ? 2.5 : radius_of(*pane.pane, series.sizes[row]);
      const double beside = radius + 0.3 * em;
      if (labels.try_add(text, kText, {at.x + beside, at.y + 0.37 * em}, Anchor::kStart, room) ||
          labels.try_add(text, kText, {at.x - beside, at.y + 0.37 * em}, Anchor::kEnd, room) ||
          labels.try_add(text, kText, {at.x, at.y - beside}, Anchor::kMiddle, room)) {
        continue;
      }
      if (labels.try_add(text, kText, {at.x, at.y + beside + 0.8 * em}, Anchor::kMiddle, room)) {
        continue;
      }
      ++without_room;
    }
  }
  return without_room;
}

}  // namespace bourse::charting
