// SPDX-License-Identifier: MIT
#include "plugins/sources/synthetic/bar.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace bourse::synthetic {
namespace {

/// What bar.hpp promises of a bar; empty when it holds.
std::string broken(const Bar& b, int level) {
  if (b.low < 1 || b.low > std::min(b.open, b.close) || b.high < std::max(b.open, b.close)) {
    return "prices";
  }
  if (b.trades == 0) {
    return b.high == b.low && b.lots() == 0 && b.value() == 0 ? "" : "a bar without trades moves";
  }
  if (b.trades < kTradesMin) return "too few trades";
  for (const Flow& f : {b.buy, b.sell}) {
    if (f.lots < kLotsPerTrade * b.trades) return "too few lots";
    const detail::Int128 range = detail::Int128{f.lots} * (b.high - b.low) * inset(level);
    if (64 * detail::Int128{f.value - f.lots * b.low} < range) return "mean price too low";
    if (64 * detail::Int128{f.lots * b.high - f.value} < range) return "mean price too high";
  }
  return "";
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : stream_(seed) {}
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(stream_.at(i_++) % static_cast<std::uint64_t>(n));
  }
  std::uint64_t bits() { return stream_.at(i_++); }

 private:
  Stream stream_;
  std::uint64_t i_ = 0;
};

/// Any bar for which the promise holds, often on its edges.
Bar any_bar(Dice& dice, int level) {
  Bar b;
  const std::int64_t range = dice.below(4) == 0 ? dice.below(4) : dice.below(1'000'000);
  b.low = 1 + dice.below(10'000'000);
  b.high = b.low + range;
  b.open = b.low + dice.below(range + 1);
  b.close = dice.below(3) == 0 ? b.low : b.low + dice.below(range + 1);
  b.trades = kTradesMin + dice.below(dice.below(2) == 0 ? 100 : 100'000);
  for (Flow* f : {&b.buy, &b.sell}) {
    f->lots = kLotsPerTrade * b.trades + (dice.below(3) == 0 ? 0 : dice.below(10'000'000'000));
    const ValueRange values = value_range(f->lots, b.low, b.high, level);
    const std::int64_t room = values.high - values.low;
    const std::int64_t edge = dice.below(4);
    f->value = edge == 0   ? values.low
               : edge == 1 ? values.high
                           : values.low + (room > 0 ? dice.below(room + 1) : 0);
  }
  return b;
}

Shape any_shape(Dice& dice) {
  Shape shape;
  shape.own = Stream(dice.bits());
  for (std::int64_t& m : shape.moves) m = normal(dice.bits());
  for (std::int64_t& m : shape.spreads) m = normal(dice.bits());
  for (std::int64_t& v : shape.variance) v = 1 + dice.below(4095);
  for (std::int64_t& a : shape.activity) a = 1 + dice.below(8191);
  return shape;
}

Bar sum(std::span<const Bar> bars) {
  Bar out = bars[0];
  for (const Bar& b : bars.subspan(1)) out.append(b);
  return out;
}

TEST(Bar, AnyBarSplitsIntoBarsThatAddUpAndKeepThePromise) {
  Dice dice(20240901);
  for (int round = 0; round < 40'000; ++round) {
    const int level = static_cast<int>(dice.below(kSecondLevel));
    const Bar whole = any_bar(dice, level);
    ASSERT_EQ(broken(whole, level), "") << "the test made a bad bar in round " << round;
    std::array<Bar, kChildrenMax> children;
    const std::size_t n = children_of(level);
    split(whole, level, any_shape(dice), {children.data(), n});
    std::int64_t price = whole.open;
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(broken(children[i], level + 1), "") << "round " << round << " child " << i;
      ASSERT_EQ(children[i].open, price) << "a child opens where the one before closed";
      price = children[i].close;
    }
    const Bar all = sum({children.data(), n});
    ASSERT_EQ(all.open, whole.open);
    ASSERT_EQ(all.high, whole.high);
    ASSERT_EQ(all.low, whole.low);
    ASSERT_EQ(all.close, whole.close);
    ASSERT_EQ(all.trades, whole.trades);
    ASSERT_EQ(all.buy.lots, whole.buy.lots);
    ASSERT_EQ(all.buy.value, whole.buy.value);
    ASSERT_EQ(all.sell.lots, whole.sell.lots);
    ASSERT_EQ(all.sell.value, whole.sell.value);
  }
}

TEST(Bar, WithoutTradesStaysFlat) {
  Dice dice(1);
  const Bar quiet{500, 500, 500, 500, 0, {}, {}, 0};
  std::array<Bar, kChildrenMax> children;
  split(quiet, 8, any_shape(dice), {children.data(), children_of(8)});
  for (std::size_t i = 0; i < children_of(8); ++i) {
    EXPECT_EQ(broken(children[i], 9), "");
    EXPECT_EQ(children[i].open, 500);
  }
}

TEST(Bar, FewTradesFallToFewChildren) {
  Dice dice(2);
  Bar bar{500, 510, 490, 505, kTradesMin * 2 + 5, {2000, 1'000'000}, {2000, 1'000'000}, 0};
  ASSERT_EQ(broken(bar, 7), "");
  std::array<Bar, kChildrenMax> children;
  split(bar, 7, any_shape(dice), {children.data(), 5});
  EXPECT_EQ(
      std::count_if(children.begin(), children.end(), [](const Bar& b) { return b.trades > 0; }),
      2);
}

TEST(Levels, EachIsAWholePartOfTheOneBefore) {
  for (std::size_t i = 0; i + 1 < kLevels.size(); ++i) {
    EXPECT_EQ(kLevels[i] % kLevels[i + 1], 0);
    EXPECT_LE(kLevels[i] / kLevels[i + 1], static_cast<std::int64_t>(kChildrenMax));
  }
  EXPECT_EQ(kLevels.front(), kDaySeconds);
  EXPECT_EQ(kLevels.back(), 1);
}

}  // namespace
}  // namespace bourse::synthetic
