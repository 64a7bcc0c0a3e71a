// SPDX-License-Identifier: MIT
//
// Bar: what was traded in a span of time, in whole ticks and lots, and how a bar splits into
// shorter ones. The history of a market is a tree: a day is drawn first, then split into 2 halves
// of 12 hours, those into 6 hours, 2 hours, ... down to seconds, by a rule that depends on nothing
// but the bar and the noise of its place. So any candle is found without walking through time, and
// longer candles are exactly the sums of shorter ones.
//
// WHAT HOLDS for every bar that split() makes, given a bar for which it holds (level: see kLevels):
//   - no trades: all four prices are equal, nothing was traded
//   - else trades >= kTradesMin, and for each flow: lots >= kLotsPerTrade x trades, and its mean
//     price lies inside the range, at least inset(level) / 64 of the range away from both ends
// The insets shrink from level to level by 1/64. That is the room that rounding needs, so that a
// split never fails: children may always take the whole range of their parent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "plugins/sources/synthetic/noise.hpp"

namespace bourse::synthetic {

struct Flow {
  std::int64_t lots = 0;
  std::int64_t value = 0;  ///< sum of ticks x lots
};

struct Bar {
  std::int64_t open = 0, high = 0, low = 0, close = 0;  ///< ticks
  std::int64_t trades = 0;
  Flow buy, sell;              ///< by the side of the taker
  std::int64_t deviation = 0;  ///< of the price over the bar as it was expected, ticks, Q8; not a
                               ///< fact of trading, but what shapes a split

  [[nodiscard]] std::int64_t lots() const noexcept { return buy.lots + sell.lots; }
  [[nodiscard]] std::int64_t value() const noexcept { return buy.value + sell.value; }
  /// Adds the bar that follows.
  void append(const Bar& next) noexcept {
    high = high < next.high ? next.high : high;
    low = next.low < low ? next.low : low;
    close = next.close;
    trades += next.trades;
    buy.lots += next.buy.lots;
    buy.value += next.buy.value;
    sell.lots += next.sell.lots;
    sell.value += next.sell.value;
  }
};

inline constexpr std::int64_t kDaySeconds = 86'400;
/// Seconds of a bar on each level; each is a whole part of the one before.
inline constexpr std::array<std::int64_t, 12> kLevels = {
    86'400, 43'200, 21'600, 7'200, 3'600, 1'800, 900, 300, 60, 15, 5, 1};
inline constexpr int kDayLevel = 0, kSecondLevel = static_cast<int>(kLevels.size()) - 1;
inline constexpr std::size_t kChildrenMax = 5;

constexpr std::size_t children_of(int level) noexcept {
  const auto i = static_cast<std::size_t>(level);
  return static_cast<std::size_t>(kLevels[i] / kLevels[i + 1]);
}

inline constexpr std::int64_t kTradesMin = 12;
inline constexpr std::int64_t kLotsPerTrade = 24;
/// In 1/64 of the range: 19 for a day ... 8 for a second.
constexpr std::int64_t inset(int level) noexcept { return 8 + kSecondLevel - level; }

/// The noise that shapes one split.
struct Shape {
  /// Normal with deviation 1, Q16: where the price goes between each two neighbours, and where the
  /// mean price of each child lies between its ends.
  std::array<std::int64_t, kChildrenMax - 1> moves{};
  std::array<std::int64_t, kChildrenMax> spreads{};
  std::array<std::int64_t, kChildrenMax> variance{};  ///< weight of each child, 1..4096
  std::array<std::int64_t, kChildrenMax> activity{};  ///< likewise, of its volume, 1..8192
  Stream own;                                         ///< for everything else
};

/// Splits a bar of `level` into children_of(level) bars of the next. REQUIRES: what holds, above.
void split(const Bar& bar, int level, const Shape& shape, std::span<Bar> children);

/// The bounds of a flow's value that its mean price allows, see above.
struct ValueRange {
  std::int64_t low, high;
};
[[nodiscard]] ValueRange value_range(std::int64_t lots, std::int64_t low, std::int64_t high,
                                     int level) noexcept;

}  // namespace bourse::synthetic
