// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/stacking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace bourse::charting {
namespace {

using Reals = std::vector<double>;

bool is_stacked(const Series& series) {
  return series.mark == Mark::kBars || series.mark == Mark::kArea;
}

Reals all_x(const std::vector<Series*>& members) {
  Reals x;
  for (const Series* series : members) x.insert(x.end(), series->x.begin(), series->x.end());
  std::sort(x.begin(), x.end());
  x.erase(std::unique(x.begin(), x.end()), x.end());
  return x;
}

/// The series' values at `x`, which holds all of its own; those of one x are added up.
Reals values_at(const Series& series, const Reals& x) {
  Reals out(x.size(), std::numeric_limits<double>::quiet_NaN());
  std::size_t at = 0;
  for (std::size_t row = 0; row < series.size(); ++row) {
    while (x[at] < series.x[row]) ++at;
    const double v = series.y[row];
    if (!std::isnan(v)) out[at] = std::isnan(out[at]) ? v : out[at] + v;
  }
  return out;
}

bool has_negative(const std::vector<Series*>& members) {
  return std::any_of(members.begin(), members.end(), [](const Series* series) {
    return std::any_of(series->y.begin(), series->y.end(), [](double v) { return v < 0; });
  });
}

}  // namespace

void stack(Pane& pane, std::size_t first, std::size_t points_max) {
  std::vector<Series*> members;
  for (std::size_t i = first; i < pane.series.size(); ++i) {
    if (is_stacked(pane.series[i])) members.push_back(&pane.series[i]);
  }
  if (members.size() < 2) return;
  const bool areas = members.front()->mark == Mark::kArea;
  if (areas && has_negative(members)) {
    return pane.leave_out("stacking: areas with values below 0 would cover one another");
  }
  const Reals x = all_x(members);
  if (x.size() * (3 * members.size() + 1) > points_max) {
    return pane.leave_out("stacking: there are too many values");
  }
  Reals above(x.size(), 0), below(x.size(), 0);
  for (Series* series : members) {
    Reals values = values_at(*series, x);
    series->base.assign(x.size(), 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (areas && std::isnan(values[i])) values[i] = 0;
      Reals& from = values[i] < 0 ? below : above;
      series->base[i] = from[i];
      if (std::isnan(values[i])) continue;
      from[i] += values[i];
      values[i] = from[i];
    }
    series->x = x;
    series->y = std::move(values);
    series->stack = static_cast<int>(pane.stacks.size());
  }
  for (std::size_t i = 0; i < x.size(); ++i) above[i] -= below[i];
  pane.stacks.push_back(std::move(above));
}

}  // namespace bourse::charting
