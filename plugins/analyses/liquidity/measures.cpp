// SPDX-License-Identifier: MIT
#include "plugins/analyses/liquidity/measures.hpp"

#include <cmath>

namespace bourse::liquidity {
namespace {

constexpr double kHalfScore = 1'000'000.0;  // quote units that score 50

/// Exact, where the double nearest to a percentage could fall on either side of its bound.
std::string_view classify(Decimal absolute, Decimal mid) {
  const Decimal per_ten_thousand = absolute * Decimal::of(10'000);
  if (per_ten_thousand < mid * Decimal::of(5)) return "tight";
  return per_ten_thousand < mid * Decimal::of(10) ? "normal" : "wide";
}

/// first: a > 1.2 b, second: b > 1.2 a.
std::string_view at_factor(Decimal a, Decimal b, std::string_view first, std::string_view second,
                           std::string_view neither) {
  static constexpr Decimal kFactor = *Decimal::make(12, 1);
  if (a > b * kFactor) return first;
  return b > a * kFactor ? second : neither;
}

Decimal value_within_one_percent(const Side& side, Decimal mid) {
  return side.value_of(side.levels_within(mid, 1));
}

}  // namespace

std::optional<Spread> spread_of(const Book& book) {
  const auto mid = book.mid();
  if (!mid) return std::nullopt;
  const Decimal bid = book.bids.price(0);
  const Decimal absolute = book.asks.price(0) - bid;
  const double percent = 100.0 * absolute.to_double() / mid->to_double();
  // As a share of the way from bid to ask, which cannot leave it by rounding.
  const double bid_quantity = book.bids.quantity(0).to_double();
  const double bid_share = bid_quantity / (bid_quantity + book.asks.quantity(0).to_double());
  return Spread{.absolute = absolute,
                .mid = *mid,
                .percent = percent,
                .basis_points = 100.0 * percent,
                .microprice = bid.to_double() + bid_share * absolute.to_double(),
                .classification = book.crossed() ? std::string_view() : classify(absolute, *mid)};
}

Distribution distribution_of(const Side& side, Decimal mid) {
  Distribution out{{{"0-1 %", 0, 1, 0, {}, {}, 0.0},
                    {"1-2 %", 1, 2, 0, {}, {}, 0.0},
                    {"2-5 %", 2, 5, 0, {}, {}, 0.0},
                    {"5 %+", 5, std::nullopt, 0, {}, {}, 0.0}}};
  const double all = side.quantity().to_double();
  std::size_t first = 0;
  for (Bucket& bucket : out) {
    const std::size_t end = bucket.to ? side.levels_within(mid, *bucket.to) : side.size();
    bucket.levels = end - first;
    bucket.quantity = side.quantity_of(end) - side.quantity_of(first);
    bucket.value = side.value_of(end) - side.value_of(first);
    bucket.share = bucket.quantity.to_double() / all;
    first = end;
  }
  return out;
}

double volume_weighted_price(const Side& side) noexcept {
  if (side.empty()) return std::nan("");
  return side.value().to_double() / side.quantity().to_double();
}

std::optional<Balance> balance_of(const Book& book) {
  const auto mid = book.mid();
  if (!mid) return std::nullopt;
  const Decimal bid = book.bids.quantity(), ask = book.asks.quantity();
  const double imbalance = (bid - ask).to_double() / (bid + ask).to_double();
  return Balance{.imbalance = imbalance,
                 .bid_ask_ratio = bid.to_double() / ask.to_double(),
                 .direction = imbalance > 0.1    ? "buy_pressure"
                              : imbalance < -0.1 ? "sell_pressure"
                                                 : "balanced",
                 .book_balance = at_factor(bid, ask, "bid_heavy", "ask_heavy", "balanced"),
                 .depth_asymmetry = at_factor(value_within_one_percent(book.bids, *mid),
                                              value_within_one_percent(book.asks, *mid),
                                              "bid_deeper", "ask_deeper", "symmetric")};
}

Score score_of(const Book& book) {
  const auto mid = book.mid();
  if (!mid) return {Decimal(), 0.0, "poor"};
  const Decimal near =
      value_within_one_percent(book.bids, *mid) + value_within_one_percent(book.asks, *mid);
  const double depth = near.to_double();
  const double score = 100.0 * depth / (depth + kHalfScore);
  return {near, score,
          score > 80.0   ? "excellent"
          : score > 50.0 ? "good"
          : score > 20.0 ? "fair"
                         : "poor"};
}

}  // namespace bourse::liquidity
