// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "bourse/detail/wide.hpp"
#include "plugins/serializers/charting/caption.hpp"
#include "plugins/serializers/charting/legend.hpp"

namespace bourse::charting {
namespace {

// ---- the panel ----------------------------------------------------------------------------------

Span x_span(const Panel& panel) {
  if (panel.axis == AxisKind::kCategory) {
    return {-0.5, std::max(1.0, static_cast<double>(panel.categories.size())) - 0.5};
  }
  if (!panel.x) return {0, 1};
  Span span = *panel.x;
  if (panel.step > 0) return settle({span.low - panel.step / 2, span.high + panel.step / 2});
  constexpr double kHour = 3.6e12;
  if (span.low == span.high) {
    const double around = panel.axis == AxisKind::kTime ? kHour
                          : panel.whole                 ? 0.5
                                                        : std::fabs(span.low) * 0.05;
    return settle({span.low - around, span.high + around});
  }
  const bool sized = std::any_of(panel.panes.begin(), panel.panes.end(),
                                 [](const Pane& pane) { return pane.size.has_value(); });
  const double air = (sized ? 0.03 : 0.01) * span.length();
  return settle({span.low - air, span.high + air});
}

std::size_t longest_series(const Panel& panel) {
  std::size_t longest = 0;
  for (const Pane& pane : panel.panes) {
    for (const Series& series : pane.series) longest = std::max(longest, series.size());
  }
  return longest;
}

Slots plan_slots(const Canvas& canvas, PanelPlan& plan) {
  Slots slots;
  for (const Pane& pane : plan.panel->panes) {
    std::size_t lanes = 1;
    bar_lanes(pane, lanes);
    slots.lanes = std::max(slots.lanes, lanes);
  }
  slots.first = plan.x.span.low;
  slots.length = plan.panel->step > 0 ? plan.panel->step : plan.x.span.length();
  // At least two device pixels for each lane and one between slots.
  const double device_pixels = (plan.x.to - plan.x.from) / canvas.device_pixel();
  const double slots_max =
      std::max(1.0, std::floor(device_pixels / static_cast<double>(2 * slots.lanes + 1)));
  const double rows = plan.x.span.length() / slots.length;
  if (rows > slots_max) {
    const double rows_per_slot = std::ceil(rows / slots_max);
    slots.shared = true;
    slots.length *= rows_per_slot;
    if (2 * static_cast<double>(longest_series(*plan.panel)) > rows) {
      slots.rows_per_mark = static_cast<std::size_t>(rows_per_slot);
    }
    // A whole number of slots, so that the last one is as wide as the others.
    slots.count = std::ceil(plan.x.span.length() / slots.length - 1e-9);
    plan.x.span.high = plan.x.span.low + slots.count * slots.length;
  }
  return slots;
}

/// One bar for each name.
bool may_have_values(const Panel& panel, const Pane& pane) {
  return panel.axis == AxisKind::kCategory && pane.series.size() == 1 && pane.has(Mark::kBars) &&
         !pane.series.front().repeats_x();
}

double weight_of(const Pane& pane) { return pane.has(Mark::kCandles) ? 4.0 : 1.0; }

/// Splits the height among panes; drops the last ones when they would get too low to read.
void plan_rows(const Canvas& canvas, PanelPlan& plan, const Style& style, double height) {
  const double lowest = style.line * 2.6;
  // The first one is what the picture is of: it has twice the height before there is a second one.
  const double for_others = std::max(0.0, height - 6 * style.line) / (1.2 * lowest);
  const std::size_t shown =
      std::min(plan.panel->panes.size(), 1 + static_cast<std::size_t>(for_others));
  plan.panes_left_out = plan.panel->panes.size() - shown;
  double weights = 0;
  for (std::size_t i = 0; i < shown; ++i) weights += weight_of(plan.panel->panes[i]);
  double y = plan.frame.y;
  const double to_share = height - lowest * static_cast<double>(shown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Pane& pane = plan.panel->panes[i];
    const double share = std::max(0.0, lowest + to_share * weight_of(pane) / weights);
    PanePlan& pane_plan = plan.panes.emplace_back();
    pane_plan.pane = &pane;
    pane_plan.frame = {plan.frame.x, y, plan.frame.width, share};
    const double lines =
        plan.bare ? 0 : static_cast<double>(legend_lines(style, plan, pane, share));
    pane_plan.legend = {plan.frame.x, y, plan.frame.width, std::min(lines * style.line, share)};
    pane_plan.caption = caption_rect(style, pane, pane_plan.legend, share);
    pane_plan.bar_values = may_have_values(*plan.panel, pane);
    const double above = lines * style.line + pane_plan.caption.height + 2;
    pane_plan.plot = canvas.snap(Rect{plan.frame.x, y + above, plan.frame.width,
                                      std::max(1.0, share - above - style.gap * 0.6)});
    y += share;
  }
}

double y_axis_width(const PanelPlan& plan, const Style& style, std::size_t side) {
  const bool used = std::any_of(plan.panes.begin(), plan.panes.end(),
                                [&](const PanePlan& pane) { return !pane.axes[side].empty; });
  if (plan.bare || (side == 1 && !used)) return 0;
  double width = style.font.size * 2;
  for (const PanePlan& pane : plan.panes) {
    const YAxis& axis = pane.axes[side];
    for (const AxisLabel& label : axis.labels) {
      width = std::max(width, text_width(label.text, style.font));
    }
    for (const Tag& tag : axis.tags) width = std::max(width, text_width(tag.text, style.font));
  }
  return std::min(std::ceil(width) + style.gap + 2, plan.frame.width * (side == 0 ? 0.4 : 0.25));
}

// ---- x labels -----------------------------------------------------------------------------------

void label_times(PanelPlan& plan, const Style& style) {
  const Panel& panel = *plan.panel;
  const auto labels =
      fit_time_labels(time_at(panel, plan.x.span.low), time_at(panel, plan.x.span.high),
                      plan.x.to - plan.x.from, style.font);
  for (const TimeLabel& label : labels) {
    const double x = static_cast<double>(static_cast<detail::Int128>(label.at) - panel.origin);
    plan.labels.push_back({plan.x(x), label.text, label.context});
  }
}

void label_numbers(PanelPlan& plan, const Style& style) {
  const double width = plan.x.to - plan.x.from;
  const double largest = std::max(std::fabs(plan.x.span.low), std::fabs(plan.x.span.high));
  auto count = static_cast<std::size_t>(std::max(1.0, width / (3 * style.font.size)));
  for (; count > 0; count = count * 3 / 4) {
    const Ticks ticks = number_ticks(plan.x.span, count, plan.panel->whole);
    const NumberFormat format = axis_format(ticks.step, largest, 1e9);
    plan.labels.clear();
    double widest = 0;
    for (const double tick : ticks.values) {
      plan.labels.push_back({plan.x(tick), format_number(tick, format), {}});
      widest = std::max(widest, text_width(plan.labels.back().text, style.font));
    }
    const double distance = ticks.step.value() / plan.x.span.length() * width;
    if (distance >= widest + 2.2 * style.font.size) break;
  }
}

/// Upright if they fit, else at 45 degrees, else every nth of them.
void label_categories(PanelPlan& plan, const Style& style) {
  const auto& names = plan.panel->categories;
  const double slot = (plan.x.to - plan.x.from) / std::max(1.0, static_cast<double>(names.size()));
  double widest = 0;
  for (const auto& name : names) widest = std::max(widest, text_width(name, style.font));
  plan.label_angle = widest + style.font.size * 0.6 <= slot ? 0 : 45;
  const double diagonal = style.line * 1.4143;
  const auto every = plan.label_angle == 0
                         ? std::size_t{1}
                         : static_cast<std::size_t>(std::max(1.0, std::ceil(diagonal / slot)));
  for (std::size_t i = 0; i < names.size(); i += every) {
    plan.labels.push_back({plan.x(static_cast<double>(i)), names[i], {}});
  }
}

/// Before the width of the plots is known exactly: what the labels under them will need.
double x_axis_height(const Panel& panel, const Style& style, Rect frame) {
  const double one_line = style.line + 4;
  if (frame.height < 8 * style.line) return std::min(style.gap, frame.height * 0.1);
  if (panel.axis == AxisKind::kTime) return std::min(one_line + style.line, frame.height * 0.3);
  if (panel.axis == AxisKind::kNumber) return std::min(one_line + style.line, frame.height * 0.3);
  double widest = 0;
  for (const auto& name : panel.categories) widest = std::max(widest, text_width(name, style.font));
  const double slot =
      frame.width * 0.8 / std::max<double>(1, static_cast<double>(panel.categories.size()));
  if (widest + style.font.size * 0.6 <= slot) return std::min(one_line, frame.height * 0.3);
  const double longest = std::min(widest, style.font.size * 14);
  return std::min(longest * 0.7072 + one_line, frame.height * 0.4);
}

void plan_x(const Canvas& canvas, PanelPlan& plan, const Style& style) {
  const Rect plot = plan.panes.front().plot;
  plan.x = {x_span(*plan.panel), plot.x, plot.right()};
  plan.labels.clear();
  plan.contexts.clear();
  plan.slots = plan_slots(canvas, plan);
  if (!plan.panel->x) return;
  switch (plan.panel->axis) {
    case AxisKind::kTime:
      label_times(plan, style);
      break;
    case AxisKind::kNumber:
      label_numbers(plan, style);
      break;
    case AxisKind::kCategory:
      label_categories(plan, style);
      return;
  }
  const auto width = [&](const AxisLabel& label) { return text_width(label.text, style.font); };
  const auto inside = [&](const AxisLabel& label) {
    return label.at - width(label) / 2 >= plan.frame.x;
  };
  // What the first label belongs to is said by the next one when there is no room for the first.
  for (std::size_t i = 0; i + 1 < plan.labels.size() && !inside(plan.labels[i]); ++i) {
    std::string& next = plan.labels[i + 1].context;
    if (next.empty()) next = plan.labels[i].context;
    if (year_of(next).empty()) next += year_of(plan.labels[i].context);
  }
  keep_apart(plan.labels, plan.frame.x, plan.frame.right(), style.font.size * 0.6, width);
  plan_contexts(plan, style);
}

}  // namespace

double baseline_below(const PanelPlan& panel, const Style& style, int line) {
  constexpr double kBelowPlot = 1.25;  // in ems: clear of the lowest label beside the plot
  return panel.x_axis.y + kBelowPlot * style.font.size + (line - 1) * style.line;
}

bool has_line_below(const PanelPlan& panel, const Style& style, int line) {
  return baseline_below(panel, style, line) + 0.24 * style.font.size <= panel.x_axis.bottom();
}

std::vector<std::size_t> bar_lanes(const Pane& pane, std::size_t& count) {
  std::vector<std::size_t> lanes(pane.series.size(), 0);
  std::vector<std::size_t> bars;  // one for each stack, and for each that stands for itself
  const auto is_first = [&](std::size_t i) {
    const int stack = pane.series[i].stack;
    return stack < 0 || std::none_of(bars.begin(), bars.end(), [&](std::size_t other) {
             return pane.series[other].stack == stack;
           });
  };
  for (std::size_t i = 0; i < pane.series.size(); ++i) {
    if (pane.series[i].mark == Mark::kBars && is_first(i)) bars.push_back(i);
  }
  count = 1;
  if (bars.size() < 2) return lanes;
  std::vector<double> all;
  for (const std::size_t i : bars) {
    std::vector<double> own = pane.series[i].x;  // sorted
    own.erase(std::unique(own.begin(), own.end()), own.end());
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end());
  if (std::adjacent_find(all.begin(), all.end()) == all.end()) return lanes;
  for (std::size_t lane = 0; lane < bars.size(); ++lane) {
    const int stack = pane.series[bars[lane]].stack;
    lanes[bars[lane]] = lane;
    for (std::size_t i = 0; stack >= 0 && i < lanes.size(); ++i) {
      if (pane.series[i].stack == stack) lanes[i] = lane;
    }
  }
  count = bars.size();
  return lanes;
}

namespace {

/// What the marks of rows that add up reach.
bool add_sums(PanelPlan& plan) {
  bool grew = false;
  if (!plan.slots.shared) return grew;
  for (PanePlan& pane : plan.panes) {
    for (const Series& series : pane.pane->series) {
      if (!series.adds_up) continue;
      Span& span = pane.sums[series.axis];
      double slot = -1, sum = 0;
      for (std::size_t i = 0; i < series.size(); ++i) {
        if (plan.slots.slot_of(series.x[i]) != slot) sum = 0;
        slot = plan.slots.slot_of(series.x[i]);
        if (!std::isnan(series.y[i])) sum += series.y[i];
        grew = grew || sum > span.high || sum < span.low;
        span = {std::min(span.low, sum), std::max(span.high, sum)};
      }
    }
  }
  return grew;
}

void lay_out(const Canvas& canvas, PanelPlan& plan, const Style& style) {
  const Rect frame = plan.frame;
  for (PanePlan& pane : plan.panes) plan_values(pane, style, plan.axis_on_right);
  for (std::size_t side = 0; side < 2; ++side) {
    plan.y_widths[side] = std::max(plan.y_widths[side], y_axis_width(plan, style, side));
  }
  const double second = std::ceil(plan.y_widths[1]);
  for (PanePlan& pane : plan.panes) {
    pane.plot.width = std::max(1.0, std::floor(frame.width - plan.y_widths[0]) - second);
    pane.plot.x = plan.axis_on_right ? frame.x + second : frame.right() - second - pane.plot.width;
    pane.plot = canvas.snap(pane.plot);
    for (YAxis& axis : pane.axes) {
      axis.scale.from = pane.plot.bottom();
      axis.scale.to = pane.plot.y;
    }
  }
  const double bottom = plan.panes.back().plot.bottom();
  plan.x_axis = {frame.x, bottom, frame.width, frame.bottom() - bottom};
  plan_x(canvas, plan, style);
}

}  // namespace

PanelPlan plan_panel(const Canvas& canvas, const Style& style, const Panel& panel, Rect frame) {
  PanelPlan plan;
  plan.panel = &panel;
  plan.frame = frame;
  plan.bare = frame.width < 14 * style.font.size;
  plan.axis_on_right = panel.axis == AxisKind::kTime;
  const double x_axis = x_axis_height(panel, style, frame);
  plan_rows(canvas, plan, style, frame.height - x_axis);
  // Sums are known once it is known which rows share a mark, and that by the width of the axis.
  constexpr int kRounds = 4;
  for (int round = 0; round == 0 || (round < kRounds && add_sums(plan)); ++round) {
    lay_out(canvas, plan, style);
  }
  return plan;
}

}  // namespace bourse::charting
