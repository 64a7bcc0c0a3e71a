// SPDX-License-Identifier: MIT
//
// Reads the candles of every market, page by page, side by side. Of each page the closes are kept
// and the answer is given back, so a window of years costs 16 bytes a candle.
//
// Pages go by open times. Without a start: the newest, then what is before the oldest that came.
// With a start: from there, then what is after the newest that came. A market is read when a page
// is not full, though no row was left out of it, when it brings nothing new, or when what came
// reaches over the window. How many rows that takes is not known before: some may be off the grid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bourse/plugin.hpp"
#include "plugins/analyses/correlation/join.hpp"
#include "plugins/analyses/correlation/request.hpp"

namespace bourse::correlation {

/// Rows of a market's answers that nothing can be computed with.
struct Unusable {
  std::size_t count = 0;
  std::optional<Time> first;  ///< the oldest whose open time is known
  std::string why;            ///< of one of them, as the end of a sentence
};

/// What came of one market. The open time is a candle's identity: a second one with the same is
/// left out.
struct Candles {
  std::string symbol;
  History history;               ///< closed candles
  std::optional<Time> newest;    ///< open time of the newest candle, closed or not
  bool exhausted = false;        ///< the source has none before the oldest that came
  Time clock{};                  ///< what "now" is for it
  std::string status;            ///< the market's, or empty
  Unusable unusable;             ///< what was left out
  bool disordered = false;       ///< rows stood in another order than that of their open times
  std::optional<Answer> failed;  ///< why there is nothing
  std::string fault;             ///< what is wrong with what came, or empty
};

/// One for each symbol, in the order asked. What sources have to say becomes notes of the call's
/// report, each once. Throws BAD_PARAM when more than rows_max candles of a market lie in the
/// window.
std::vector<Candles> read_candles(const Call& call, const Request& request);

/// What a market has before a time.
struct Before {
  bool known = false;          ///< false: the source did not say
  std::optional<Time> newest;  ///< open time of the newest candle there, if there is one
};
/// One for each symbol.
std::vector<Before> candles_before(const Call& call, const Request& request,
                                   const std::vector<std::string>& symbols, Time time);

}  // namespace bourse::correlation
