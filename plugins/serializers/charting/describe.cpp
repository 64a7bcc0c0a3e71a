// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "plugins/serializers/charting/caption.hpp"
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
    facts.add(series.value(i));
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
         format_significant(facts.most) + (heat.by_likeness ? ", similar ones side by side" : "");
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

std::string measure_of(const char* what, const std::optional<Measure>& measure) {
  if (!measure) return {};
  return std::string(what) + ": " + measure->label + " from " +
         format_significant(measure->span.low) + " to " + format_significant(measure->span.high);
}

std::string looks_of(const Pane& pane) {
  std::string out;
  for (const Axis& axis : pane.axes) {
    if (axis.logarithmic && out.empty()) out = "logarithmic axis";
  }
  for (const std::string& part :
       {measure_of("sizes", pane.size), measure_of("colours", pane.color)}) {
    if (!out.empty() && !part.empty()) out += "; ";
    out += part;
  }
  return out;
}

/// Lines that have a name, and where they are.
std::string lines_of(const Pane& pane) {
  std::string out;
  const auto add = [&](const std::string& label, const std::string& at) {
    if (label.empty()) return;
    out += (out.empty() ? "lines: " : ", ") + label + " at " + at;
  };
  for (const Axis& axis : pane.axes) {
    for (const Level& level : axis.levels) add(level.label, format_significant(level.y));
  }
  for (const Guide& guide : pane.guides) add(guide.label, guide.text);
  return out;
}

}  // namespace

std::string describe(const Panel& panel, const Pane& pane) {
  std::string out = pane.heat ? facts_of(*pane.heat) : stretch_of(panel);
  const auto add = [&](const std::string& part) {
    if (!out.empty() && !part.empty()) out += "; ";
    out += part;
  };
  for (const Series& series : pane.series) add(facts_of(series));
  add(looks_of(pane));
  add(lines_of(pane));
  const std::string missing = caption_text(pane.not_drawn);
  add(missing.empty() ? missing : "not" + missing.substr(3));
  if (out.empty()) out = "no data";
  return out;
}

}  // namespace bourse::charting
