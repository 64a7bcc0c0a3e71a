// SPDX-License-Identifier: MIT
//
// TickerCheck: whether a book's best prices are those of bookTicker, which is a stream of its own
// and mostly ahead. Between two states of the book there is nothing to compare: only a ticker with
// the number of a state of the book says something about it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "plugins/sources/binance/book/depth_book.hpp"
#include "plugins/sources/binance/book/depth_diff.hpp"

namespace bourse::binance {

class TickerCheck {
 public:
  /// How many are kept for states that the book has not reached yet.
  static constexpr std::size_t kKept = 64;

  /// False: it is not newer than the last one, and forgotten.
  bool add(const TopOfBook& top);
  /// Compares with the ticker of the book's number, if there is one: once. nullopt: there is none.
  std::optional<bool> compare(const DepthBook& book);
  /// The newest number seen; 0: none.
  [[nodiscard]] std::int64_t newest() const noexcept { return newest_; }
  void clear();

 private:
  std::array<TopOfBook, kKept> kept_;  ///< a ring; id 0: free
  std::size_t next_ = 0;
  std::int64_t newest_ = 0;
};

}  // namespace bourse::binance
