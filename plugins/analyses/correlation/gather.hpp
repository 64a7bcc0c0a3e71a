// SPDX-License-Identifier: MIT
//
// Asks for the candles of every market, and keeps those that can be compared. Whatever is left out
// is said in a note, with the reason: nothing is dropped in silence.
#pragma once

#include <string>
#include <vector>

#include "bourse/plugin.hpp"
#include "plugins/analyses/correlation/gaps.hpp"
#include "plugins/analyses/correlation/join.hpp"
#include "plugins/analyses/correlation/request.hpp"
#include "plugins/analyses/correlation/window.hpp"

namespace bourse::correlation {

struct Gathered {
  std::vector<std::string> symbols;  ///< a row of `joined` each
  std::vector<Missing> missing;      ///< as many
  Window window;
  Joined joined;  ///< at least two markets and kReturnsMin returns
};

/// Throws NOT_FOUND when no market is known, UNPROCESSABLE when fewer than two have enough returns
/// in common, and what a source failed with when that is why fewer than two are left.
Gathered gather(const Call& call, const Request& request);

}  // namespace bourse::correlation
