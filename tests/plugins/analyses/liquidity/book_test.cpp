// SPDX-License-Identifier: MIT
//
// Books, measures, depths and impact: small ones by hand, a larger one against Python's decimal
// module (reference.hpp, written by reference.py).
#include "plugins/analyses/liquidity/book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/analyses/liquidity/depths.hpp"
#include "plugins/analyses/liquidity/impact.hpp"
#include "plugins/analyses/liquidity/measures.hpp"
#include "plugins/analyses/liquidity/steps.hpp"
#include "tests/plugins/analyses/liquidity/reference.hpp"

namespace bourse::liquidity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Decimal dec(const char* text) { return Decimal::from(text); }

using Levels = std::initializer_list<std::pair<const char*, const char*>>;

/// Nothing lies beyond it, unless a test says otherwise.
Side side(SideKind kind, Levels levels, Beyond beyond) {
  std::vector<Quote> quotes;
  for (const auto& [price, quantity] : levels) quotes.push_back({dec(price), dec(quantity)});
  for (const Quote& quote : quotes) EXPECT_EQ(find_fault(quote), std::nullopt);
  EXPECT_FALSE(bring_to_order(quotes, kind));
  return Side(kind, quotes, beyond);
}
Side bids(Levels levels, Beyond beyond = Beyond::kNothing) {
  return side(SideKind::kBid, levels, beyond);
}
Side asks(Levels levels, Beyond beyond = Beyond::kNothing) {
  return side(SideKind::kAsk, levels, beyond);
}

template <std::size_t N>
Side reference_side(SideKind kind, const reference::Level (&levels)[N]) {
  std::vector<Quote> quotes;
  for (const auto& level : levels) quotes.push_back({dec(level.price), dec(level.quantity)});
  return Side(kind, quotes, Beyond::kNothing);
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

TEST(Book, WhatIsNoLevelIsSaidToBe) {
  EXPECT_EQ(find_fault({dec("1"), dec("0")}), std::nullopt);
  EXPECT_EQ(find_fault({dec("0"), dec("1")}), "its price is not positive");
  EXPECT_EQ(find_fault({dec("-1"), dec("1")}), "its price is not positive");
  EXPECT_EQ(find_fault({dec("1"), dec("-1")}), "its quantity is negative");
}

TEST(Book, LevelsAreBroughtToTheOrderOfTheirSide) {
  const auto sorted = [](SideKind kind) {
    std::vector<Quote> quotes = {{dec("2"), dec("1")}, {dec("1"), dec("2")}, {dec("2"), dec("3")}};
    EXPECT_TRUE(bring_to_order(quotes, kind));
    EXPECT_FALSE(bring_to_order(quotes, kind));
    std::string out;
    for (const Quote& quote : quotes) out += quote.price.text() + "x" + quote.quantity.text() + " ";
    return out;
  };
  EXPECT_EQ(sorted(SideKind::kBid), "2x1 2x3 1x2 ");
  EXPECT_EQ(sorted(SideKind::kAsk), "1x2 2x1 2x3 ");
}

TEST(Book, ReachesADistanceWhenALevelLiesThereOrBeyondOrNothingDoes) {
  const Levels levels = {{"99.5", "1"}, {"99", "1"}};  // of mid 100: 0.5 % and 1 %
  const Decimal mid = dec("100");
  for (const Beyond beyond : {Beyond::kMore, Beyond::kUnknown}) {
    const Side part = bids(levels, beyond);
    EXPECT_TRUE(part.reaches(mid, dec("0.5")));
    EXPECT_TRUE(part.reaches(mid, dec("1")));
    EXPECT_FALSE(part.reaches(mid, dec("1.01")));
    EXPECT_FALSE(Side(SideKind::kBid, {}, beyond).reaches(mid, dec("0.1")));
  }
  EXPECT_TRUE(bids(levels).reaches(mid, dec("2")));
  EXPECT_FALSE(asks({{"100.5", "1"}, {"100.99", "1"}}, Beyond::kMore).reaches(mid, dec("1")));
  EXPECT_TRUE(asks({{"100.5", "1"}, {"101", "1"}}, Beyond::kMore).reaches(mid, dec("1")));
}

TEST(Book, ItsBestLevelsAreAPartOfIt) {
  const Side whole = asks({{"1", "1"}, {"2", "2"}, {"3", "3"}});
  const Side best = whole.best(2);
  EXPECT_EQ(best.size(), 2u);
  EXPECT_EQ(best.value().text(), "5");
  EXPECT_EQ(best.beyond(), Beyond::kMore);
  EXPECT_EQ(whole.best(3).beyond(), Beyond::kNothing);
  EXPECT_EQ(whole.best(9).size(), 3u);
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

TEST(Within, BoundsAreInclusive) {
  const Book book{bids({{"99.9", "1"}, {"99.75", "2"}, {"99.7", "4"}, {"99", "8"}}),
                  asks({{"100.1", "1"}, {"101", "2"}, {"101.1", "4"}, {"102", "8"}})};
  const auto within = within_of(book);  // of mid 100
  // By hand. Bids: 99.9 | 199.5 | 398.8 | 792; asks: 100.1 | 202 | 404.4 | 816.
  const std::array<std::size_t, 5> bid_levels = {1, 2, 3, 4, 4}, ask_levels = {1, 1, 1, 2, 4};
  const std::array<const char*, 5> bid_values = {"99.9", "299.4", "698.2", "1490.2", "1490.2"};
  const std::array<const char*, 5> ask_values = {"100.1", "100.1", "100.1", "302.1", "1522.5"};
  for (std::size_t i = 0; i < within.size(); ++i) {
    ASSERT_TRUE(within[i].bid && within[i].ask);
    EXPECT_EQ(within[i].bid->levels, bid_levels[i]);
    EXPECT_EQ(within[i].ask->levels, ask_levels[i]);
    EXPECT_EQ(within[i].bid->value, dec(bid_values[i]));
    EXPECT_EQ(within[i].ask->value, dec(ask_values[i]));
  }
  EXPECT_EQ(within[3].bid->quantity.text(), "15");
  EXPECT_DOUBLE_EQ(within[3].imbalance, (1490.2 - 302.1) / (1490.2 + 302.1));
  EXPECT_DOUBLE_EQ(within[3].ask->concentration, 302.1 / 1522.5);
  EXPECT_DOUBLE_EQ(within[4].ask->concentration, 1.0);
}

TEST(Within, WhatTheLevelsDoNotReachIsAbsentNotLess) {
  // Bids end at 0.5 %, asks at 2 %, and more may lie beyond.
  const Book book{bids({{"99.9", "1"}, {"99.5", "2"}}, Beyond::kMore),
                  asks({{"100.1", "1"}, {"102", "2"}}, Beyond::kUnknown)};
  const auto within = within_of(book);
  EXPECT_TRUE(within[2].bid && within[2].ask);
  EXPECT_FALSE(std::isnan(within[2].imbalance));
  EXPECT_TRUE(std::isnan(within[2].bid->concentration)) << "of a value that is not known";
  EXPECT_DOUBLE_EQ(within[2].ask->concentration, 100.1 / 304.1);
  for (const std::size_t far : {3u, 4u}) {
    EXPECT_FALSE(within[far].bid);
    EXPECT_TRUE(within[far].ask);
    EXPECT_TRUE(std::isnan(within[far].imbalance));
  }
}

TEST(Within, DoesNotDependOnHowManyLevelsCame) {
  const Book all = reference_book();
  const auto expected = within_of(all);
  for (const std::size_t levels : {20u, 33u, 50u, 119u}) {
    const Book some{all.bids.best(levels), all.asks.best(levels)};
    // The mid is that of the best levels; a distance is the same number or none.
    const auto got = within_of(some);
    for (std::size_t i = 0; i < got.size(); ++i) {
      for (const auto side : {&Within::bid, &Within::ask}) {
        if (!(got[i].*side)) continue;
        EXPECT_EQ((got[i].*side)->value, (expected[i].*side)->value) << levels;
      }
    }
    EXPECT_TRUE(got[0].bid && got[0].ask);
    EXPECT_EQ(got[4].bid.has_value() && got[4].ask.has_value(), levels >= 33) << levels;
  }
}

TEST(Within, WhereNothingLiesIsZeroAndHasNoImbalance) {
  const Book book{bids({{"99", "1"}}), asks({{"101", "1"}})};
  const auto within = within_of(book);
  EXPECT_TRUE(within[0].bid->value.is_zero());
  EXPECT_TRUE(std::isnan(within[0].imbalance));
  EXPECT_EQ(within[0].bid->concentration, 0.0);
  EXPECT_FALSE(within_of({bids({{"99", "1"}}), asks({})})[4].bid) << "without a mid";
}

TEST(Balance, ByHand) {
  const auto balance = balance_of(small());  // within 1 %: 198 against 101
  ASSERT_TRUE(balance);
  EXPECT_DOUBLE_EQ(balance->imbalance, 97.0 / 299.0);
  EXPECT_DOUBLE_EQ(balance->bid_ask_ratio, 198.0 / 101.0);
  EXPECT_EQ(balance->direction, "buy_pressure");
  EXPECT_EQ(balance->depth_asymmetry, "bid_deeper");
}

TEST(Balance, TheFactorItselfIsStillBalanced) {
  const auto balance = [](const char* bid, const char* ask) {  // values: 99.9 and 100.1 times these
    return *balance_of({bids({{"99.9", bid}}), asks({{"100.1", ask}})});
  };
  EXPECT_EQ(balance("120.12", "99.9").depth_asymmetry, "symmetric");  // exactly 1.2 times
  EXPECT_EQ(balance("120.13", "99.9").depth_asymmetry, "bid_deeper");
  EXPECT_EQ(balance("1", "1.25").depth_asymmetry, "ask_deeper");
  EXPECT_EQ(balance("1", "1").direction, "balanced");
  EXPECT_EQ(balance("1", "2").direction, "sell_pressure");
}

TEST(Balance, OfOneSideOrOfABookTooShortIsNone) {
  EXPECT_FALSE(balance_of({bids({{"1", "1"}}), asks({})}));
  EXPECT_FALSE(balance_of({}));
  EXPECT_FALSE(balance_of({bids({{"99.9", "1"}}, Beyond::kMore), asks({{"100.1", "1"}})}));
  EXPECT_FALSE(balance_of({bids({{"90", "1"}}), asks({{"110", "1"}})})) << "nothing within 1 %";
}

TEST(Score, IsInTheQuoteAssetSoCheapAndExpensiveCoinsCompare) {
  // The same 4 million quote units near mid: 20 coins of 100,000, or 2 x 10^11 of 0.00001.
  const Book btc{bids({{"99999", "20"}}), asks({{"100001", "20"}})};
  const Book shib{bids({{"0.0000099999", "200000000000"}}),
                  asks({{"0.0000100001", "200000000000"}})};
  EXPECT_EQ(score_of(btc)->near, Decimal::of(4'000'000));
  EXPECT_EQ(score_of(shib)->near, Decimal::of(4'000'000));
  EXPECT_DOUBLE_EQ(score_of(btc)->score, 80.0);
  EXPECT_EQ(score_of(btc)->quality, score_of(shib)->quality);
}

TEST(Score, QualitiesMeetAtTheirBounds) {
  const auto quality = [](const char* quantity) {  // value near mid: 2 x quantity
    return score_of({bids({{"0.999", quantity}}), asks({{"1.001", quantity}})})->quality;
  };
  EXPECT_EQ(quality("2000001"), "excellent");  // just above 4 million
  EXPECT_EQ(quality("2000000"), "good");
  EXPECT_EQ(quality("500001"), "good");
  EXPECT_EQ(quality("500000"), "fair");
  EXPECT_EQ(quality("125001"), "fair");
  EXPECT_EQ(quality("125000"), "poor");
}

TEST(Score, FarDepthDoesNotCountAndUnknownDepthIsNoScore) {
  const Book far{bids({{"90", "1000000"}}), asks({{"110", "1000000"}})};
  EXPECT_EQ(score_of(far)->score, 0.0);
  EXPECT_FALSE(score_of({}));
  EXPECT_FALSE(score_of({bids({{"1", "9000000"}}), asks({})}));
  EXPECT_FALSE(score_of({bids({{"99.9", "9"}}, Beyond::kMore), asks({{"100.1", "9"}})}));
}

TEST(Depths, BeginWithTheCheapestStepThatHoldsWhatIsShown) {
  EXPECT_EQ(first_depth(1, 5000), 100);
  EXPECT_EQ(first_depth(100, 5000), 100);
  EXPECT_EQ(first_depth(101, 5000), 500);
  EXPECT_EQ(first_depth(1001, 5000), 5000);
  EXPECT_EQ(first_depth(20, 50), 50);
  EXPECT_EQ(first_depth(700, 700), 700);
}

/// A side of 10 levels that ends so far from mid 100.
Side ten(SideKind kind, double reach, Beyond beyond) {
  std::vector<Quote> quotes;
  for (int i = 1; i <= 10; ++i) {
    const double away = (kind == SideKind::kBid ? -reach : reach) * i / 10;
    quotes.push_back({Decimal::nearest(100 + away, 6), dec("1")});
  }
  return Side(kind, quotes, beyond);
}

TEST(Depths, GrowAsTheDensityOfTheBookTells) {
  // As if 100 had been asked for: 2 % needs 100 x 2 / reach.
  const auto next = [](double reach, std::int64_t limit, Beyond beyond = Beyond::kMore) {
    const Book book{ten(SideKind::kBid, reach, beyond), ten(SideKind::kAsk, reach, beyond)};
    return next_depth(book, 100, limit, dec("1"));
  };
  EXPECT_EQ(next(2.1, 5000), std::nullopt);
  EXPECT_EQ(next(1.9, 5000), 500);
  EXPECT_EQ(next(0.41, 5000), 500);
  EXPECT_EQ(next(0.39, 5000), 1000);
  EXPECT_EQ(next(0.19, 5000), 5000);
  EXPECT_EQ(next(0.001, 5000), 5000);
  EXPECT_EQ(next(0.001, 800), 800);
  EXPECT_EQ(next(0.001, 100), std::nullopt);
  EXPECT_EQ(next(0.001, 5000, Beyond::kNothing), std::nullopt);
  EXPECT_EQ(next(0.001, 5000, Beyond::kUnknown), std::nullopt) << "more would not come";
}

TEST(Depths, FollowTheSideThatReachesLess) {
  const Book book{ten(SideKind::kBid, 3, Beyond::kMore), ten(SideKind::kAsk, 0.1, Beyond::kMore)};
  EXPECT_EQ(next_depth(book, 100, 5000, dec("1")), 1000);
  EXPECT_EQ(next_depth(book, 1000, 5000, dec("1")), 5000);
  EXPECT_EQ(next_depth(book, 5000, 5000, dec("1")), std::nullopt);
  EXPECT_EQ(next_depth({}, 100, 5000, dec("1")), std::nullopt);
}

TEST(Depths, GrowUntilTheLargestTradeIsFilledButNotWithoutMeasure) {
  // Ten levels of about 100 each side: some 1000 of the quote asset, as if by 100 levels.
  const Book book{ten(SideKind::kBid, 3, Beyond::kMore), ten(SideKind::kAsk, 3, Beyond::kMore)};
  EXPECT_EQ(next_depth(book, 100, 5000, dec("900")), std::nullopt);
  EXPECT_EQ(next_depth(book, 100, 5000, dec("4000")), 500);
  EXPECT_EQ(next_depth(book, 100, 5000, dec("9000")), 1000);
  EXPECT_EQ(next_depth(book, 100, 5000, dec("1000000")), 1000) << "not 5000";
  EXPECT_EQ(next_depth(book, 1000, 5000, dec("1000000")), std::nullopt);
  const Book whole{ten(SideKind::kBid, 3, Beyond::kNothing),
                   ten(SideKind::kAsk, 3, Beyond::kUnknown)};
  EXPECT_EQ(next_depth(whole, 100, 5000, dec("1000000")), std::nullopt);
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

TEST(Impact, OfATradeThatMayFindMoreBeyondTheLastLevelIsNotKnown) {
  for (const Beyond beyond : {Beyond::kMore, Beyond::kUnknown}) {
    const Side part = asks({{"101", "1"}, {"102", "1"}}, beyond);
    EXPECT_FALSE(impact_of(part, dec("203"), dec("100")).unknown());
    const Impact impact = impact_of(part, dec("204"), dec("100"));
    EXPECT_TRUE(impact.unknown());
    EXPECT_TRUE(std::isnan(impact.average_price) && std::isnan(impact.percent));
    EXPECT_EQ(impact.levels, 0u);
  }
}

TEST(Impact, OneUnitShortIsNotFilled) {
  const Side s = asks({{"1", "1000000000000000000"}});
  EXPECT_EQ(impact_of(s, dec("1000000000000000000"), std::nullopt).filled, 1.0);
  // The ratio rounds to 1 in doubles.
  EXPECT_LT(impact_of(s, dec("1000000000000000000.00000001"), std::nullopt).filled, 1.0);
}

TEST(Impact, OfAnEmptySideIsNothingFilledNotNaNPercent) {
  const Side none(SideKind::kAsk, {}, Beyond::kNothing);
  const Impact impact = impact_of(none, dec("100"), std::nullopt);
  EXPECT_EQ(impact.filled, 0.0);
  EXPECT_FALSE(impact.unknown());
  EXPECT_EQ(impact.levels, 0u);
  EXPECT_TRUE(std::isnan(impact.average_price));  // a null in the report
}

TEST(Impact, OfASideWhoseLevelsDidNotComeIsNotKnown) {
  for (const Beyond beyond : {Beyond::kMore, Beyond::kUnknown}) {
    const Side absent(SideKind::kBid, {}, beyond);
    EXPECT_FALSE(absent.has_none());
    EXPECT_TRUE(impact_of(absent, dec("100"), std::nullopt).unknown());
  }
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
  EXPECT_NEAR(balance_of(book)->imbalance, reference::kWithin[3].imbalance, 1e-16);
  EXPECT_EQ(score_of(book)->near, dec(reference::kNear));
  EXPECT_NEAR(score_of(book)->score, reference::kScore, 1e-13);
}

TEST(Reference, DepthsByDistanceEqualPythonsDecimals) {
  const auto within = within_of(reference_book());
  ASSERT_EQ(within.size(), std::size(reference::kWithin));
  for (std::size_t i = 0; i < within.size(); ++i) {
    const reference::Within& expected = reference::kWithin[i];
    EXPECT_EQ(within[i].distance.to_double(), expected.distance);
    for (const auto& [got, wanted] :
         {std::pair{within[i].bid, expected.bid}, std::pair{within[i].ask, expected.ask}}) {
      ASSERT_TRUE(got) << expected.distance;
      EXPECT_EQ(got->levels, wanted.levels) << expected.distance;
      EXPECT_EQ(got->quantity, dec(wanted.quantity)) << expected.distance;
      EXPECT_EQ(got->value, dec(wanted.value)) << expected.distance;
      EXPECT_NEAR(got->concentration, wanted.share, 1e-15) << expected.distance;
    }
    EXPECT_NEAR(within[i].imbalance, expected.imbalance, 1e-15) << expected.distance;
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
