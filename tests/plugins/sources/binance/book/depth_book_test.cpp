// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/book/depth_book.hpp"

#include <gtest/gtest.h>

#include <string>

#include "plugins/sources/binance/client/parse.hpp"
#include "tests/plugins/sources/binance/book/book_tools.hpp"

namespace bourse::binance {
namespace {

using Applied = DepthBook::Applied;

DepthBook book_of(std::int64_t id, const Texts& bids, const Texts& asks, int limit = 5000) {
  std::string problem;
  auto book = DepthBook::from(snapshot_of(id, bids, asks), limit, problem);
  EXPECT_TRUE(book) << problem;
  return *std::move(book);
}
std::string problem_of(const OrderBook& snapshot) {
  std::string problem;
  EXPECT_FALSE(DepthBook::from(snapshot, 5000, problem));
  return problem;
}

TEST(DepthBookTest, ChangesAreAppliedLeftOutOrFoundToBeMissingByTheirNumbers) {
  DepthBook book = book_of(100, {{"10.0", "1"}}, {{"11.0", "1"}});
  EXPECT_EQ(book.apply(change(99, 101, {{"10.0", "2"}})), Applied::kApplied);
  EXPECT_EQ(book.id(), 101);
  EXPECT_EQ(book.apply(change(102, 102, {{"10.0", "3"}})), Applied::kApplied);
  EXPECT_EQ(book.apply(change(102, 102, {{"10.0", "3"}})), Applied::kOld);
  EXPECT_EQ(book.apply(change(104, 105, {{"10.0", "5"}})), Applied::kGap);
  EXPECT_EQ(book.id(), 102);
  EXPECT_EQ(text_of(book.levels(9)), "10.0x3 | 11.0x1");
}

/// U=2, u=5 at 3, as it was seen live: quantities are absolute.
TEST(DepthBookTest, AnOverlapIsNoError) {
  DepthBook book = book_of(3, {{"10.0", "3"}}, {});
  EXPECT_EQ(book.apply(change(2, 5, {{"10.0", "5"}, {"9.0", "2"}})), Applied::kApplied);
  EXPECT_EQ(text_of(book.levels(9)), "10.0x5 9.0x2 |");
}

TEST(DepthBookTest, ZeroIsANumberAndSoIsAPrice) {
  for (const char* zero : {"0", "0.0", "0.00", "0.000", "0.00000000"}) {
    DepthBook book = book_of(1, {{"1.1", "5.0"}}, {{"2.0", "1.0"}});
    EXPECT_EQ(book.apply(change(2, 2, {{"1.10", zero}})), Applied::kApplied);
    EXPECT_EQ(text_of(book.levels(9)), "| 2.0x1.0") << zero;
  }
}

TEST(DepthBookTest, TheRemovalOfWhatIsNotThereRemovesNothing) {
  DepthBook book = book_of(1, {{"1.1", "5"}}, {{"2.0", "1"}});
  // The second price has a digit more than the book has, so it cannot be in it.
  EXPECT_EQ(book.apply(change(2, 2, {{"1.00", "0"}, {"1.11", "0"}})), Applied::kApplied);
  EXPECT_EQ(text_of(book.levels(9)), "1.1x5 | 2.0x1");
}

TEST(DepthBookTest, DigitsAreThoseOfTheSnapshot) {
  DepthBook book = book_of(1, {{"0.33993000", "1500.00000000"}}, {{"0.34000000", "2.50000000"}});
  EXPECT_EQ(book.apply(change(2, 2, {{"0.33", "7"}}, {{"0.3400", "2"}})), Applied::kApplied);
  EXPECT_EQ(text_of(book.levels(9)),
            "0.33993000x1500.00000000 0.33000000x7.00000000 | 0.34000000x2.00000000");
}

TEST(DepthBookTest, AFinerPriceMakesTheWholeBookFinerAndStaysExact) {
  DepthBook book = book_of(1, {{"1.1", "5"}}, {{"2.0", "1"}, {"3.0", "1"}}, 2);
  EXPECT_EQ(book.apply(change(2, 2, {{"1.105", "0.25"}}, {{"2.0000", "4.00"}})), Applied::kApplied);
  EXPECT_EQ(text_of(book.levels(9)), "1.1050x0.25 1.1000x5.00 | 2.0000x4.00 3.0000x1.00");
  EXPECT_EQ(book.asks_known_to()->text(), "3.0000");
}

TEST(DepthBookTest, ABookThatWasEmptyLearnsItsDigitsFromTheFirstChange) {
  DepthBook book = book_of(1, {}, {});
  EXPECT_EQ(book.apply(change(2, 2)), Applied::kApplied);
  EXPECT_EQ(book.apply(change(3, 3, {{"1.50000000", "2.00"}})), Applied::kApplied);
  EXPECT_EQ(text_of(book.levels(9)), "1.50000000x2.00 |");
}

TEST(DepthBookTest, WhatDoesNotFitChangesNothing) {
  DepthBook book = book_of(1, {{"99999999999.0", "1"}}, {});
  EXPECT_EQ(book.apply(change(2, 2, {{"1.0", "7"}, {"0.000000001", "1"}})), Applied::kUnreadable);
  DepthBook coarse = book_of(1, {{"1.00000000", "1.00000000"}}, {});
  EXPECT_EQ(coarse.apply(change(2, 2, {{"1", "7"}, {"2", "99999999999"}})), Applied::kUnreadable);
  DepthDiff backwards = change(2, 2, {{"1", "7"}});
  backwards.first = 3;
  EXPECT_EQ(coarse.apply(backwards), Applied::kUnreadable);
  EXPECT_EQ(text_of(book.levels(9)), "99999999999.0x1 |");
  EXPECT_EQ(text_of(coarse.levels(9)), "1.00000000x1.00000000 |");
  EXPECT_EQ(coarse.id(), 1);
}

TEST(DepthBookTest, OnlyAfterBothSidesABookIsCrossed) {
  DepthBook book = book_of(1, {{"10", "1"}}, {{"11", "1"}});
  EXPECT_EQ(book.apply(change(2, 3, {{"11", "1"}}, {{"11", "0"}, {"12", "1"}})), Applied::kApplied);
  EXPECT_EQ(text_of(book.levels(9)), "11x1 10x1 | 12x1");
  EXPECT_EQ(book.apply(change(4, 4, {{"12", "1"}})), Applied::kCrossed);  // equal prices trade
}

TEST(DepthBookTest, TheLastOfTwoWordsAboutALevelCounts) {
  DepthBook book = book_of(1, {{"10", "1"}}, {});
  EXPECT_EQ(book.apply(change(2, 2, {{"10", "0"}, {"10", "4"}, {"9", "2"}, {"9", "0"}})),
            Applied::kApplied);
  EXPECT_EQ(text_of(book.levels(9)), "10x4 |");
}

// ---- what is known

TEST(DepthBookTest, ASideThatWasCutIsKnownToItsWorstPriceAndShowsNoDeeper) {
  DepthBook book = book_of(1, {{"10", "1"}, {"9", "1"}}, {{"11", "1"}}, 2);
  EXPECT_EQ(book.bids_known_to()->text(), "9");
  EXPECT_FALSE(book.asks_known_to());  // fewer than asked for: that is all of them
  EXPECT_EQ(book.apply(change(2, 2, {{"7", "1"}}, {{"20", "1"}})), Applied::kApplied);
  EXPECT_EQ(text_of(book.levels(9)), "10x1 9x1 | 11x1 20x1");
  EXPECT_EQ(text_of(book.all_levels()), "10x1 9x1 7x1 | 11x1 20x1");
  EXPECT_TRUE(book.has(2));
  EXPECT_FALSE(book.has(3));
}

TEST(DepthBookTest, PricesThatFallThroughWhatIsKnownShowNothing) {
  DepthBook book = book_of(1, {{"10", "1"}, {"9", "1"}}, {{"11", "1"}, {"12", "1"}}, 2);
  EXPECT_EQ(book.apply(change(2, 2, {{"10", "0"}, {"9", "0"}, {"7", "1"}}, {{"8", "1"}})),
            Applied::kApplied);
  EXPECT_EQ(text_of(book.levels(9)), "| 8x1 11x1 12x1");
  EXPECT_FALSE(book.has(1));
  // There may be a bid between 9 and 7 that nobody told us of: no word about the best one.
  EXPECT_FALSE(book.agrees_with(top_of(2, "7", "1", "8", "1").row));
}

TEST(DepthBookTest, TooManyLevelsAreCutAtTheWorstEndAndKnownUpToThere) {
  DepthBook book = book_of(1, {{"20000", "1"}}, {{"20001", "1"}});
  DepthDiff many = change(2, 2);
  for (std::int64_t i = 1; i <= 10'000; ++i) {
    many.bids.push_back({i, 1});
    many.asks.push_back({20'001 + i, 1});
  }
  EXPECT_EQ(book.apply(many), Applied::kApplied);
  EXPECT_EQ(book.bids().all().size(), 7'500U);
  EXPECT_EQ(book.asks().all().size(), 7'500U);
  EXPECT_EQ(book.bids_known_to()->text(), "2502");  // 20000, and 7499 from 10000 down
  EXPECT_EQ(book.asks_known_to()->text(), "27500");
  EXPECT_EQ(book.levels(5000).bids.size(), 5000U);
  EXPECT_TRUE(book.has(7'500));
  EXPECT_FALSE(book.has(7'501));
}

// ---- snapshots

TEST(DepthBookTest, ASnapshotThatCannotBeJoinedToIsRefused) {
  OrderBook book = snapshot_of(1, {{"1", "1"}}, {{"2", "1"}});
  book.last_update_id.reset();
  EXPECT_EQ(problem_of(book), "the snapshot does not say which update it is");
  book.last_update_id = 0;
  EXPECT_EQ(problem_of(book), "the snapshot does not say which update it is");
  book.last_update_id = 1;
  book.unreadable = 1;
  book.unreadable_reason = "bid 3: its price is zero";
  EXPECT_EQ(problem_of(book),
            "the snapshot has levels that cannot be read: bid 3: its price is zero");
  EXPECT_EQ(problem_of(snapshot_of(1, {{"2", "1"}}, {{"2.0", "1"}})),
            "the snapshot's best bid is not below its best ask");
  for (const Texts& bids : {Texts{{"1.0", "1"}, {"1", "1"}}, Texts{{"9999999999999999999", "1"}},
                            Texts{{"2.000000001", "1"}, {"99999999999", "1"}}}) {
    EXPECT_EQ(problem_of(snapshot_of(1, bids, {})),
              "the snapshot has a price twice, or an amount with too many digits");
  }
}

TEST(DepthBookTest, AnAnswerOfTheExchangeComesBackDigitForDigit) {
  std::string body =
      R"({"lastUpdateId":1027024001,"bids":[["64999.99000000","0.43100000"],["64999.50000000","1.20000000"]],)"
      R"("asks":[["65000.00000000","92233720368.54775807"],["65000.01000000","2.00000000"]]})";
  const auto parsed = parse_order_book(body);
  ASSERT_TRUE(parsed);
  std::string problem;
  const auto book = DepthBook::from(*parsed, 5000, problem);
  ASSERT_TRUE(book) << problem;
  EXPECT_EQ(text_of(book->levels(5000)),
            "64999.99000000x0.43100000 64999.50000000x1.20000000 | "
            "65000.00000000x92233720368.54775807 65000.01000000x2.00000000");
  EXPECT_EQ(book->levels(1).last_update_id, 1'027'024'001);
}

TEST(DepthBookTest, AgreesWithATickerByValueAndTakesZeroForNoOrders) {
  const DepthBook book = book_of(1, {{"10.0", "1"}}, {});
  EXPECT_EQ(book.agrees_with(top_of(1, "10.00", "1.0", "0.00", "0.00").row), true);
  EXPECT_EQ(book.agrees_with(top_of(1, "10.00", "1.1", "0.00", "0.00").row), false);
  EXPECT_EQ(book.agrees_with(top_of(1, "10.01", "1.0", "0.00", "0.00").row), false);
  EXPECT_EQ(book.agrees_with(top_of(1, "10.00", "1.0", "11.00", "1.00").row), false);
}

}  // namespace
}  // namespace bourse::binance
