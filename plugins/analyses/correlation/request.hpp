// SPDX-License-Identifier: MIT
//
// What is asked of the correlation analysis, checked.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bourse/interval.hpp"
#include "bourse/plugin.hpp"
#include "plugins/analyses/correlation/matrix.hpp"
#include "plugins/analyses/correlation/returns.hpp"

namespace bourse::correlation {

struct Request {
  std::vector<std::string> symbols;  ///< each once, in the order asked
  std::int64_t days;                 ///< not used when there is a start
  std::optional<Time> start, end;    ///< of open times, both inclusive
  Interval interval;
  std::size_t returns_asked;  ///< `days` of them: one candle more makes them; 0 with a start
  std::size_t rows_max;       ///< candles of one market that may be read
  Method method;
  ReturnKind return_kind;
  bool clusters;
};

/// Throws BAD_PARAM, which blames the parameter that makes so many candles too few or too many.
Request read_request(const Call& call, const Values& values, std::size_t rows_max);

/// Throws BAD_PARAM `window_too_long` when the grid has more than rows_max places from start to
/// `last`, which `what` names: "the end", "now".
void require_room(const Request& request, Time last, std::string_view what);

/// With two returns r is 1 or -1, whatever they are: three are the fewest that say something.
inline constexpr std::size_t kReturnsMin = 3;

/// Whole candles in so many days; a month counts as 30 days.
std::size_t candles_in(std::int64_t days, Interval interval) noexcept;

/// Candles in 365 days; of a month 12.
double candles_a_year(Interval interval) noexcept;

}  // namespace bourse::correlation
