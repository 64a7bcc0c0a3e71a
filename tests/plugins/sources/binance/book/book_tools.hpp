// SPDX-License-Identifier: MIT
//
// Books, changes and moments in few letters, for tests of the order book.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "plugins/sources/binance/book/local_book.hpp"

namespace bourse::binance {

/// In the middle: a pause is as long as it is written.
class EvenRandom final : public Random {
 public:
  double unit() override { return 0.5; }
};

using Texts = std::vector<std::pair<std::string, std::string>>;  ///< prices and quantities

inline Instant at(std::int64_t ms) { return Instant(std::chrono::milliseconds(1'000'000 + ms)); }

inline std::string json_of(const Texts& levels) {
  std::string text = "[";
  for (const auto& [price, quantity] : levels) {
    text += (text.size() > 1 ? ",[\"" : "[\"") + price + "\",\"" + quantity + "\"]";
  }
  return text + ']';
}

/// As the exchange writes it, through the parser.
inline DepthDiff change(std::int64_t first, std::int64_t last, const Texts& bids = {},
                        const Texts& asks = {}) {
  std::string body =
      R"({"e":"depthUpdate","E":)" + std::to_string(1'753'000'000'000 + last % 1'000'000) +
      R"(,"s":"BTCUSDT","U":)" + std::to_string(first) + ",\"u\":" + std::to_string(last) +
      ",\"b\":" + json_of(bids) + ",\"a\":" + json_of(asks) + "}";
  auto message = parse_book_message(body);
  EXPECT_TRUE(message) << message.error().text();
  return std::get<DepthDiff>((*std::move(message)).event);
}

inline OrderBook snapshot_of(std::int64_t id, const Texts& bids, const Texts& asks) {
  OrderBook book;
  book.last_update_id = id;
  for (const auto& [price, quantity] : bids) {
    book.bids.push_back({Decimal::from(price), Decimal::from(quantity)});
  }
  for (const auto& [price, quantity] : asks) {
    book.asks.push_back({Decimal::from(price), Decimal::from(quantity)});
  }
  return book;
}

inline TopOfBook top_of(std::int64_t id, const std::string& bid, const std::string& bid_quantity,
                        const std::string& ask, const std::string& ask_quantity) {
  return {.id = id,
          .row = {.symbol = "BTCUSDT",
                  .bid = Decimal::from(bid),
                  .bid_quantity = Decimal::from(bid_quantity),
                  .ask = Decimal::from(ask),
                  .ask_quantity = Decimal::from(ask_quantity)}};
}

/// "10.5x2 10.0x1 | 11.0x3", best first.
inline std::string text_of(const OrderBook& book) {
  std::string text;
  for (const Level& level : book.bids)
    text += level.price.text() + 'x' + level.quantity.text() + ' ';
  text += '|';
  for (const Level& level : book.asks)
    text += ' ' + level.price.text() + 'x' + level.quantity.text();
  return text;
}
inline std::string text_of(const LocalBook& book, std::size_t depth = 5000) {
  const auto view = book.view(depth);
  return view ? text_of(view->book) : "nothing";
}

}  // namespace bourse::binance
