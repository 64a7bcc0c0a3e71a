// SPDX-License-Identifier: MIT
//
// Where everything of one panel goes: plots of all panes aligned, axes wide enough for their
// labels, scales, ticks and tags that do not touch. Computed before anything is drawn.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/model.hpp"
#include "plugins/serializers/charting/time_ticks.hpp"

namespace bourse::charting {

/// From values to pixels.
struct Scale {
  Span span;                 ///< of values, or of their logarithms (to 10)
  double from = 0, to = 1;   ///< pixels of span.low and span.high
  bool logarithmic = false;  ///< then every value is above 0
  [[nodiscard]] double operator()(double value) const noexcept {
    const double at = logarithmic ? std::log10(value) : value;
    return from + (at - span.low) / span.length() * (to - from);
  }
  /// Where bars and areas begin: zero, or the end that is nearest to it.
  [[nodiscard]] double zero() const noexcept {
    return logarithmic ? from : (*this)(std::clamp(0.0, span.low, span.high));
  }
};

struct AxisLabel {
  double at = 0;  ///< pixels along the axis
  std::string text;
  std::string context;  ///< second line, time only
  double moved = 0;     ///< of the text, to stay inside
};

/// The newest value of a series, on its colour, at the axis.
struct Tag {
  double at = 0;  ///< centre, in pixels
  std::string text;
  Ink fill;
};

/// One of the two y axes of a pane.
struct YAxis {
  bool empty = true;  ///< no value stands on it
  Scale scale;
  NumberFormat format;      ///< of axis labels
  int decimals = 0;         ///< of single values
  double compact_from = 0;  ///< from where values are shown as K, M, ...
  std::vector<AxisLabel> labels;
  std::vector<Tag> tags;
};

struct PanePlan {
  const Pane* pane = nullptr;
  Rect frame, legend, caption, plot;
  bool empty = true;        ///< nothing to draw: it says so
  bool bar_values = false;  ///< there is room for a value at the end of each bar
  std::array<YAxis, 2> axes;
  std::array<Span, 2> sums = {Span{0, 0}, Span{0, 0}};  ///< of rows that share a mark and add up

  [[nodiscard]] const Scale& y(const Series& series) const noexcept {
    return axes[series.axis].scale;
  }
};

/// How bars and candles stand along x. Where they would be too narrow to keep a gap between them,
/// several rows share one mark.
struct Slots {
  double first = 0;               ///< x where the first begins
  double length = 1;              ///< in x
  double count = 1;               ///< of slots, where they are shared
  std::size_t lanes = 1;          ///< bars side by side in one slot
  bool shared = false;            ///< rows of one slot share a mark
  std::size_t rows_per_mark = 0;  ///< then, where rows are evenly spaced; 0: it differs
  [[nodiscard]] double slot_of(double x) const noexcept {
    return std::min(std::floor((x - first) / length), count - 1);
  }
};

struct PanelPlan {
  const Panel* panel = nullptr;
  Rect frame;
  Rect x_axis;
  bool bare = false;                    ///< too narrow for words beside the plots: these are alone
  bool axis_on_right = false;           ///< the first y axis, and the second on the left
  std::array<double, 2> y_widths = {};  ///< of the y axes, in pixels
  Scale x;
  Slots slots;
  std::vector<AxisLabel> labels;
  std::vector<AxisLabel> contexts;  ///< second line; each begins where its first label does
  double label_angle = 0;
  std::vector<PanePlan> panes;
  std::size_t panes_left_out = 0;  ///< for which there is no room
};

/// Whether a panel has room for the first, and the second, line under its plots.
[[nodiscard]] bool has_line_below(const PanelPlan& panel, const Style& style, int line);
/// The baseline of that line.
[[nodiscard]] double baseline_below(const PanelPlan& panel, const Style& style, int line);

/// Sees to it that every label of a time axis is read as what it is: what it belongs to stands in
/// the second line under the first label of each stretch, or, where that has no room, in the label.
void plan_contexts(PanelPlan& plan, const Style& style);

PanelPlan plan_panel(const Canvas& canvas, const Style& style, const Panel& panel, Rect frame);

/// Scale, labels and tags of a pane whose plot has its height.
void plan_values(PanePlan& plan, const Style& style, bool tags);

/// A value of a pane's axis as it stands in legends and tags.
std::string pane_value(const PanePlan& plan, std::size_t axis, double value);

/// A bar's value, at its end.
std::string bar_value(const PanePlan& plan, const Series& series, double value);
/// How much of a plot the values of bars take above, and below.
double bar_value_above(const Style& style);
double bar_value_below(const Style& style);

/// Colour of a series at its newest value: candles have two.
Ink newest_ink(const Series& series);

/// Which lane each series of bars stands in; 0 for other series. Lanes are used where two series
/// have bars at the same x; what is stacked shares one.
std::vector<std::size_t> bar_lanes(const Pane& pane, std::size_t& count);

/// Drops labels that touch the one before (`gap` apart) or reach out of [low, high].
/// `extent` is a label's length along the axis.
template <class Extent>
void keep_apart(std::vector<AxisLabel>& labels, double low, double high, double gap,
                const Extent& extent) {
  double free_from = low;
  std::erase_if(labels, [&](const AxisLabel& label) {
    const double half = extent(label) / 2;
    if (label.at - half < free_from || label.at + half > high) return true;
    free_from = label.at + half + gap;
    return false;
  });
}

}  // namespace bourse::charting
