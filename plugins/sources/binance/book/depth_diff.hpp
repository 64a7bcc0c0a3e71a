// SPDX-License-Identifier: MIT
//
// What the exchange's streams say of an order book: changes of its levels (depthUpdate), and its
// best prices (bookTicker). Read from a message of a stream, checked.
//
// Prices and quantities of changes are whole numbers of 10^-scale, exact: "1.10", "1.1" and "1.100"
// are one price, "0.00" and "0" are both zero.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "bourse/report.hpp"
#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

/// A level, in units that whoever holds it knows the scale of.
struct BookRow {
  std::int64_t price = 0;
  std::int64_t quantity = 0;  ///< of the whole level, not what was added; 0: the level is gone
  friend bool operator==(const BookRow&, const BookRow&) = default;
};

/// What changed between two states of a book. Levels may be named twice: the last one counts.
struct DepthDiff {
  /// The updates it is made of: `U` and `u`, 0 < first <= last. How many levels it has says nothing
  /// about them.
  std::int64_t first = 0, last = 0;
  Time time;  ///< `E`
  /// Decimals of all its prices and of all its quantities; 0 to 18.
  int price_scale = 0, quantity_scale = 0;
  std::vector<BookRow> bids, asks;

  [[nodiscard]] std::size_t rows() const noexcept { return bids.size() + asks.size(); }
};

/// The best prices after the update `id` (`u`). A side without orders is zero.
struct TopOfBook {
  std::int64_t id = 0;
  BookTicker row;
};

struct BookMessage {
  std::string stream;  ///< its name, "btcusdt@depth@100ms"; "" when it came without
  std::string symbol;
  std::variant<DepthDiff, TopOfBook> event;
};

/// Reads a message with its wrapper {"stream":...,"data":...} or without, destroying its bytes.
/// Other members are skipped. Anything that cannot be understood costs the whole message, because a
/// book that misses one level is wrong: a kProtocol Error that says what. Amounts need to fit into
/// 64 bits at the scale of their message, as all of the exchange's do.
Result<BookMessage> parse_book_message(std::string& body);

}  // namespace bourse::binance
