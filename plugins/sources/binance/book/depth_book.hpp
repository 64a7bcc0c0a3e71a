// SPDX-License-Identifier: MIT
//
// DepthBook: the levels of one market at one update of the exchange. A snapshot, and the changes
// applied to it. No connections, no times, no retries: see LocalBook.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugins/sources/binance/book/depth_diff.hpp"
#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

/// One side: worst price first, so that what changes most is at the end. Keys ascend towards the
/// better price: a price of the bids, minus a price of the asks.
class BookSide {
 public:
  struct Row {
    std::int64_t key, quantity;
  };
  /// More levels than this are cut to kKept, which are more than any question needs.
  static constexpr std::size_t kMost = 10'000, kKept = 7'500;

  /// Quantity 0 removes the level, which need not be there.
  void set(std::int64_t key, std::int64_t quantity);
  /// Forgets the worst levels, when there are too many: the known range ends where they began.
  void prune();
  /// From here to the best all levels are known; nullopt: all there are.
  void set_known_from(std::optional<std::int64_t> key) { known_from_ = key; }
  [[nodiscard]] std::optional<std::int64_t> known_from() const noexcept { return known_from_; }
  /// Levels of the known range, worst first.
  [[nodiscard]] std::span<const Row> known() const;
  /// All levels, also those outside of the known range, between which there may be others.
  [[nodiscard]] std::span<const Row> all() const noexcept { return rows_; }
  /// The best level, if it is known: not when all that were known are gone and there may be others.
  [[nodiscard]] const Row* best() const;
  /// False, and nothing has changed: a number would not fit.
  bool multiply(std::int64_t keys_by, std::int64_t quantities_by);
  void reserve(std::size_t rows) { rows_.reserve(rows); }

 private:
  std::vector<Row> rows_;
  std::optional<std::int64_t> known_from_;
};

class DepthBook {
 public:
  enum class Applied : std::uint8_t {
    kApplied,
    kOld,         ///< known already: nothing changed
    kGap,         ///< something before it is missing: nothing changed
    kUnreadable,  ///< a number that does not fit: nothing changed
    kCrossed,     ///< the best bid is not below the best ask now: of no use any more
  };

  /// From an answer to a question for `limit` levels a side. What is wrong with it, if it cannot be
  /// a book to apply changes to, goes to `problem`.
  static std::optional<DepthBook> from(const OrderBook& snapshot, int limit, std::string& problem);

  Applied apply(const DepthDiff& diff);

  [[nodiscard]] std::int64_t id() const noexcept { return id_; }
  [[nodiscard]] const BookSide& bids() const noexcept { return bids_; }
  [[nodiscard]] const BookSide& asks() const noexcept { return asks_; }
  /// Decimals of its prices and quantities, as the snapshot wrote them.
  [[nodiscard]] int price_scale() const noexcept { return price_scale_; }
  [[nodiscard]] int quantity_scale() const noexcept { return quantity_scale_; }
  [[nodiscard]] Decimal price(std::int64_t units) const;
  [[nodiscard]] Decimal quantity(std::int64_t units) const;

  /// The best `depth` levels of each side that are known, best first.
  [[nodiscard]] OrderBook levels(std::size_t depth) const;
  /// Also those outside of the known range.
  [[nodiscard]] OrderBook all_levels() const;
  /// Whether levels(depth) has all that the exchange would show.
  [[nodiscard]] bool has(std::size_t depth) const;
  /// Of one side, the worst price of the known range; nullopt: all of it is known.
  [[nodiscard]] std::optional<Decimal> bids_known_to() const;
  [[nodiscard]] std::optional<Decimal> asks_known_to() const;
  /// Whether its best prices are these; nullopt when it does not know them.
  [[nodiscard]] std::optional<bool> agrees_with(const BookTicker& ticker) const;

 private:
  DepthBook() = default;
  [[nodiscard]] bool is_crossed() const;
  [[nodiscard]] OrderBook listed(std::span<const BookSide::Row> bids,
                                 std::span<const BookSide::Row> asks) const;
  /// Takes over finer scales, where a change needs them. False: a number would not fit.
  bool adopt_scales(const DepthDiff& diff);

  std::int64_t id_ = 0;
  int price_scale_ = 0, quantity_scale_ = 0;
  bool has_scales_ = false;  ///< false: no level has told yet
  BookSide bids_, asks_;
};

}  // namespace bourse::binance
