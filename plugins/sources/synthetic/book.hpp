// SPDX-License-Identifier: MIT
//
// The order book at a second, made around the newest trade: a buyer took the best ask, a seller the
// best bid. Levels are dense near the top and thin out to about 8 % away after 5000; quantities
// grow with the distance, and now and then there is a wall. Everything but the top five levels of a
// side changes once a minute only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "plugins/sources/synthetic/market.hpp"

namespace bourse::synthetic {

struct BookLevel {
  std::int64_t price, lots;  ///< ticks, lots
};

struct Book {
  std::vector<BookLevel> bids, asks;  ///< best first
  std::int64_t last_update_id = 0;
};

/// At most `depth` levels a side; fewer where prices would leave a fifth to five times the last
/// one. REQUIRES: `newest` is the newest trade before `second`.
[[nodiscard]] Book make_book(const Symbol& symbol, const Trade& newest, std::int64_t second,
                             std::size_t depth);

}  // namespace bourse::synthetic
