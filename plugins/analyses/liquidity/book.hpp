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
#include <string>
#include <vector>

#include "bourse/decimal.hpp"

namespace bourse::liquidity {

enum class SideKind { kBid, kAsk };

struct Quote {
  Decimal price, quantity;
};

/// Why these quotes are no side of a book: a price that is not positive, a negative quantity, a
/// better price after a worse one. nullopt: they are one.
std::optional<std::string> find_fault(std::span<const Quote> quotes, SideKind kind);

/// Levels from the best price on, and so ascending in cumulative quantity and value.
class Side {
 public:
  explicit Side(SideKind kind) noexcept : kind_(kind) {}
  /// Leaves out quotes of quantity 0. REQUIRES: no fault.
  Side(SideKind kind, std::span<const Quote> quotes);

  [[nodiscard]] SideKind kind() const noexcept { return kind_; }
  [[nodiscard]] std::size_t size() const noexcept { return levels_.size(); }
  [[nodiscard]] bool empty() const noexcept { return levels_.empty(); }

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
  [[nodiscard]] std::size_t levels_within(Decimal mid, int percent) const;
  /// How many it takes until their value reaches `value`; size() + 1 when all do not.
  [[nodiscard]] std::size_t levels_worth(Decimal value) const noexcept;

 private:
  /// Coefficients at the side's scales: half the memory of decimals, and sums without their checks.
  struct Level {
    Int128 price, quantity, quantity_sum, value_sum;
  };
  static Decimal decimal(Int128 coefficient, int scale) noexcept {
    return *Decimal::make(coefficient, scale);  // in range: the constructor has checked
  }

  SideKind kind_;
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
