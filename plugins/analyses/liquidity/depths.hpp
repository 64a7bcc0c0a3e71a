// SPDX-License-Identifier: MIT
//
// How many levels of a book are asked for: as few as cover the distances that are measured.
//
// An exchange prices a book by its length in steps (of weight 5, 25, 50 and 250 for up to 100, 500,
// 1000 and 5000 levels), so whole steps are asked for. How far 100 levels of a market reach tells
// how many are needed: most markets are done with 100 or 500; only where prices are dense must it
// be 5000.
#pragma once

#include <cstdint>
#include <optional>

#include "plugins/analyses/liquidity/book.hpp"

namespace bourse::liquidity {

/// The most that a source of market.h may be asked for.
inline constexpr std::int64_t kDepthMax = 5000;
/// The most that is asked for on account of a trade's size: for more, 250 of an exchange's 6000 a
/// minute would go to nearly every thin market.
inline constexpr std::int64_t kTradeDepthMax = 1000;

/// The first question: the cheapest step that has `shown` levels, at most `limit`.
/// REQUIRES: 1 <= shown <= limit <= kDepthMax.
std::int64_t first_depth(std::int64_t shown, std::int64_t limit) noexcept;

/// The next one, after `asked` levels brought this book: as many as the farthest distance and the
/// largest trade need if the rest is as dense as what came. nullopt: they are reached, or no
/// question would bring more.
std::optional<std::int64_t> next_depth(const Book& book, std::int64_t asked, std::int64_t limit,
                                       Decimal largest_trade);

}  // namespace bourse::liquidity
