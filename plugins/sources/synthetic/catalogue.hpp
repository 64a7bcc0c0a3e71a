// SPDX-License-Identifier: MIT
//
// What the synthetic exchange lists: trading rules and the character of each market.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bourse::synthetic {

/// Amounts that end in _e8 are in units of 10^-8.
/// INVARIANT: tick_e8 * lot_e8 is a multiple of 10^8, so that price x quantity has 8 decimals.
struct Listing {
  std::string_view symbol, base, quote;
  std::int64_t price_e8;  ///< around which the price wanders; of a cross: 0
  std::int64_t tick_e8;
  std::int64_t lot_e8;
  std::int64_t daily_deviation;  ///< of the price, in 1/10000; of a cross: 0
  std::int64_t market_loading;   ///< correlation with the whole market, in 1/100; of a cross: 0
  std::int64_t daily_value;      ///< traded a day, in quote units
  std::int64_t trade_value_e8;   ///< of a typical trade, quote
  std::int64_t spread_ticks;     ///< typical distance of best bid and ask
  std::string_view numerator, denominator;  ///< of a cross: ETHBTC is ETHUSDT / BTCUSDT
  std::int64_t minimum_notional_e8;
  std::int64_t maximum_quantity;  ///< in whole base units
  std::int64_t first_day;         ///< of trading, in days since the exchange's first
  std::int64_t end = 0;           ///< second since 1970 from which nothing is traded; 0: none
};

/// In the order of the exchange's listing.
[[nodiscard]] std::span<const Listing> catalogue() noexcept;

}  // namespace bourse::synthetic
