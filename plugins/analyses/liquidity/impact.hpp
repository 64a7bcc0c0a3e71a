// SPDX-License-Identifier: MIT
//
// What a trade of some size would have cost against this book.
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>

#include "plugins/analyses/liquidity/book.hpp"

namespace bourse::liquidity {

struct Impact {
  double average_price;  ///< of what was filled; NaN when nothing was
  double percent;        ///< how much worse than mid, of mid; NaN without an average or a mid
  double filled;         ///< share of the size, 0..1; 1 only if the book holds all of it
  std::size_t levels;    ///< used, the last one perhaps in part

  /// The levels do not hold the size, and more may lie beyond them: all of the above is NaN or 0.
  /// The part that they fill would tell of the request, not of the market.
  [[nodiscard]] bool unknown() const noexcept { return std::isnan(filled); }
};

/// A taker's trade worth `size` in the quote asset: it buys from the asks, or sells to the bids.
/// A side too thin, of which there is no more, fills a part, and says so; without levels, nothing.
/// REQUIRES: size > 0.
Impact impact_of(const Side& side, Decimal size, std::optional<Decimal> mid);

}  // namespace bourse::liquidity
