// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/gaps.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include "bourse/words.hpp"

namespace bourse::correlation {
namespace {

void take_gap(Missing& missing, std::int64_t candles, Time from, Time to) {
  if (candles <= 0) return;
  if (missing.gaps++ == 0) {
    missing.gap_from = from;
    missing.gap_to = to;
  }
  missing.within += candles;
}

std::int64_t own_returns(const History& history, Interval grid) {
  std::int64_t returns = 0;
  for (std::size_t i = 1; i < history.times.size(); ++i) {
    returns += grid.next(Time{history.times[i - 1]}) == grid.floor(Time{history.times[i]}) ? 1 : 0;
  }
  return returns;
}

}  // namespace

Missing missing_of(const History& history, const Window& window, bool begins) {
  const Interval& grid = window.grid;
  const auto places = static_cast<std::int64_t>(window.places);
  std::vector<std::int64_t> came;
  came.reserve(history.times.size() + history.unpriced.size());
  std::merge(history.times.begin(), history.times.end(), history.unpriced.begin(),
             history.unpriced.end(), std::back_inserter(came));
  Missing missing;
  missing.unpriced = static_cast<std::int64_t>(history.unpriced.size());
  missing.returns = std::max<std::int64_t>(0, places - 1 - own_returns(history, grid));
  if (came.empty()) {
    (begins ? missing.early : missing.late) = places;
    missing.returns = places - 1;
    return missing;
  }
  missing.first = Time{came.front()};
  missing.last = Time{came.back()};
  const std::int64_t before = steps_between(grid, window.from, *missing.first);
  if (begins) {
    missing.early = before;
  } else {
    take_gap(missing, before, window.from, grid.previous(*missing.first));
  }
  for (std::size_t i = 0; i < came.size(); ++i) {
    const Time time{came[i]};
    missing.beside += grid.floor(time) == time ? 0 : 1;
    if (i == 0) continue;
    const Time earlier{came[i - 1]};
    take_gap(missing, steps_between(grid, earlier, time) - 1, grid.next(earlier),
             grid.previous(time));
  }
  missing.late = steps_between(grid, *missing.last, window.to);
  return missing;
}

std::string describe_gaps(const Missing& missing) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (missing.gaps != 0) {
    add(counted(missing.within, "candle") + " in " + counted(missing.gaps, "gap") +
        (missing.gaps == 1 ? ", from " : ", the first from ") + time_text(missing.gap_from) +
        " to " + time_text(missing.gap_to));
  }
  if (missing.late != 0) {
    add(missing.last
            ? counted(missing.late, "candle") + " after its newest, of " + time_text(*missing.last)
            : "all " + counted(missing.late, "candle"));
  }
  if (missing.unpriced != 0) add(std::to_string(missing.unpriced) + " without a price");
  if (missing.beside != 0) add(std::to_string(missing.beside) + " off the grid");
  return text;
}

}  // namespace bourse::correlation
