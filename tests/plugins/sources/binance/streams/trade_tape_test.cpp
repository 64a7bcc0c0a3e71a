// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/trade_tape.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bourse::binance {
namespace {

using testing::ElementsAre;

Trade trade(std::int64_t id) {
  Trade one;
  one.id = id;
  return one;
}

std::vector<Trade> trades(std::int64_t first, std::int64_t last) {
  std::vector<Trade> rows;
  for (std::int64_t id = first; id <= last; ++id) rows.push_back(trade(id));
  return rows;
}

std::vector<std::int64_t> ids(const TradeTape& tape, std::size_t limit) {
  std::vector<std::int64_t> out;
  for (const Trade& one : tape.newest(limit).value_or(std::vector<Trade>())) out.push_back(one.id);
  return out;
}

TEST(TradeTape, TheStreamGoesOnWhereRestEnded) {
  TradeTape tape;
  tape.heard(trade(11));
  EXPECT_FALSE(tape.newest(3));
  tape.heard(trade(12));
  tape.join(trades(5, 10));
  EXPECT_THAT(ids(tape, 4), ElementsAre(9, 10, 11, 12));
  tape.heard(trade(13));
  EXPECT_THAT(ids(tape, 4), ElementsAre(10, 11, 12, 13));
  EXPECT_FALSE(tape.newest(10)) << "there are nine";
}

TEST(TradeTape, AnAnswerThatIsNewerThanTheFirstWordOverlaps) {
  TradeTape tape;
  for (const std::int64_t id : {11, 12, 13}) tape.heard(trade(id));
  tape.join(trades(8, 12));
  EXPECT_THAT(ids(tape, 6), ElementsAre(8, 9, 10, 11, 12, 13));
}

TEST(TradeTape, AnAnswerThatDoesNotReachTheStreamIsNotJoined) {
  TradeTape tape;
  tape.heard(trade(11));
  tape.join(trades(5, 9));
  EXPECT_FALSE(tape.newest(2));
}

TEST(TradeTape, AHoleInAnAnswerEndsIt) {
  TradeTape tape;
  tape.heard(trade(11));
  std::vector<Trade> rows = trades(5, 10);
  rows.erase(rows.begin() + 3);  // 8
  tape.join(rows);
  EXPECT_THAT(ids(tape, 3), ElementsAre(9, 10, 11));
  EXPECT_FALSE(tape.newest(4));
}

TEST(TradeTape, AHoleInTheStreamForgetsWhatWasBefore) {
  TradeTape tape;
  for (const std::int64_t id : {11, 12, 14}) tape.heard(trade(id));
  EXPECT_THAT(ids(tape, 1), ElementsAre(14));
  EXPECT_FALSE(tape.newest(2));
}

TEST(TradeTape, WhatComesTwiceOrLateCountsOnce) {
  TradeTape tape;
  for (const std::int64_t id : {11, 12, 12, 11, 13}) tape.heard(trade(id));
  EXPECT_THAT(ids(tape, 3), ElementsAre(11, 12, 13));
}

TEST(TradeTape, ItHoldsAThousand) {
  TradeTape tape;
  for (std::int64_t id = 1; id <= 3000; ++id) tape.heard(trade(id));
  EXPECT_TRUE(tape.newest(1000));
  EXPECT_FALSE(tape.newest(1001));
}

}  // namespace
}  // namespace bourse::binance
