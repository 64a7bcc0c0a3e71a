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

void say_distances(const Call& call, const Book& book) {
  struct Columns {
    std::vector<std::optional<std::int64_t>> levels;
    Decimals quantities, values;
    std::vector<double> concentrations;

    void add(const std::optional<Depth>& depth) {
      levels.push_back(depth ? std::optional(static_cast<std::int64_t>(depth->levels))
                             : std::nullopt);
      quantities.push_back(depth ? std::optional(depth->quantity) : std::nullopt);
      values.push_back(depth ? std::optional(depth->value) : std::nullopt);
      concentrations.push_back(depth ? depth->concentration : std::nan(""));
    }
    void say(TableBuilder& table, const WithinFields& fields) const {
      table.column(fields.levels, levels)
          .column(fields.quantity, quantities)
          .column(fields.value, values)
          .column(fields.concentration, concentrations);
    }
  };
  std::vector<double> distances, imbalances;
  Columns bids, asks;
  for (const Within& within : within_of(book)) {
    distances.push_back(within.distance.to_double());
    imbalances.push_back(within.imbalance);
    bids.add(within.bid);
    asks.add(within.ask);
  }
  TableBuilder table("distances", "Depth by distance from mid");
  table.column(kWithin, distances);
  bids.say(table, kBidWithin);
  asks.say(table, kAskWithin);
  table.column(kWithinImbalance, imbalances);
  call.add(table);
}

Unfilled say_impact(const Call& call, const Book& book, std::span<const Decimal> sizes) {
  Texts sides;
  Decimals trades;
  std::vector<double> prices, impacts, filled;
  std::vector<std::optional<std::int64_t>> levels;
  Unfilled unfilled;
  for (const Decimal size : sizes) {
    for (const Side* side : {&book.asks, &book.bids}) {
      const Impact impact = impact_of(*side, size, book.mid());
      sides.emplace_back(side->kind() == SideKind::kAsk ? "buy" : "sell");
      trades.emplace_back(size);
      prices.push_back(impact.average_price);
      impacts.push_back(impact.percent);
      filled.push_back(impact.filled);
      levels.push_back(impact.unknown() ? std::nullopt
                                        : std::optional(static_cast<std::int64_t>(impact.levels)));
      if (impact.unknown()) ++unfilled.unknown;
      if (impact.filled < 1.0) ++unfilled.partial;
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
  return unfilled;
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
