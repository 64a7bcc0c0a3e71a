// SPDX-License-Identifier: MIT
//
// What an order book says: spread, depth, balance, score. Texts are literals.
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

/// Where the quantity lies, by distance from mid: [0, 1], (1, 2], (2, 5], (5, ...) percent.
struct Bucket {
  const char* name;
  int from;
  std::optional<int> to;
  std::size_t levels;
  Decimal quantity, value;
  double share;  ///< of the side's quantity, 0..1
};
inline constexpr std::size_t kBuckets = 4;
using Distribution = std::array<Bucket, kBuckets>;
/// Of all levels. REQUIRES: the side has some.
Distribution distribution_of(const Side& side, Decimal mid);

/// Of a side; NaN when it is empty.
double volume_weighted_price(const Side& side) noexcept;

struct Balance {
  double imbalance;                  ///< (bid - ask) / (bid + ask) of the quantities, -1..1
  double bid_ask_ratio;              ///< of the quantities
  std::string_view direction;        ///< buy_pressure > 0.1, sell_pressure < -0.1, balanced
  std::string_view book_balance;     ///< of the quantities at a factor 1.2: bid_heavy, ask_heavy,
                                     ///< balanced
  std::string_view depth_asymmetry;  ///< of the values within 1 % of mid, at the same factor:
                                     ///< bid_deeper, ask_deeper, symmetric
};
/// nullopt unless both sides have levels.
std::optional<Balance> balance_of(const Book& book);

struct Score {
  Decimal near;              ///< value within 1 % of mid, both sides
  double score;              ///< 100 x near / (near + 1,000,000): 0..100
  std::string_view quality;  ///< excellent > 80, good > 50, fair > 20, poor
};
/// In units of the quote asset, so that a cheap coin and an expensive one compare. 0 and poor
/// unless both sides have levels.
Score score_of(const Book& book);

}  // namespace bourse::liquidity
