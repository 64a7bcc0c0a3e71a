// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "plugins/serializers/charting/plan.hpp"

namespace bourse::charting {
namespace {

constexpr double kAir = 0.06;

// ---- values of a pane ---------------------------------------------------------------------------

/// Grows with what is added; empty until then.
class Extent {
 public:
  void add(double value) {
    if (!std::isfinite(value)) return;
    span_ = span_ ? Span{std::min(span_->low, value), std::max(span_->high, value)}
                  : Span{value, value};
  }
  void add(const std::vector<double>& values) {
    for (const double v : values) add(v);
  }
  [[nodiscard]] const std::optional<Span>& span() const { return span_; }

 private:
  std::optional<Span> span_;
};

std::optional<Span> data_span(const Pane& pane, std::size_t side) {
  Extent extent;
  for (const Series& series : pane.series) {
    if (series.axis != side) continue;
    extent.add(series.y);
    extent.add(series.low);
    extent.add(series.open);
    extent.add(series.high);
  }
  return extent.span();
}

/// Bars start at zero; so do areas, unless their values are so far from it that their shape would
/// be lost.
bool stands_on_zero(const Pane& pane, std::size_t side, Span data) {
  if (pane.has(Mark::kBars, side) || pane.has(Mark::kStepArea, side)) return true;
  const bool stacked = std::any_of(pane.series.begin(), pane.series.end(),
                                   [&](const Series& s) { return s.axis == side && s.stack >= 0; });
  if (stacked) return true;
  const bool one_sign = data.low >= 0 || data.high <= 0;
  const double nearest = std::min(std::fabs(data.low), std::fabs(data.high));
  const double farthest = std::max(std::fabs(data.low), std::fabs(data.high));
  return pane.has(Mark::kArea, side) && (!one_sign || nearest < 0.4 * farthest);
}

/// What the y axis spans: the data and a little air, zero, levels, the range that was asked for.
Span y_span(const Pane& pane, std::size_t side, Span data) {
  const Axis& axis = pane.axes[side];
  const bool zero = stands_on_zero(pane, side, data);
  if (zero) data = {std::min(data.low, 0.0), std::max(data.high, 0.0)};
  for (const Level& level : axis.levels) {
    data = {std::min(data.low, level.y), std::max(data.high, level.y)};
  }
  const bool flat = data.low == data.high;
  data = settle(data);
  Span out = data;
  if (!flat) {
    const double air = kAir * data.length();
    if (!(zero && data.low == 0)) out.low -= air;
    if (!(zero && data.high == 0)) out.high += air;
  }
  if (axis.range) {  // air beyond the asked range only where the data reach it
    const Span range = *axis.range;
    out.low = range.low <= data.low ? range.low : std::min(out.low, range.low);
    out.high = range.high >= data.high ? range.high : std::max(out.high, range.high);
  }
  return settle(out);
}

/// Widened so that the values at the ends of the bars are inside; false: the plot is too low.
bool make_room_for_values(const PanePlan& plan, const Style& style, Span data, Span& span) {
  const double height = plan.plot.height;
  const double above = data.high > 0 ? bar_value_above(style) / height : 0;
  const double below = data.low < 0 ? bar_value_below(style) / height : 0;
  if (above + below > 0.5) return false;
  constexpr int kRounds = 40;  // each end moves the other; by half at most, so that it converges
  for (int i = 0; i < kRounds; ++i) {
    span.high = std::max(span.high, std::max(data.high, 0.0) + above * span.length());
    span.low = std::min(span.low, std::min(data.low, 0.0) - below * span.length());
  }
  return true;
}

/// The same in logarithms. REQUIRES: data and levels above 0. Of a range only ends above 0 count.
Span log_span(const Axis& axis, Span data) {
  for (const Level& level : axis.levels) {
    data = {std::min(data.low, level.y), std::max(data.high, level.y)};
  }
  Span out = settle({std::log10(data.low), std::log10(data.high)});
  if (data.low != data.high) {
    const double air = kAir * out.length();
    out = {out.low - air, out.high + air};
  }
  if (axis.range && axis.range->low > 0) out.low = std::min(out.low, std::log10(axis.range->low));
  if (axis.range && axis.range->high > 0) {
    out.high = std::max(out.high, std::log10(axis.range->high));
  }
  return settle(out);
}

/// About one label in two and a half lines, closer where a plot is low.
std::size_t ticks_that_fit(double lines) {
  return static_cast<std::size_t>(std::max({2.0, std::min(4.0, lines / 1.5), lines / 2.5}));
}

/// Fills ticks and how they are written.
void plan_ticks(YAxis& axis, std::size_t ticks_max, bool whole, int& exponent) {
  if (axis.scale.logarithmic) {
    const auto ticks = log_ticks(axis.scale.span, ticks_max);
    exponent = ticks.empty() ? 0 : ticks.front().step.exponent;
    for (const LogTick& tick : ticks) {
      const NumberFormat format = axis_format(tick.step, tick.value, axis.compact_from);
      axis.labels.push_back({axis.scale(tick.value), format_number(tick.value, format), {}});
    }
    return;
  }
  const Span span = axis.scale.span;
  const Ticks ticks = number_ticks(span, ticks_max, whole);
  const double largest = std::max(std::fabs(span.low), std::fabs(span.high));
  axis.format = axis_format(ticks.step, largest, axis.compact_from);
  exponent = ticks.step.exponent;
  for (const double tick : ticks.values) {
    axis.labels.push_back({axis.scale(tick), format_number(tick, axis.format), {}});
  }
}

void plan_numbers(PanePlan& plan, std::size_t side, std::size_t ticks_max) {
  YAxis& axis = plan.axes[side];
  const bool prices = plan.pane->has(Mark::kCandles, side);
  const bool bars = plan.pane->has(Mark::kBars, side) || plan.pane->has(Mark::kStepArea, side);
  axis.compact_from = prices ? 1e9 : bars ? 1e4 : 1e6;
  int exponent = 0;
  plan_ticks(axis, ticks_max, plan.pane->whole(side), exponent);
  int decimals = -1;
  for (const Series& series : plan.pane->series) {
    if (series.axis == side) decimals = std::max(decimals, series.decimals);
  }
  axis.decimals = decimals >= 0 ? decimals : std::clamp(2 - exponent, 0, 12);
  if (decimals < 0 && exponent > 1) axis.decimals = std::min(axis.decimals + 1, 2);
}

double newest(const std::vector<double>& values) {
  for (auto it = values.rbegin(); it != values.rend(); ++it) {
    if (std::isfinite(*it)) return *it;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

// ---- tags ---------------------------------------------------------------------------------------

/// Moves tags apart, keeping their order, within [low, high].
void spread(std::vector<Tag>& tags, double height, double low, double high) {
  std::stable_sort(tags.begin(), tags.end(),
                   [](const Tag& a, const Tag& b) { return a.at < b.at; });
  double free_from = low + height / 2;
  for (Tag& tag : tags) {
    tag.at = std::max(tag.at, free_from);
    free_from = tag.at + height;
  }
  double free_to = high - height / 2;
  for (auto it = tags.rbegin(); it != tags.rend(); ++it) {
    it->at = std::min(it->at, free_to);
    free_to = it->at - height;
  }
}

void plan_tags(PanePlan& plan, std::size_t side, const Style& style) {
  YAxis& axis = plan.axes[side];
  const auto most = static_cast<std::size_t>(std::max(0.0, plan.plot.height / style.line / 2));
  for (const Series& series : plan.pane->series) {
    const bool line = series.mark != Mark::kBand && series.mark != Mark::kBars &&
                      series.mark != Mark::kDots && series.stack < 0;
    if (series.axis != side || !line) continue;
    const double value = newest(series.y);
    if (!std::isfinite(value) || axis.tags.size() >= most) continue;
    axis.tags.push_back({axis.scale(value), pane_value(plan, side, value), newest_ink(series)});
  }
  const double height = style.line - 1;
  spread(axis.tags, height, plan.plot.y, plan.plot.bottom());
  std::erase_if(axis.labels, [&](const AxisLabel& label) {
    return std::any_of(axis.tags.begin(), axis.tags.end(), [&](const Tag& tag) {
      return std::fabs(tag.at - label.at) < height / 2 + style.font.size / 2;
    });
  });
}

/// As few more decimals than the ticks as tell the level exactly, up to nine digits.
NumberFormat level_format(const YAxis& axis, double level) {
  NumberFormat format = axis.format;
  if (axis.scale.logarithmic) {
    const Step step{1, static_cast<int>(std::floor(std::log10(level)))};
    format = axis_format(step, level, axis.compact_from);
  }
  constexpr int kSignificant = 9;
  if (format.scientific) {
    format.decimals = std::max(format.decimals, kSignificant - 1);
  } else {
    format.decimals = telling_decimals(level / format.divisor, format.decimals, kSignificant);
  }
  return format;
}

/// Levels are labelled in place of the ticks next to them.
void add_level_labels(YAxis& axis, const std::vector<Level>& of_pane, const Style& style) {
  std::vector<AxisLabel> levels;
  for (const Level& level : of_pane) {
    levels.push_back(
        {axis.scale(level.y), format_number(level.y, level_format(axis, level.y)), {}});
  }
  std::erase_if(axis.labels, [&](const AxisLabel& tick) {
    return std::any_of(levels.begin(), levels.end(), [&](const AxisLabel& level) {
      return std::fabs(level.at - tick.at) < style.line;
    });
  });
  axis.labels.insert(axis.labels.end(), levels.begin(), levels.end());
}

void finish_labels(const PanePlan& plan, YAxis& axis, const Style& style) {
  std::sort(axis.labels.begin(), axis.labels.end(),
            [](const AxisLabel& a, const AxisLabel& b) { return a.at < b.at; });
  const double half = style.font.size / 2;
  keep_apart(axis.labels, plan.plot.y - half, plan.frame.bottom() + half, 1,
             [&](const AxisLabel&) { return style.font.size; });
}

void plan_axis(PanePlan& plan, std::size_t side, const Style& style, bool tags) {
  YAxis& axis = plan.axes[side];
  const Axis& asked = plan.pane->axes[side];
  auto data = data_span(*plan.pane, side);
  if (const Span sums = plan.sums[side]; data && sums.length() > 0) {
    data = Span{std::min(data->low, sums.low), std::max(data->high, sums.high)};
  }
  axis.labels.clear();
  axis.tags.clear();
  axis.empty = !data;
  axis.scale = {{0, 1}, plan.plot.bottom(), plan.plot.y, asked.logarithmic && data};
  if (!data) {
    if (asked.range) axis.scale.span = settle(*asked.range);
    return;
  }
  axis.scale.span = asked.logarithmic ? log_span(asked, *data) : y_span(*plan.pane, side, *data);
  if (plan.bar_values) {
    plan.bar_values = make_room_for_values(plan, style, *data, axis.scale.span);
  }
  plan_numbers(plan, side, ticks_that_fit(plan.plot.height / style.line));
  add_level_labels(axis, asked.levels, style);
  if (tags) plan_tags(plan, side, style);
  finish_labels(plan, axis, style);
}

}  // namespace

void plan_values(PanePlan& plan, const Style& style, bool tags) {
  for (std::size_t side = 0; side < plan.axes.size(); ++side) plan_axis(plan, side, style, tags);
  plan.empty = plan.axes[0].empty && plan.axes[1].empty;
}

Ink newest_ink(const Series& series) {
  if (series.mark != Mark::kCandles) return series.ink;
  for (std::size_t i = series.size(); i-- > 0;) {
    if (!std::isfinite(series.y[i]) || !std::isfinite(series.open[i])) continue;
    return {series.y[i] >= series.open[i] ? Role::kUp : Role::kDown};
  }
  return {Role::kUp};
}

std::string pane_value(const PanePlan& plan, std::size_t side, double value) {
  const YAxis& axis = plan.axes[side];
  int decimals = axis.decimals;
  if (!plan.pane->has(Mark::kCandles, side) && std::fabs(value) >= 1) {  // prices are never rounded
    constexpr int kSignificant = 6;
    const int digits = static_cast<int>(std::floor(std::log10(std::fabs(value)))) + 1;
    decimals = std::min(decimals, std::max(0, kSignificant - digits));
  }
  // An average between two ticks of the price is neither of them.
  decimals = telling_decimals(value, decimals, plan.pane->has(Mark::kCandles, side) ? 4 : 3);
  return format_number(value, value_format(value, decimals, axis.compact_from));
}

std::string bar_value(const PanePlan& plan, const Series& series, double value) {
  const YAxis& axis = plan.axes[series.axis];
  int decimals = series.decimals >= 0 ? std::min(series.decimals, 4) : std::max(axis.decimals, 2);
  if (series.whole) decimals = 0;
  decimals = telling_decimals(value, decimals, 3);
  return format_number(value, value_format(value, decimals, axis.compact_from));
}

double bar_value_above(const Style& style) { return style.font.size + 5; }

double bar_value_below(const Style& style) { return 0.75 * style.font.size + 7; }

}  // namespace bourse::charting
