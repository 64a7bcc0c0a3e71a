// SPDX-License-Identifier: MIT
//
// Words inside a plot: beside levels, guides and dots, where they touch no other word.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/plan.hpp"

namespace bourse::charting {

/// What stands in one plot so far.
class PlotLabels {
 public:
  PlotLabels(Canvas& canvas, const Style& style, Rect plot)
      : canvas_(canvas), style_(style), plot_(plot) {}

  /// Draws it, whatever else is there.
  void add(std::string_view text, Ink ink, Point at, Anchor anchor, double room = 1e9);
  /// Draws it on a veil, shortened to `room`, if it lies in the plot and touches nothing that was
  /// drawn before; false when it does not.
  bool try_add(std::string_view text, Ink ink, Point at, Anchor anchor, double room);

  [[nodiscard]] const Style& style() const noexcept { return style_; }
  [[nodiscard]] Rect plot() const noexcept { return plot_; }

 private:
  [[nodiscard]] Rect place(double width, Point at, Anchor anchor) const;

  Canvas& canvas_;
  const Style& style_;
  Rect plot_;
  std::vector<Rect> taken_;
};

/// Of levels, at the side away from their axis; of guides, at the top. Gives how many found no
/// room.
std::size_t draw_line_labels(PlotLabels& labels, const PanelPlan& panel, const PanePlan& pane);

/// Beside dots, as many as find room, the first rows first. Gives how many found none.
std::size_t draw_dot_labels(PlotLabels& labels, const PanelPlan& panel, const PanePlan& pane);

}  // namespace bourse::charting
