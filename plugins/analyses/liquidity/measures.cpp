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

std::optional<Depth> depth_within(const Side& side, Decimal mid, Decimal distance) {
  if (!side.reaches(mid, distance)) return std::nullopt;
  const std::size_t levels = side.levels_within(mid, distance);
  return Depth{levels, side.quantity_of(levels), side.value_of(levels), std::nan("")};
}

double imbalance_of(const std::optional<Depth>& bid, const std::optional<Depth>& ask) {
  if (!bid || !ask) return std::nan("");
  const Decimal both = bid->value + ask->value;
  if (both.is_zero()) return std::nan("");
  return (bid->value - ask->value).to_double() / both.to_double();
}

/// Fills in the shares, once the farthest distance is known.
void say_concentration(std::array<Within, kDistances.size()>& all,
                       std::optional<Depth> Within::*side) {
  const std::optional<Depth> farthest = all.back().*side;
  if (!farthest || farthest->value.is_zero()) return;
  const double whole = farthest->value.to_double();
  for (Within& within : all) {  // each nearer distance is reached too
    if (within.*side) (within.*side)->concentration = (within.*side)->value.to_double() / whole;
  }
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

std::array<Within, kDistances.size()> within_of(const Book& book) {
  std::array<Within, kDistances.size()> out{};
  const auto mid = book.mid();
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].distance = kDistances[i];
    if (mid) {
      out[i].bid = depth_within(book.bids, *mid, kDistances[i]);
      out[i].ask = depth_within(book.asks, *mid, kDistances[i]);
    }
    out[i].imbalance = imbalance_of(out[i].bid, out[i].ask);
  }
  say_concentration(out, &Within::bid);
  say_concentration(out, &Within::ask);
  return out;
}

double volume_weighted_price(const Side& side) noexcept {
  if (side.empty()) return std::nan("");
  return side.value().to_double() / side.quantity().to_double();
}

std::optional<Balance> balance_of(const Book& book) {
  const auto mid = book.mid();
  if (!mid) return std::nullopt;
  const auto bid = depth_within(book.bids, *mid, kNearDistance),
             ask = depth_within(book.asks, *mid, kNearDistance);
  const double imbalance = imbalance_of(bid, ask);
  if (std::isnan(imbalance)) return std::nullopt;
  return Balance{.imbalance = imbalance,
                 .bid_ask_ratio = ask->value.is_zero()
                                      ? std::nan("")
                                      : bid->value.to_double() / ask->value.to_double(),
                 .direction = imbalance > 0.1    ? "buy_pressure"
                              : imbalance < -0.1 ? "sell_pressure"
                                                 : "balanced",
                 .depth_asymmetry =
                     at_factor(bid->value, ask->value, "bid_deeper", "ask_deeper", "symmetric")};
}

std::optional<Score> score_of(const Book& book) {
  const auto mid = book.mid();
  if (!mid) return std::nullopt;
  const auto bid = depth_within(book.bids, *mid, kNearDistance),
             ask = depth_within(book.asks, *mid, kNearDistance);
  if (!bid || !ask) return std::nullopt;
  const Decimal near = bid->value + ask->value;
  const double depth = near.to_double();
  const double score = 100.0 * depth / (depth + kHalfScore);
  return Score{near, score,
               score > 80.0   ? "excellent"
               : score > 50.0 ? "good"
               : score > 20.0 ? "fair"
                              : "poor"};
}

bool is_one_sided(const Book& book) noexcept {
  return book.bids.has_none() || book.asks.has_none();
}

}  // namespace bourse::liquidity
