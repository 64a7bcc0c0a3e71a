// SPDX-License-Identifier: MIT
#include "plugins/sources/synthetic/book.hpp"

#include <gtest/gtest.h>

namespace bourse::synthetic {
namespace {

constexpr std::int64_t kNewYear = 1'735'689'600;

TEST(Book, HoldsTheLastPriceAndOnlyGrowsAwayFromIt) {
  const Market market(42);
  for (const Symbol& symbol : market.symbols()) {
    for (const std::int64_t second : {kNewYear, kNewYear + 3601, kNewYear + 54'321}) {
      const Trade newest = market.trades(symbol, second, 1).front();
      const Book book = make_book(symbol, newest, second, 5000);
      ASSERT_FALSE(book.bids.empty());
      ASSERT_FALSE(book.asks.empty());
      EXPECT_LT(book.bids[0].price, book.asks[0].price);
      EXPECT_EQ(newest.buyer_is_maker ? book.bids[0].price : book.asks[0].price, newest.price);
      for (std::size_t i = 0; i < book.bids.size(); ++i) {
        ASSERT_GT(book.bids[i].price, 0);
        ASSERT_GT(book.bids[i].lots, 0);
        if (i > 0) {
          ASSERT_LT(book.bids[i].price, book.bids[i - 1].price);
        }
      }
      for (std::size_t i = 0; i < book.asks.size(); ++i) {
        ASSERT_GT(book.asks[i].lots, 0);
        if (i > 0) {
          ASSERT_GT(book.asks[i].price, book.asks[i - 1].price);
        }
      }
    }
  }
}

TEST(Book, AShallowOneIsTheTopOfADeepOne) {
  const Market market(42);
  const Symbol& symbol = market.symbols()[0];
  const Trade newest = market.trades(symbol, kNewYear, 1).front();
  const Book deep = make_book(symbol, newest, kNewYear, 5000);
  const Book shallow = make_book(symbol, newest, kNewYear, 20);
  EXPECT_EQ(deep.bids.size(), 5000u);
  EXPECT_EQ(deep.asks.size(), 5000u);
  ASSERT_EQ(shallow.bids.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(shallow.bids[i].price, deep.bids[i].price);
    EXPECT_EQ(shallow.bids[i].lots, deep.bids[i].lots);
    EXPECT_EQ(shallow.asks[i].price, deep.asks[i].price);
    EXPECT_EQ(shallow.asks[i].lots, deep.asks[i].lots);
  }
}

TEST(Book, ReachesAFewPercentAndEndsWhereOrdersWouldBeRefused) {
  const Market market(42);
  const auto reach = [&](const char* name) {
    const Symbol& s = market.symbols()[market.find(name).value()];
    const Trade newest = market.trades(s, kNewYear, 1).front();
    const Book book = make_book(s, newest, kNewYear, 5000);
    return 1 - static_cast<double>(book.bids.back().price) / static_cast<double>(newest.price);
  };
  EXPECT_NEAR(reach("BTCUSDT"), 0.08, 0.02);
  EXPECT_LE(reach("TRXUSDT"), 0.8);  // 2,000 ticks in all: fewer levels than asked
}

TEST(Book, UpdateIdsGrow) {
  const Market market(42);
  const Symbol& symbol = market.symbols()[0];
  const Trade newest = market.trades(symbol, kNewYear, 1).front();
  EXPECT_LT(make_book(symbol, newest, kNewYear, 1).last_update_id,
            make_book(symbol, newest, kNewYear + 1, 1).last_update_id);
}

}  // namespace
}  // namespace bourse::synthetic
