// SPDX-License-Identifier: MIT
//
// What is asked of the correlation analysis, checked.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bourse/interval.hpp"
#include "bourse/plugin.hpp"
#include "plugins/analyses/correlation/matrix.hpp"
#include "plugins/analyses/correlation/returns.hpp"

namespace bourse::correlation {

struct Request {
  std::vector<std::string> symbols;  ///< each once, in the order asked
  std::int64_t days;
  Interval interval;
  std::size_t returns_asked;  ///< `days` of them: one candle more makes them
  Method method;
  ReturnKind return_kind;
  bool clusters;
};

/// Throws BAD_PARAM, which blames `interval`, when so many days are too few or too many returns.
Request read_request(const Values& values);

/// Candles that one query may ask for.
inline constexpr std::size_t kCandlesMax = 5000;
/// One candle makes no return, and the newest may still be forming.
inline constexpr std::size_t kCandlesBeside = 2;

/// Whole candles in so many days; a month counts as 30 days.
std::size_t candles_in(std::int64_t days, Interval interval) noexcept;

/// Candles in 365 days; of a month 12.
double candles_a_year(Interval interval) noexcept;

}  // namespace bourse::correlation
