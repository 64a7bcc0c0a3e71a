// SPDX-License-Identifier: MIT
//
// What an order book says: spread, depth at fixed distances from mid, balance, score. Texts are
// literals.
//
// Depth is measured between mid and a distance that is the same in every report, in the quote
// asset. Sums over the levels that happened to come would measure the request: of one real book,
// they said buy pressure with 100 levels a side and sell pressure with 1000.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "plugins/analyses/liquidity/book.hpp"

namespace bourse::liquidity {

struct Spread {
  Decimal absolute, mid;
  double percent;                   ///< of mid
  double basis_points;              ///< percent x 100
  double microprice;                ///< mid, drawn to the side with less quantity at its best price
  std::string_view classification;  ///< tight < 0.05 %, normal < 0.1 %, wide; empty when crossed
};
/// nullopt unless both sides have levels: an empty book has no spread, least of all a tight one.
std::optional<Spread> spread_of(const Book& book);

/// In percent of mid, ascending.
inline constexpr std::array<Decimal, 5> kDistances = {*Decimal::make(10, 2), *Decimal::make(25, 2),
                                                      *Decimal::make(50, 2), *Decimal::make(100, 2),
                                                      *Decimal::make(200, 2)};
/// The one that balance and score are taken at.
inline constexpr Decimal kNearDistance = kDistances[3];

/// What one side holds between mid and a distance, both inclusive.
struct Depth {
  std::size_t levels;
  Decimal quantity, value;
  double concentration;  ///< share of the value within the farthest distance, 0..1; NaN where that
                         ///< is not reached, or nothing is there
};
/// Depth of both sides; absent where the levels received do not reach the distance.
struct Within {
  Decimal distance;
  std::optional<Depth> bid, ask;
  double imbalance;  ///< (bid - ask) / (bid + ask) of the values, -1..1; NaN unless both sides are
                     ///< there and hold something
};
/// One for each of kDistances; nothing is there unless both sides have levels.
std::array<Within, kDistances.size()> within_of(const Book& book);

/// Of all levels; NaN when there are none.
double volume_weighted_price(const Side& side) noexcept;

/// Of the values within kNearDistance.
struct Balance {
  double imbalance;                  ///< as above
  double bid_ask_ratio;              ///< NaN when no ask is so near
  std::string_view direction;        ///< buy_pressure > 0.1, sell_pressure < -0.1, balanced
  std::string_view depth_asymmetry;  ///< at a factor 1.2: bid_deeper, ask_deeper, symmetric
};
/// nullopt unless both sides reach so far, and one holds something there.
std::optional<Balance> balance_of(const Book& book);

struct Score {
  Decimal near;              ///< value within kNearDistance, both sides
  double score;              ///< 100 x near / (near + 1,000,000): 0..100
  std::string_view quality;  ///< excellent > 80, good > 50, fair > 20, poor
};
/// In units of the quote asset, so that a cheap coin and an expensive one compare. nullopt unless
/// both sides reach so far.
std::optional<Score> score_of(const Book& book);

/// Whether a side has no levels at all: such a market takes no trade of one kind.
bool is_one_sided(const Book& book) noexcept;

}  // namespace bourse::liquidity
