// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/window.hpp"

#include <limits>

namespace bourse::correlation {

std::int64_t steps_between(Interval grid, Time earlier, Time later) noexcept {
  Time at = grid.floor(earlier);
  const Time end = grid.floor(later);
  if (const auto length = grid.length()) {  // unsigned: times may lie at both ends of the range
    const auto apart = static_cast<std::uint64_t>(end.ns) - static_cast<std::uint64_t>(at.ns);
    return static_cast<std::int64_t>(apart / static_cast<std::uint64_t>(*length));
  }
  std::int64_t steps = 0;  // of months, of which the whole range has seven thousand
  for (; at < end; at = grid.next(at)) ++steps;
  return steps;
}

Window window_from(Interval grid, Time start, Time last) noexcept {
  const Time floor = grid.floor(start);
  const Time from = floor == start ? start : grid.next(start);
  if (last < from) return {.grid = grid};
  return {.grid = grid,
          .from = from,
          .to = grid.floor(last),
          .places = static_cast<std::size_t>(steps_between(grid, from, last)) + 1};
}

Window window_of(Interval grid, std::size_t places, Time last) noexcept {
  const Time to = grid.floor(last);
  Time from = to;
  if (const auto length = grid.length()) {
    std::int64_t back = 0;
    const bool beyond =
        __builtin_mul_overflow(static_cast<std::int64_t>(places - 1), *length, &back) ||
        __builtin_sub_overflow(to.ns, back, &from.ns);
    if (beyond) from = grid.next(Time{std::numeric_limits<std::int64_t>::min()});
  } else {
    for (std::size_t i = 1; i < places; ++i) from = grid.previous(from);
  }
  return {.grid = grid, .from = from, .to = to, .places = places};
}

}  // namespace bourse::correlation
