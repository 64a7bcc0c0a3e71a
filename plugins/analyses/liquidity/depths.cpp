// SPDX-License-Identifier: MIT
#include "plugins/analyses/liquidity/depths.hpp"

#include <algorithm>
#include <array>

#include "plugins/analyses/liquidity/measures.hpp"

namespace bourse::liquidity {
namespace {

constexpr std::array<std::int64_t, 4> kSteps = {100, 500, 1000, kDepthMax};

/// The smallest step of at least so many levels, at most `limit`.
std::int64_t step_of(double levels, std::int64_t limit) noexcept {
  for (const std::int64_t step : kSteps) {
    if (static_cast<double>(step) >= levels) return std::min(step, limit);
  }
  return limit;
}

/// 0: none beyond those that came. REQUIRES: the side has levels.
double levels_needed(const Side& side, Decimal mid, double asked) {
  if (side.beyond() != Beyond::kMore || side.reaches(mid, kDistances.back())) return 0.0;
  const double reach = distance_percent(side.price(side.size() - 1), side.kind(), mid.to_double());
  if (reach <= 0.0) return static_cast<double>(kDepthMax);
  return asked * kDistances.back().to_double() / reach;
}

/// The same, until the side is worth the trade.
double levels_needed(const Side& side, double trade, double asked) {
  const double value = side.value().to_double(), most = static_cast<double>(kTradeDepthMax);
  if (side.beyond() != Beyond::kMore || value >= trade || asked >= most) return 0.0;
  return std::min(asked * trade / value, most);
}

}  // namespace

std::int64_t first_depth(std::int64_t shown, std::int64_t limit) noexcept {
  return step_of(static_cast<double>(shown), limit);
}

std::optional<std::int64_t> next_depth(const Book& book, std::int64_t asked, std::int64_t limit,
                                       Decimal largest_trade) {
  const auto mid = book.mid();
  if (!mid || asked >= limit) return std::nullopt;
  const auto came = static_cast<double>(asked);
  const double trade = largest_trade.to_double();
  double needed = 0.0;
  for (const Side* side : {&book.bids, &book.asks}) {
    needed =
        std::max({needed, levels_needed(*side, *mid, came), levels_needed(*side, trade, came)});
  }
  if (needed == 0.0) return std::nullopt;
  return step_of(std::max(needed, came + 1.0), limit);
}

}  // namespace bourse::liquidity
