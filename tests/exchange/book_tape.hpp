// SPDX-License-Identifier: MIT
//
// From one book to the next as the exchange's depth streams tell it: a row of changes with update
// ids, none of which leaves the book crossed. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/exchange/market.hpp"

namespace bourse::fake_exchange {

/// Levels that were set, or removed where the quantity is zero; and what the book is after them.
struct BookStep {
  std::int64_t first_id = 0, last_id = 0;  ///< `U` and `u`
  std::vector<Level> bids, asks;           ///< changed, best first
  std::vector<Level> top_bids, top_asks;   ///< of the book after it, best first, at most kTopLevels
  bool quote_changed = false;              ///< best price or quantity of a side
};

inline constexpr std::size_t kTopLevels = 20;

/// The changes from `from` to `to` in at most `parts` steps, whose ids join without a gap and end
/// with that of `to`. Those far from the best prices come first. Empty when nothing changed.
/// REQUIRES: neither book is crossed; `from` has the lower id.
[[nodiscard]] std::vector<BookStep> book_steps(const Depth& from, const Depth& to,
                                               std::size_t parts);

}  // namespace bourse::fake_exchange
