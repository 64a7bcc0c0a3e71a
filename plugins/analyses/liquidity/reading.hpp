// SPDX-License-Identifier: MIT
//
// Asks for the book, and for a longer one where the first does not reach far enough.
#pragma once

#include <cstdint>
#include <string>

#include "bourse/plugin.hpp"
#include "plugins/analyses/liquidity/book.hpp"

namespace bourse::liquidity {

struct Reading {
  ReportView answer;   ///< what the book was made of: the last that succeeded
  std::int64_t asked;  ///< levels of each side
  Book book;
  std::size_t unusable = 0;   ///< rows that are no level, and were left out
  std::string first_fault;    ///< of them
  bool unsorted = false;      ///< levels came in another order, and were sorted
  std::string short_because;  ///< why a longer book could not be had; empty: none was needed, or
                              ///< the limit is reached
};

/// Questions one after another, each as long as depths.hpp says. The first one's failure ends the
/// call; a later one's leaves the shorter book. Throws UPSTREAM `bad_source` for rows of which none
/// is a level. REQUIRES: as first_depth.
Reading read_book(const Call& call, const std::string& symbol, std::int64_t shown,
                  std::int64_t limit, Decimal largest_trade);

}  // namespace bourse::liquidity
