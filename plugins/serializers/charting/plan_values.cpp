// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "plugins/serializers/charting/plan.hpp"

namespace bourse::charting {
namespace {

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

std::optional<Span> data_span(const Pane& pane) {
  Extent extent;
  for (const Series& series : pane.series) {
    extent.add(series.y);
    extent.add(series.low);
    extent.add(series.open);
    extent.add(series.high);
  }
  return extent.span();
}

/// Bars start at zero; so do areas, unless their values are so far from it that their shape would
/// be lost.
bool stands_on_zero(const Pane& pane, Span data) {
  if (pane.has(Mark::kBars) || pane.has(Mark::kStepArea)) return true;
  const bool one_sign = data.low >= 0 || data.high <= 0;
  const double nearest = std::min(std::fabs(data.low), std::fabs(data.high));
  const double farthest = std::max(std::fabs(data.low), std::fabs(data.high));
  return pane.has(Mark::kArea) && (!one_sign || nearest < 0.4 * farthest);
}

/// What the y axis spans: the data and a little air, zero, levels, the range that was asked for.
Span y_span(const Pane& pane, Span data) {
  constexpr double kAir = 0.06;
  const bool zero = stands_on_zero(pane, data);
  if (zero) data = {std::min(data.low, 0.0), std::max(data.high, 0.0)};
  for (const double level : pane.levels) {
    data = {std::min(data.low, level), std::max(data.high, level)};
  }
  const bool flat = data.low == data.high;
  data = settle(data);
  Span out = data;
  if (!flat) {
    const double air = kAir * data.length();
    if (!(zero && data.low == 0)) out.low -= air;
    if (!(zero && data.high == 0)) out.high += air;
  }
  if (pane.range) {  // air beyond the asked range only where the data reach it
    out.low = pane.range->low <= data.low ? pane.range->low : std::min(out.low, pane.range->low);
    out.high =
        pane.range->high >= data.high ? pane.range->high : std::max(out.high, pane.range->high);
  }
  return settle(out);
}

/// About one label in two and a half lines, closer where a plot is low.
std::size_t ticks_that_fit(double lines) {
  return static_cast<std::size_t>(std::max({2.0, std::min(4.0, lines / 1.5), lines / 2.5}));
}

void plan_numbers(PanePlan& plan, std::size_t ticks_max) {
  const bool prices = plan.pane->has(Mark::kCandles);
  const bool bars = plan.pane->has(Mark::kBars) || plan.pane->has(Mark::kStepArea);
  plan.compact_from = prices ? 1e9 : bars ? 1e4 : 1e6;
  const Ticks ticks = number_ticks(plan.y.span, ticks_max);
  const double largest = std::max(std::fabs(plan.y.span.low), std::fabs(plan.y.span.high));
  plan.format = axis_format(ticks.step, largest, plan.compact_from);
  for (const double tick : ticks.values) {
    plan.labels.push_back({plan.y(tick), format_number(tick, plan.format), {}});
  }
  int decimals = -1;
  for (const Series& series : plan.pane->series) decimals = std::max(decimals, series.decimals);
  plan.decimals = decimals >= 0 ? decimals : std::clamp(2 - ticks.step.exponent, 0, 12);
  if (decimals < 0 && ticks.step.exponent > 1) plan.decimals = std::min(plan.decimals + 1, 2);
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

void plan_tags(PanePlan& plan, const Style& style) {
  const auto most = static_cast<std::size_t>(std::max(0.0, plan.plot.height / style.line / 2));
  for (const Series& series : plan.pane->series) {
    if (series.mark == Mark::kBand || series.mark == Mark::kBars || series.mark == Mark::kDots) {
      continue;
    }
    const double value = newest(series.y);
    if (!std::isfinite(value) || plan.tags.size() >= most) continue;
    plan.tags.push_back({plan.y(value), pane_value(plan, value), newest_ink(series)});
  }
  const double height = style.line - 1;
  spread(plan.tags, height, plan.plot.y, plan.plot.bottom());
  std::erase_if(plan.labels, [&](const AxisLabel& label) {
    return std::any_of(plan.tags.begin(), plan.tags.end(), [&](const Tag& tag) {
      return std::fabs(tag.at - label.at) < height / 2 + style.font.size / 2;
    });
  });
}

/// Levels are labelled in place of the ticks next to them.
void add_level_labels(PanePlan& plan, const Style& style) {
  std::vector<AxisLabel> levels;
  for (const double level : plan.pane->levels) {
    NumberFormat format = plan.format;
    while (!format.scientific && format.decimals < 6 &&
           std::fabs(std::round(level / format.divisor * std::pow(10, format.decimals)) -
                     level / format.divisor * std::pow(10, format.decimals)) > 1e-6) {
      ++format.decimals;
    }
    levels.push_back({plan.y(level), format_number(level, format), {}});
  }
  std::erase_if(plan.labels, [&](const AxisLabel& tick) {
    return std::any_of(levels.begin(), levels.end(), [&](const AxisLabel& level) {
      return std::fabs(level.at - tick.at) < style.line;
    });
  });
  plan.labels.insert(plan.labels.end(), levels.begin(), levels.end());
}

void finish_labels(PanePlan& plan, const Style& style) {
  std::sort(plan.labels.begin(), plan.labels.end(),
            [](const AxisLabel& a, const AxisLabel& b) { return a.at < b.at; });
  const double half = style.font.size / 2;
  keep_apart(plan.labels, plan.plot.y - half, plan.frame.bottom() + half, 1,
             [&](const AxisLabel&) { return style.font.size; });
}

}  // namespace

void plan_values(PanePlan& plan, const Style& style, bool tags) {
  const auto data = data_span(*plan.pane);
  plan.empty = !data;
  const Span span = data               ? y_span(*plan.pane, *data)
                    : plan.pane->range ? settle(*plan.pane->range)
                                       : Span{0, 1};
  plan.y = {span, plan.plot.bottom(), plan.plot.y};
  if (plan.empty) return;
  plan_numbers(plan, ticks_that_fit(plan.plot.height / style.line));
  add_level_labels(plan, style);
  if (tags) plan_tags(plan, style);
  finish_labels(plan, style);
}

Ink newest_ink(const Series& series) {
  if (series.mark != Mark::kCandles) return series.ink;
  for (std::size_t i = series.size(); i-- > 0;) {
    if (!std::isfinite(series.y[i]) || !std::isfinite(series.open[i])) continue;
    return {series.y[i] >= series.open[i] ? Role::kUp : Role::kDown};
  }
  return {Role::kUp};
}

std::string pane_value(const PanePlan& plan, double value) {
  int decimals = plan.decimals;
  if (!plan.pane->has(Mark::kCandles) && std::fabs(value) >= 1) {  // prices are never rounded
    constexpr int kSignificant = 6;
    const int digits = static_cast<int>(std::floor(std::log10(std::fabs(value)))) + 1;
    decimals = std::min(decimals, std::max(0, kSignificant - digits));
  }
  return format_number(value, value_format(value, decimals, plan.compact_from));
}

}  // namespace bourse::charting
