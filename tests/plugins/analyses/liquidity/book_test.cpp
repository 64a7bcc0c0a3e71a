// SPDX-License-Identifier: MIT
//
// Books, measures and impact: small ones by hand, a larger one against Python's decimal module
// (reference.hpp, written by reference.py).
#include "plugins/analyses/liquidity/book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/analyses/liquidity/impact.hpp"
#include "plugins/analyses/liquidity/measures.hpp"
#include "plugins/analyses/liquidity/steps.hpp"
#include "tests/plugins/analyses/liquidity/reference.hpp"

namespace bourse::liquidity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Decimal dec(const char* text) { return Decimal::from(text); }

Side side(SideKind kind, std::initializer_list<std::pair<const char*, const char*>> levels) {
  std::vector<Quote> quotes;
  for (const auto& [price, quantity] : levels) quotes.push_back({dec(price), dec(quantity)});
  EXPECT_EQ(find_fault(quotes, kind), std::nullopt);
  return Side(kind, quotes);
}
Side bids(std::initializer_list<std::pair<const char*, const char*>> levels) {
  return side(SideKind::kBid, levels);
}
Side asks(std::initializer_list<std::pair<const char*, const char*>> levels) {
  return side(SideKind::kAsk, levels);
}

template <std::size_t N>
Side reference_side(SideKind kind, const reference::Level (&levels)[N]) {
  std::vector<Quote> quotes;
  for (const auto& level : levels) quotes.push_back({dec(level.price), dec(level.quantity)});
  return Side(kind, quotes);
}
Book reference_book() {
  return {reference_side(SideKind::kBid, reference::kBids),
          reference_side(SideKind::kAsk, reference::kAsks)};
}

// Mid 100.
Book small() {
  return {bids({{"99", "2"}, {"98", "3"}, {"95", "5"}, {"94.9", "10"}}),
          asks({{"101", "1"}, {"102", "1"}, {"105", "2"}, {"106", "6"}})};
}

TEST(Book, SumsAreExact) {
  const Side s = asks({{"0.10", "3"}, {"0.20", "3"}, {"0.30", "1"}});
  EXPECT_EQ(s.value(0).text(),
            "0.3");  // 0.1 x 3 in doubles is 0.30000000000000004
  EXPECT_EQ(s.value_of(2).text(), "0.9");
  EXPECT_EQ(s.value().text(), "1.2");
  EXPECT_EQ(s.quantity().text(), "7");
}

TEST(Book, ScalesAreThoseOfTickAndLotNotOfTheText) {
  const Side s = asks({{"70292.01000000", "0.00017000"}, {"70293.00000000", "1.00000000"}});
  EXPECT_EQ(s.price(0).text(), "70292.01");
  EXPECT_EQ(s.value(0).text(), "11.9496417");  // 2 + 5 decimals, not 16
}

TEST(Book, TheLargestQuantityThatASourceMaySendIsComputedWith) {
  const Side s = bids(
      {{"92233720368.54775807", "92233720368.54775807"}, {"0.00000001", "92233720368.54775807"}});
  // 92233720368.54775807^2 by Python's decimal.
  EXPECT_EQ(s.value(0).text(), "8507059173023461584739.6907784232501249");
  EXPECT_EQ(s.quantity().text(), "184467440737.09551614");
}

TEST(Book, WhatNeedsMoreThan38DigitsIsRefusedNotWrapped) {
  const char* const large = "9999999999999999999999999";  // 25 digits
  EXPECT_THROW(asks({{large, large}}), DecimalError);
  const char* const half = "50000000000000000000000000000000000000";
  EXPECT_EQ(asks({{"1", half}}).quantity().text(), half);
  EXPECT_THROW(asks({{"1", half}, {"1", half}}), DecimalError);
  EXPECT_THROW(asks({{"0.00000000000000000001", "0.00000000000000000001"}}), DecimalError);
}

TEST(Book, MixedScalesAreBroughtToOne) {
  const Side s = asks({{"1.5", "20"}, {"2", "0.125"}, {"2.25000", "1000"}});
  EXPECT_EQ(s.price(1).text(), "2.00");
  EXPECT_EQ(s.quantity_of(3).text(), "1020.125");
  EXPECT_EQ(s.value_of(3).text(), "2280.25000");
}

TEST(Book, LevelsWithoutQuantityAreNoLevels) {
  const Side s = asks({{"1", "0"}, {"2", "3"}, {"3", "0.000"}});
  ASSERT_EQ(s.size(), 1u);
  EXPECT_EQ(s.price(0).text(), "2");
}

TEST(Book, BrokenSidesAreSaidToBe) {
  const auto fault = [](SideKind kind, const char* p1, const char* q1, const char* p2) {
    return find_fault(std::vector<Quote>{{dec(p1), dec(q1)}, {dec(p2), dec("1")}}, kind)
        .value_or("");
  };
  EXPECT_EQ(fault(SideKind::kBid, "2", "1", "1"), "");
  EXPECT_EQ(fault(SideKind::kBid, "1", "1", "2"),
            "level 2 has a better price than the one before it");
  EXPECT_EQ(fault(SideKind::kAsk, "2", "1", "1"),
            "level 2 has a better price than the one before it");
  EXPECT_EQ(fault(SideKind::kAsk, "0", "1", "1"), "level 1 has a price that is not positive");
  EXPECT_EQ(fault(SideKind::kAsk, "1", "-1", "1"), "level 1 has a negative quantity");
}

TEST(Spread, ByHand) {
  const Book book{bids({{"99.99", "3"}}), asks({{"100.01", "1"}})};
  const auto spread = spread_of(book);
  ASSERT_TRUE(spread);
  EXPECT_EQ(spread->mid.text(), "100.000");
  EXPECT_EQ(spread->absolute.text(), "0.02");
  EXPECT_NEAR(spread->percent, 0.02, 1e-16);
  EXPECT_NEAR(spread->basis_points, 2.0, 1e-14);
  // (99.99 x 1 + 100.01 x 3) / 4: near the ask, as bids press.
  EXPECT_NEAR(spread->microprice, 100.005, 1e-13);
}

TEST(Spread, ClassesMeetExactlyAtTheirBounds) {
  const auto classify = [](const char* bid, const char* ask) {
    return spread_of({bids({{bid, "1"}}), asks({{ask, "1"}})})->classification;
  };
  EXPECT_EQ(classify("99.9751", "100.0249"), "tight");
  EXPECT_EQ(classify("99.975", "100.025"), "normal");  // 0.05 %
  EXPECT_EQ(classify("99.9501", "100.0499"), "normal");
  EXPECT_EQ(classify("99.95", "100.05"), "wide");  // 0.1 %
}

TEST(Spread, AnEmptyBookHasNoneAndIsNotTight) {
  EXPECT_FALSE(spread_of({}));
  EXPECT_FALSE(spread_of({bids({{"1", "1"}}), asks({})}));
  EXPECT_FALSE(spread_of({bids({}), asks({{"1", "1"}})}));
}

TEST(Spread, ACrossedBookIsNotTightEither) {
  for (const char* ask : {"99", "100"}) {
    const Book book{bids({{"100", "1"}}), asks({{ask, "1"}})};
    EXPECT_TRUE(book.crossed());
    EXPECT_EQ(spread_of(book)->classification, "");
  }
}

TEST(Distribution, BoundsAreInclusiveAndNoLevelIsLost) {
  const Book book = small();
  const auto bid = distribution_of(book.bids, *book.mid());
  EXPECT_EQ(bid[0].quantity.text(), "2");  // 99 is exactly 1 % away
  EXPECT_EQ(bid[1].quantity.text(), "3");
  EXPECT_EQ(bid[2].quantity.text(), "5");
  EXPECT_EQ(bid[3].quantity.text(), "10");  // 94.9 is more than 5 % away
  EXPECT_DOUBLE_EQ(bid[0].share, 0.1);
  EXPECT_DOUBLE_EQ(bid[3].share, 0.5);
  const auto ask = distribution_of(book.asks, *book.mid());
  EXPECT_EQ(ask[0].levels + ask[1].levels + ask[2].levels + ask[3].levels, 4u);
  EXPECT_EQ(ask[3].value.text(), "636");
}

TEST(Distribution, OfOneBucketLeavesTheOthersEmpty) {
  const Book book{bids({{"99", "1"}}), asks({{"101", "1"}})};
  const auto ask = distribution_of(book.asks, *book.mid());
  EXPECT_EQ(ask[0].share, 1.0);
  EXPECT_EQ(ask[2].levels, 0u);
  EXPECT_TRUE(ask[3].quantity.is_zero());
}

TEST(Balance, ByHand) {
  const auto balance = balance_of(small());  // 20 against 10; within 1 %: 198 against 101
  ASSERT_TRUE(balance);
  EXPECT_DOUBLE_EQ(balance->imbalance, 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(balance->bid_ask_ratio, 2.0);
  EXPECT_EQ(balance->direction, "buy_pressure");
  EXPECT_EQ(balance->book_balance, "bid_heavy");
  EXPECT_EQ(balance->depth_asymmetry, "bid_deeper");
}

TEST(Balance, TheFactorItselfIsStillBalanced) {
  const auto balance = [](const char* bid, const char* ask) {
    return *balance_of({bids({{"99.9", bid}}), asks({{"100.1", ask}})});
  };
  EXPECT_EQ(balance("1.2", "1").book_balance, "balanced");
  EXPECT_EQ(balance("1.21", "1").book_balance, "bid_heavy");
  EXPECT_EQ(balance("1", "1.21").book_balance, "ask_heavy");
  EXPECT_EQ(balance("1", "1.25").depth_asymmetry, "ask_deeper");
  EXPECT_EQ(balance("1", "1").depth_asymmetry, "symmetric");
  EXPECT_EQ(balance("1", "1").direction, "balanced");
  EXPECT_EQ(balance("1", "2").direction, "sell_pressure");
}

TEST(Balance, OfOneSideIsNone) {
  EXPECT_FALSE(balance_of({bids({{"1", "1"}}), asks({})}));
  EXPECT_FALSE(balance_of({}));
}

TEST(Score, IsInTheQuoteAssetSoCheapAndExpensiveCoinsCompare) {
  // The same 4 million quote units near mid: 20 coins of 100,000, or 2 x 10^11 of 0.00001.
  const Book btc{bids({{"99999", "20"}}), asks({{"100001", "20"}})};
  const Book shib{bids({{"0.0000099999", "200000000000"}}),
                  asks({{"0.0000100001", "200000000000"}})};
  EXPECT_EQ(score_of(btc).near, Decimal::of(4'000'000));
  EXPECT_EQ(score_of(shib).near, Decimal::of(4'000'000));
  EXPECT_DOUBLE_EQ(score_of(btc).score, 80.0);
  EXPECT_EQ(score_of(btc).quality, score_of(shib).quality);
}

TEST(Score, QualitiesMeetAtTheirBounds) {
  const auto quality = [](const char* quantity) {  // value near mid: 2 x quantity
    return score_of({bids({{"0.999", quantity}}), asks({{"1.001", quantity}})}).quality;
  };
  EXPECT_EQ(quality("2000001"), "excellent");  // just above 4 million
  EXPECT_EQ(quality("2000000"), "good");
  EXPECT_EQ(quality("500001"), "good");
  EXPECT_EQ(quality("500000"), "fair");
  EXPECT_EQ(quality("125001"), "fair");
  EXPECT_EQ(quality("125000"), "poor");
}

TEST(Score, FarDepthDoesNotCountAndNoBookIsPoor) {
  const Book far{bids({{"90", "1000000"}}), asks({{"110", "1000000"}})};
  EXPECT_EQ(score_of(far).score, 0.0);
  EXPECT_EQ(score_of({}).quality, "poor");
  EXPECT_EQ(score_of({}).score, 0.0);
  EXPECT_EQ(score_of({bids({{"1", "9000000"}}), asks({})}).score, 0.0);
}

TEST(Impact, WalksTheBookByHand) {
  const Book book = small();
  // 152 buys 1 at 101 and half of the level at 102.
  const Impact buy = impact_of(book.asks, dec("152"), book.mid());
  EXPECT_DOUBLE_EQ(buy.average_price, 152.0 / 1.5);
  EXPECT_NEAR(buy.percent, 100.0 * (152.0 / 1.5 - 100.0) / 100.0, 1e-13);
  EXPECT_EQ(buy.filled, 1.0);
  EXPECT_EQ(buy.levels, 2u);
  // 198 sells 2 at 99, exactly the first level.
  const Impact sell = impact_of(book.bids, dec("198"), book.mid());
  EXPECT_EQ(sell.average_price, 99.0);
  EXPECT_DOUBLE_EQ(sell.percent, 1.0);
  EXPECT_EQ(sell.levels, 1u);
}

TEST(Impact, ABookTooThinSaysHowMuchItFilled) {
  const Book book = small();  // asks hold 101 + 102 + 210 + 636 = 1049
  const Impact whole = impact_of(book.asks, dec("1049"), book.mid());
  EXPECT_EQ(whole.filled, 1.0);
  const Impact part = impact_of(book.asks, dec("2098"), book.mid());
  EXPECT_DOUBLE_EQ(part.filled, 0.5);
  EXPECT_DOUBLE_EQ(part.average_price, 104.9);
  EXPECT_EQ(part.levels, 4u);
}

TEST(Impact, OneUnitShortIsNotFilled) {
  const Side s = asks({{"1", "1000000000000000000"}});
  EXPECT_EQ(impact_of(s, dec("1000000000000000000"), std::nullopt).filled, 1.0);
  // The ratio rounds to 1 in doubles.
  EXPECT_LT(impact_of(s, dec("1000000000000000000.00000001"), std::nullopt).filled, 1.0);
}

TEST(Impact, OfAnEmptySideIsNothingFilledNotNaNPercent) {
  const Impact impact = impact_of(Side(SideKind::kAsk), dec("100"), std::nullopt);
  EXPECT_EQ(impact.filled, 0.0);
  EXPECT_EQ(impact.levels, 0u);
  EXPECT_TRUE(std::isnan(impact.average_price));  // a null in the report
}

TEST(Reference, SumsEqualPythonsDecimals) {
  const Book book = reference_book();
  EXPECT_EQ(*book.mid(), dec(reference::kMid));
  EXPECT_EQ(book.bids.quantity(), dec(reference::kTotals[0].quantity));
  EXPECT_EQ(book.bids.value(), dec(reference::kTotals[0].value));
  EXPECT_EQ(book.asks.quantity(), dec(reference::kTotals[1].quantity));
  EXPECT_EQ(book.asks.value(), dec(reference::kTotals[1].value));
  EXPECT_NEAR(volume_weighted_price(book.bids), reference::kTotals[0].price, 1e-16);
  EXPECT_NEAR(spread_of(book)->percent, reference::kSpreadPercent, 1e-16);
  EXPECT_NEAR(spread_of(book)->microprice, reference::kMicroprice, 1e-15);
  EXPECT_NEAR(balance_of(book)->imbalance, reference::kImbalance, 1e-16);
  EXPECT_EQ(score_of(book).near, dec(reference::kNear));
  EXPECT_NEAR(score_of(book).score, reference::kScore, 1e-13);
}

TEST(Reference, DistributionsEqualPythonsDecimals) {
  const Book book = reference_book();
  const reference::Bucket* expected = reference::kBuckets;
  for (const Side* s : {&book.bids, &book.asks}) {
    for (const Bucket& bucket : distribution_of(*s, *book.mid())) {
      EXPECT_EQ(bucket.levels, expected->levels) << bucket.name;
      EXPECT_EQ(bucket.quantity, dec(expected->quantity)) << bucket.name;
      EXPECT_EQ(bucket.value, dec(expected->value)) << bucket.name;
      ++expected;
    }
  }
}

TEST(Reference, ImpactsEqualPythonsDecimals) {
  const Book book = reference_book();
  bool buys = true;
  for (const auto& expected : reference::kImpacts) {
    const Impact impact = impact_of(buys ? book.asks : book.bids, dec(expected.size), book.mid());
    EXPECT_NEAR(impact.average_price, expected.average, 1e-14) << expected.size;
    EXPECT_NEAR(impact.percent, expected.percent, 1e-12) << expected.size;
    EXPECT_NEAR(impact.filled, expected.filled, 1e-15) << expected.size;
    EXPECT_EQ(impact.levels, expected.levels) << expected.size;
    buys = !buys;
  }
}

TEST(Steps, KeepBothEndsAndAreFewEnough) {
  EXPECT_THAT(steps_of(0, 5), IsEmpty());
  EXPECT_THAT(steps_of(1, 5), ElementsAre(0));
  EXPECT_THAT(steps_of(5, 5), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(steps_of(9, 5), ElementsAre(0, 2, 4, 6, 8));
  const auto many = steps_of(5000, 200);
  EXPECT_EQ(many.size(), 200u);
  EXPECT_EQ(many.front(), 0u);
  EXPECT_EQ(many.back(), 4999u);
  EXPECT_TRUE(std::is_sorted(many.begin(), many.end(), std::less_equal<>()));
}

}  // namespace
}  // namespace bourse::liquidity
