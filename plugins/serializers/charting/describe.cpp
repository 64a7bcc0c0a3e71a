// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <string>

#include "plugins/serializers/charting/numbers.hpp"
#include "plugins/serializers/charting/panel.hpp"
#include "plugins/serializers/charting/time_ticks.hpp"

namespace bourse::charting {
namespace {

struct Facts {
  double newest = 0, least = 0, most = 0;
  std::size_t count = 0;

  void add(double value) {
    if (!std::isfinite(value)) return;
    least = count == 0 ? value : std::min(least, value);
    most = count == 0 ? value : std::max(most, value);
    newest = value;
    ++count;
  }
};

std::string kind_of(Mark mark) {
  switch (mark) {
    case Mark::kCandles:
      return "candles";
    case Mark::kBars:
      return "bars";
    case Mark::kBand:
      return "band";
    case Mark::kDots:
      return "points";
    case Mark::kArea:
    case Mark::kStepArea:
      return "area";
    default:
      return "line";
  }
}

std::string facts_of(const Series& series) {
  Facts facts;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!series.low.empty()) facts.add(series.low[i]);
    if (!series.high.empty()) facts.add(series.high[i]);
    facts.add(series.y[i]);
  }
  std::string out = series.label + " (" + kind_of(series.mark) + "): ";
  if (facts.count == 0) return out + "no data";
  return out + "last " + format_significant(facts.newest) + ", from " +
         format_significant(facts.least) + " to " + format_significant(facts.most);
}

std::string facts_of(const HeatMap& heat) {
  Facts facts;
  for (const double v : heat.values) facts.add(v);
  std::string out = std::to_string(heat.rows.size()) + " by " +
                    std::to_string(heat.columns.size()) + " values of " + heat.label;
  if (facts.count == 0) return out + ": no data";
  return out + ", from " + format_significant(facts.least) + " to " +
         format_significant(facts.most);
}

std::string stretch_of(const Panel& panel) {
  if (!panel.x) return {};
  if (panel.axis == AxisKind::kCategory) {
    return std::to_string(panel.categories.size()) + " entries";
  }
  if (panel.axis == AxisKind::kNumber) {
    return panel.x_label + " from " + format_significant(panel.x->low) + " to " +
           format_significant(panel.x->high);
  }
  return format_time(time_at(panel, panel.x->low)) + " to " +
         format_time(time_at(panel, panel.x->high));
}

}  // namespace

std::string describe(const Panel& panel, const Pane& pane) {
  std::string out = pane.heat ? facts_of(*pane.heat) : stretch_of(panel);
  for (const Series& series : pane.series) {
    if (!out.empty()) out += "; ";
    out += facts_of(series);
  }
  if (out.empty()) out = "no data";
  return out;
}

}  // namespace bourse::charting
