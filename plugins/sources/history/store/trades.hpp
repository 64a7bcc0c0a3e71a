// SPDX-License-Identifier: MIT
//
// What a history keeps beside candles: trades and snapshots of order books, of a market each.
//
// Trades are told from one another by their number, which the exchange gives without a gap, so what
// is missing between the first and the last kept one is known without anything else being kept:
// the numbers that are not there. All of these are plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugins/sources/history/store/types.hpp"

namespace bourse::history {

/// Of which market; bytes are compared, as in SeriesKey.
struct Market {
  std::string source;
  std::string symbol;
  friend auto operator<=>(const Market&, const Market&) noexcept = default;
};

using TradeId = std::int64_t;

struct Trade {
  TradeId id = 0;
  Millis time = 0;
  Decimal price, quantity, quote_quantity;
  bool buyer_is_maker = false;
  /// By value: "0.10" is "0.1".
  friend bool operator==(const Trade&, const Trade&) noexcept = default;
};
/// As scale_of candles.
Scale scale_of(std::span<const Trade> rows) noexcept;

/// Numbers [first, last], both in it.
struct TradeIds {
  TradeId first = 0;
  TradeId last = 0;
  friend constexpr bool operator==(TradeIds, TradeIds) noexcept = default;
};

/// One transaction. Bounds: at most kRowsMax rows.
struct TradeBatch {
  static constexpr std::size_t kRowsMax = 10'000;
  Market market;
  Origin origin = {};
  /// In any order; of different ones of one number the last counts.
  std::span<const Trade> rows = {};
};

struct WrittenTrades {
  std::uint64_t added = 0;     ///< numbers that were not there
  std::uint64_t equal = 0;     ///< rows that were there already; no write
  std::uint64_t revised = 0;   ///< rows that differ, and show now; what was there is a revision
  std::uint64_t refused = 0;   ///< rows that differ, and became a revision
  std::uint64_t repeated = 0;  ///< rows of a number that `rows` had already
  std::vector<TradeId> conflicts = {};  ///< of `revised` and `refused`, the first 100
};

/// The version of a trade that is not shown.
struct TradeRevision {
  Trade trade;
  Millis seen_at = 0;
  OriginId origin = 0;
  friend bool operator==(const TradeRevision&, const TradeRevision&) noexcept = default;
};

struct TradesStatus {
  Market market;
  std::uint64_t rows = 0;
  TradeIds ids = {};            ///< the first and the last, where rows > 0
  Millis from = 0, to = 0;      ///< their times
  std::uint64_t missing = 0;    ///< numbers between them that are not kept
  std::uint64_t revisions = 0;  ///< versions not shown
};

struct Level {
  Decimal price, quantity;
  friend bool operator==(const Level&, const Level&) noexcept = default;
};

/// A snapshot: what an answer showed of a book.
struct Book {
  Millis time = 0;  ///< of the snapshot, where that is known, else when the source answered
  std::optional<std::int64_t> last_update_id = {};
  std::int64_t depth = 0;   ///< levels of each side that were asked for
  bool is_complete = true;  ///< fewer than `depth` are all there are
  std::vector<Level> bids, asks;
  friend bool operator==(const Book&, const Book&) noexcept = default;
};

struct BooksStatus {
  Market market;
  std::uint64_t rows = 0;
  Millis from = 0, to = 0;  ///< of the first and the last, where rows > 0
};

/// What a database's room is used for.
struct Sizes {
  std::uint64_t candles = 0, trades = 0, books = 0;  ///< bytes, with indexes and what hangs on them
};

}  // namespace bourse::history
