// SPDX-License-Identifier: MIT
//
// Trades and order books: asked of the source below each time, for only it knows the newest, and
// kept as they pass.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bourse/plugin.hpp"
#include "plugins/sources/history/settings.hpp"
#include "plugins/sources/history/store/store.hpp"

namespace bourse::history {

/// What became of what passed.
struct Passed {
  std::uint64_t kept = 0;            ///< rows that were not there before
  std::uint64_t revised = 0;         ///< that differ from what was kept
  bool is_source_gone = false;       ///< what was shown is what is kept
  std::optional<Error> unkept = {};  ///< why it is not kept
};

/// Asks below with what was asked, and says what it says, to the last note. Throws its failure.
void pass(Call& call, const bourse_dataset& dataset, const Values& values);

/// Answers `trades`: the newest from below, kept, and where that gives fewer than were asked for,
/// the kept ones before them, as far as no number is missing. Where the source below fails, the
/// newest kept ones; throws its failure where there is none. `store`: null where there is none,
/// `why_not` says why.
Passed say_trades(Call& call, const Values& values, const std::string& market, Store* store,
                  std::optional<Error> why_not);
/// Answers `order_book` from below, and keeps a snapshot where one is due. A book of the past is
/// shown only where the source below fails and Keeping::books_if_error says so.
Passed say_book(Call& call, const Values& values, const std::string& market, const Keeping& keeping,
                Store* store, std::optional<Error> why_not);

}  // namespace bourse::history
