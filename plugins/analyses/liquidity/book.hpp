// SPDX-License-Identifier: MIT
//
// An order book with what its levels add up to. All exact: prices, quantities, values and their
// running sums are decimals.
//
// Scales stay small: the zeros that all prices (or quantities) of a side end with are dropped
// before they are multiplied, so a value has as many decimals as tick and lot need together, at
// most 16 for a source that sends 8. What would need more than 38 digits throws DecimalError.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bourse/decimal.hpp"

namespace bourse::liquidity {

enum class SideKind { kBid, kAsk };

struct Quote {
  Decimal price, quantity;
};

/// Why this is no level of a book: its price is not positive, or its quantity is negative; a
/// literal. nullopt: it is one.
std::optional<std::string_view> find_fault(const Quote& quote) noexcept;
/// Sorts what is not in the order of its side, best first; equal prices keep theirs. Returns
/// whether it was not.
bool bring_to_order(std::vector<Quote>& quotes, SideKind kind);

/// What is known of a side beyond its last level.
enum class Beyond {
  kNothing,  ///< there is no more: the side is whole
  kMore,     ///< as many levels came as were asked for: ask for more to see
  kUnknown   ///< fewer came than were asked for, and yet there may be more
};

/// Levels from the best price on, and so ascending in cumulative quantity and value.
class Side {
 public:
  explicit Side(SideKind kind) noexcept : kind_(kind) {}
  /// Leaves out quotes of quantity 0. REQUIRES: none has a fault, and they are in order.
  Side(SideKind kind, std::span<const Quote> quotes, Beyond beyond = Beyond::kUnknown);

  [[nodiscard]] SideKind kind() const noexcept { return kind_; }
  [[nodiscard]] Beyond beyond() const noexcept { return beyond_; }
  [[nodiscard]] std::size_t size() const noexcept { return levels_.size(); }
  [[nodiscard]] bool empty() const noexcept { return levels_.empty(); }
  /// Nobody bids, or asks: there are no levels, and not only none that came.
  [[nodiscard]] bool has_none() const noexcept { return empty() && beyond_ == Beyond::kNothing; }

  // Of one level. REQUIRES: level < size().
  [[nodiscard]] Decimal price(std::size_t level) const noexcept {
    return decimal(levels_[level].price, price_scale_);
  }
  [[nodiscard]] Decimal quantity(std::size_t level) const noexcept {
    return decimal(levels_[level].quantity, quantity_scale_);
  }
  /// price x quantity.
  [[nodiscard]] Decimal value(std::size_t level) const noexcept {
    return decimal(levels_[level].price * levels_[level].quantity, price_scale_ + quantity_scale_);
  }

  // Of the first `levels` levels together; 0 of none. REQUIRES: levels <= size().
  [[nodiscard]] Decimal quantity_of(std::size_t levels) const noexcept {
    return decimal(levels == 0 ? 0 : levels_[levels - 1].quantity_sum, quantity_scale_);
  }
  [[nodiscard]] Decimal value_of(std::size_t levels) const noexcept {
    return decimal(levels == 0 ? 0 : levels_[levels - 1].value_sum, price_scale_ + quantity_scale_);
  }
  [[nodiscard]] Decimal quantity() const noexcept { return quantity_of(size()); }
  [[nodiscard]] Decimal value() const noexcept { return value_of(size()); }

  /// How many levels, from the best on, lie within `percent` of mid; exactly that far counts.
  [[nodiscard]] std::size_t levels_within(Decimal mid, Decimal percent) const;
  /// Whether all that lies within `percent` of mid is here: a level lies there or beyond, or the
  /// side is whole. Without it, sums over that distance would tell of the request.
  [[nodiscard]] bool reaches(Decimal mid, Decimal percent) const;
  /// How many it takes until their value reaches `value`; size() + 1 when all do not.
  [[nodiscard]] std::size_t levels_worth(Decimal value) const noexcept;
  /// The best `levels` of them, or all.
  [[nodiscard]] Side best(std::size_t levels) const;

 private:
  /// Coefficients at the side's scales: half the memory of decimals, and sums without their checks.
  struct Level {
    Int128 price, quantity, quantity_sum, value_sum;
  };
  static Decimal decimal(Int128 coefficient, int scale) noexcept {
    return *Decimal::make(coefficient, scale);  // in range: the constructor has checked
  }
  /// The price so far from mid, on this side.
  [[nodiscard]] Decimal bound(Decimal mid, Decimal percent) const;

  SideKind kind_;
  Beyond beyond_ = Beyond::kUnknown;
  int price_scale_ = 0, quantity_scale_ = 0;
  std::vector<Level> levels_;
};

struct Book {
  Side bids{SideKind::kBid}, asks{SideKind::kAsk};

  [[nodiscard]] bool two_sided() const noexcept { return !bids.empty() && !asks.empty(); }
  /// Best bid at or above the best ask: the book of a broken feed, or of a moment that never was.
  [[nodiscard]] bool crossed() const noexcept;
  /// (best bid + best ask) / 2; nullopt unless both sides have levels.
  [[nodiscard]] std::optional<Decimal> mid() const;
};

/// 100 x how far the price is from mid, on its own side; negative beyond mid, in a crossed book.
double distance_percent(Decimal price, SideKind kind, double mid) noexcept;

}  // namespace bourse::liquidity
