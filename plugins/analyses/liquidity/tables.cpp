// SPDX-License-Identifier: MIT
#include "plugins/analyses/liquidity/tables.hpp"

#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "plugins/analyses/liquidity/fields.hpp"
#include "plugins/analyses/liquidity/impact.hpp"
#include "plugins/analyses/liquidity/measures.hpp"
#include "plugins/analyses/liquidity/steps.hpp"

namespace bourse::liquidity {
namespace {

using Decimals = std::vector<std::optional<Decimal>>;
using Texts = std::vector<std::string_view>;

std::string_view name_of(SideKind kind) { return kind == SideKind::kBid ? "bid" : "ask"; }

struct DepthColumns {
  Texts sides;
  std::vector<std::int64_t> levels;
  Decimals prices, quantities, sums, values;

  /// `better`: how many levels the better step shown has. The quantity is what came since.
  void add(const Side& side, std::size_t level, std::size_t better) {
    sides.push_back(name_of(side.kind()));
    levels.push_back(static_cast<std::int64_t>(level + 1));
    prices.emplace_back(side.price(level));
    quantities.emplace_back(side.quantity_of(level + 1) - side.quantity_of(better));
    sums.emplace_back(side.quantity_of(level + 1));
    values.emplace_back(side.value_of(level + 1));
  }
};

}  // namespace

void say_levels(const Call& call, const Book& book) {
  const auto mid = book.mid();
  const double middle = mid ? mid->to_double() : std::nan("");
  Texts sides;
  std::vector<std::int64_t> levels;
  std::vector<double> distances;
  Decimals prices, quantities, sums, values, value_sums;
  for (const Side* side : {&book.bids, &book.asks}) {
    for (std::size_t level = 0; level < side->size(); ++level) {
      sides.push_back(name_of(side->kind()));
      levels.push_back(static_cast<std::int64_t>(level + 1));
      distances.push_back(distance_percent(side->price(level), side->kind(), middle));
      prices.emplace_back(side->price(level));
      quantities.emplace_back(side->quantity(level));
      sums.emplace_back(side->quantity_of(level + 1));
      values.emplace_back(side->value(level));
      value_sums.emplace_back(side->value_of(level + 1));
    }
  }
  TableBuilder table("levels", "Levels");
  table.column(kSide, sides)
      .column(kLevel, levels)
      .column(kPrice, prices)
      .column(kQuantity, quantities)
      .column(kCumulativeQuantity, sums)
      .column(kDistance, distances)
      .column(kValue, values)
      .column(kCumulativeValue, value_sums);
  call.add(table);
}

void say_depth(const Call& call, const Book& book) {
  DepthColumns columns;
  const auto bids = steps_of(book.bids.size(), kDepthSteps);
  for (std::size_t i = bids.size(); i-- > 0;) {  // the best bid is the highest: last
    columns.add(book.bids, bids[i], i == 0 ? 0 : bids[i - 1] + 1);
  }
  const auto asks = steps_of(book.asks.size(), kDepthSteps);
  for (std::size_t i = 0; i < asks.size(); ++i) {
    columns.add(book.asks, asks[i], i == 0 ? 0 : asks[i - 1] + 1);
  }
  TableBuilder table("depth", "Cumulative depth");
  table.column(kSide, columns.sides)
      .column(kLevel, columns.levels)
      .column(kPrice, columns.prices)
      .column(kStepQuantity, columns.quantities)
      .column(kCumulativeQuantity, columns.sums)
      .column(kCumulativeValue, columns.values);
  call.add(table);
}

void say_distribution(const Call& call, const Book& book) {
  Texts sides, names;
  std::vector<std::int64_t> from, levels;
  std::vector<std::optional<std::int64_t>> to;
  Decimals quantities, values;
  std::vector<double> shares;
  const auto mid = book.mid();
  for (const Side* side : {&book.bids, &book.asks}) {
    if (!mid) break;  // no mid, no distance
    for (const Bucket& bucket : distribution_of(*side, *mid)) {
      sides.push_back(name_of(side->kind()));
      names.emplace_back(bucket.name);
      from.push_back(bucket.from);
      to.emplace_back(bucket.to);
      levels.push_back(static_cast<std::int64_t>(bucket.levels));
      quantities.emplace_back(bucket.quantity);
      values.emplace_back(bucket.value);
      shares.push_back(bucket.share);
    }
  }
  TableBuilder table("distribution", "Depth by distance from mid");
  table.column(kSide, sides)
      .column(kBucket, names)
      .column(kFrom, from)
      .column(kTo, to)
      .column(kBucketLevels, levels)
      .column(kQuantity, quantities)
      .column(kBucketValue, values)
      .column(kShare, shares);
  call.add(table);
}

std::size_t say_impact(const Call& call, const Book& book, std::span<const Decimal> sizes) {
  Texts sides;
  Decimals trades;
  std::vector<double> prices, impacts, filled;
  std::vector<std::int64_t> levels;
  std::size_t partial = 0;
  for (const Decimal size : sizes) {
    for (const Side* side : {&book.asks, &book.bids}) {
      const Impact impact = impact_of(*side, size, book.mid());
      sides.emplace_back(side->kind() == SideKind::kAsk ? "buy" : "sell");
      trades.emplace_back(size);
      prices.push_back(impact.average_price);
      impacts.push_back(impact.percent);
      filled.push_back(impact.filled);
      levels.push_back(static_cast<std::int64_t>(impact.levels));
      if (impact.filled < 1.0) ++partial;
    }
  }
  TableBuilder table("impact", "Price impact of trades");
  table.column(kTradeSide, sides)
      .column(kTradeSize, trades)
      .column(kAveragePrice, prices)
      .column(kImpact, impacts)
      .column(kFilled, filled)
      .column(kLevelsUsed, levels);
  call.add(table);
  return partial;
}

void say_charts(const Call& call) {
  call.add(Chart(BOURSE_CHART_AREA, "cumulative_depth", "Cumulative depth")
               .of("depth")
               .channel(BOURSE_ROLE_GROUP, "side")
               .channel(BOURSE_ROLE_X, "price", "Price")
               .channel(BOURSE_ROLE_Y, "cumulative_quantity", "Cumulative quantity"));
  // By number of the level: by price, the bars of a coin that costs 0.00001 would all be one.
  call.add(Chart(BOURSE_CHART_BAR, "quantity_per_level", "Quantity per level")
               .of("depth")
               .channel(BOURSE_ROLE_GROUP, "side")
               .channel(BOURSE_ROLE_X, "level", "Level")
               .channel(BOURSE_ROLE_Y, "quantity", "Quantity"));
}

}  // namespace bourse::liquidity
