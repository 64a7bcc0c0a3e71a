// SPDX-License-Identifier: MIT
//
// The tables and charts of the report.
#pragma once

#include <span>

#include "bourse/plugin.hpp"
#include "plugins/analyses/liquidity/book.hpp"

namespace bourse::liquidity {

/// Points of a side in the table `depth`.
inline constexpr std::size_t kDepthSteps = 200;

/// Every level: bids, then asks, best first.
void say_levels(const Call& call, const Book& book);
/// What the charts show, by ascending price: always there, and never longer than two sides of
/// kDepthSteps.
void say_depth(const Call& call, const Book& book);
/// A row for each distance from mid.
void say_distances(const Call& call, const Book& book);
/// A buy and a sell of each size.
struct Unfilled {
  std::size_t partial = 0;  ///< how many their side cannot fill
  std::size_t unknown = 0;  ///< how many the levels read cannot fill, while more may lie beyond
};
Unfilled say_impact(const Call& call, const Book& book, std::span<const Decimal> sizes);
void say_charts(const Call& call);

}  // namespace bourse::liquidity
