// SPDX-License-Identifier: MIT
//
// The messages are those of the exchange's documentation, or say what is wrong with them.
#include "plugins/sources/binance/book/depth_diff.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <utility>
#include <variant>

#include "bourse/symbols.hpp"
#include "tests/plugins/sources/binance/book/book_tools.hpp"

namespace bourse::binance {
namespace {

Result<BookMessage> parse(std::string body) { return parse_book_message(body); }

const std::string kDiff =
    R"({"e":"depthUpdate","E":1753000000123,"s":"BTCUSDT","U":157,"u":160,)"
    R"("b":[["65000.00000000","0.50000000"]],"a":[["65001.00000000","0.00000000"]]})";
const std::string kTicker = R"({"u":400900217,"s":"BTCUSDT","b":"65000.00000000","B":"1.20000000",)"
                            R"("a":"65000.01000000","A":"0.80000000"})";

TEST(DepthDiffTest, AChangeIsReadAsItIsDocumented) {
  const auto message = parse(kDiff);
  ASSERT_TRUE(message) << message.error().text();
  EXPECT_EQ(message->stream, "");
  EXPECT_EQ(message->symbol, "BTCUSDT");
  const auto& diff = std::get<DepthDiff>(message->event);
  EXPECT_EQ(diff.first, 157);
  EXPECT_EQ(diff.last, 160);
  EXPECT_EQ(diff.time.ns, 1'753'000'000'123'000'000);
  EXPECT_EQ(diff.price_scale, 8);
  EXPECT_EQ(diff.quantity_scale, 8);
  EXPECT_EQ(diff.bids, (std::vector<BookRow>{{6'500'000'000'000, 50'000'000}}));
  EXPECT_EQ(diff.asks, (std::vector<BookRow>{{6'500'100'000'000, 0}}));
}

TEST(DepthDiffTest, AWrapperNamesItsStream) {
  const auto message = parse(R"({"stream":"btcusdt@depth@100ms","data":)" + kDiff + "}");
  ASSERT_TRUE(message) << message.error().text();
  EXPECT_EQ(message->stream, "btcusdt@depth@100ms");
  EXPECT_EQ(std::get<DepthDiff>(message->event).last, 160);
  // In the other order, too: JSON has none.
  const auto turned = parse(R"({"data":)" + kTicker + R"(,"stream":"btcusdt@bookTicker"})");
  ASSERT_TRUE(turned) << turned.error().text();
  EXPECT_EQ(turned->stream, "btcusdt@bookTicker");
}

TEST(DepthDiffTest, WhatStandsBesideTheDataIsNotTakenForIt) {
  const auto message = parse(R"({"u":1,"x":{"u":2},"data":)" + kDiff +
                             R"(,"b":[["1","1"]],"u":3,"y":{"U":4,"u":5,"b":[["2","2"]]}})");
  ASSERT_TRUE(message) << message.error().text();
  const auto& diff = std::get<DepthDiff>(message->event);
  EXPECT_EQ(diff.first, 157);
  EXPECT_EQ(diff.last, 160);
  EXPECT_EQ(diff.rows(), 2U);
}

TEST(DepthDiffTest, ATickerIsReadAsItIsDocumented) {
  const auto message = parse(kTicker);
  ASSERT_TRUE(message) << message.error().text();
  const auto& top = std::get<TopOfBook>(message->event);
  EXPECT_EQ(top.id, 400'900'217);
  EXPECT_EQ(top.row.symbol, "BTCUSDT");
  EXPECT_EQ(top.row.bid.text(), "65000.00000000");
  EXPECT_EQ(top.row.bid_quantity.text(), "1.20000000");
  EXPECT_EQ(top.row.ask.text(), "65000.01000000");
  EXPECT_EQ(top.row.ask_quantity.text(), "0.80000000");
}

TEST(DepthDiffTest, AmountsOfDifferentScalesAreBroughtToTheFinest) {
  const DepthDiff diff = change(1, 2, {{"1.1", "2"}, {"1.10", "2.50"}}, {{"3", "0.000"}});
  EXPECT_EQ(diff.price_scale, 2);
  EXPECT_EQ(diff.quantity_scale, 2);  // zero has no digits that would count
  EXPECT_EQ(diff.bids, (std::vector<BookRow>{{110, 200}, {110, 250}}));
  EXPECT_EQ(diff.asks, (std::vector<BookRow>{{300, 0}}));
}

TEST(DepthDiffTest, TheLargestQuantityOfTheExchangeFits) {
  const DepthDiff diff = change(1, 1, {{"1.00000000", "92233720368.54775807"}});
  EXPECT_EQ(diff.bids[0].quantity, std::numeric_limits<std::int64_t>::max());
}

TEST(DepthDiffTest, EmptySidesAndMembersNobodyKnowsAreFine) {
  const auto message = parse(
      R"({"e":"depthUpdate","E":1,"s":"A","U":1,"u":1,"b":[],"a":[],"b2":[["x"]],"x":{"u":7,"b":[1]}})");
  ASSERT_TRUE(message) << message.error().text();
  EXPECT_EQ(std::get<DepthDiff>(message->event).rows(), 0U);
  EXPECT_EQ(std::get<DepthDiff>(message->event).last, 1);
  const auto third = parse(
      R"({"e":"depthUpdate","E":1,"s":"A","U":1,"u":1,"b":[["1","2",[]]],"a":[["3","4",5,{"b":6}]]})");
  ASSERT_TRUE(third) << third.error().text();
  EXPECT_EQ(std::get<DepthDiff>(third->event).rows(), 2U);
}

/// A book that misses one level is wrong, so one bad level costs its message.
TEST(DepthDiffTest, WhatCannotBeUnderstoodIsRefusedAsAWhole) {
  const auto with = [](const std::string& what, const std::string& instead) {
    std::string text = kDiff;
    const auto found = text.find(what);
    EXPECT_NE(found, std::string::npos) << what;
    return text.replace(found, what.size(), instead);
  };
  const std::string bid = R"(["65000.00000000","0.50000000"])";
  const std::pair<std::string, std::string> cases[] = {
      {with(bid, R"(["-1","1"])"), "none, or has too many digits"},
      {with(bid, R"(["1e5","1"])"), "none, or has too many digits"},
      {with(bid, R"(["1.","1"])"), "none, or has too many digits"},
      {with(bid, R"([".5","1"])"), "none, or has too many digits"},
      {with(bid, R"(["","1"])"), "none, or has too many digits"},
      {with(bid, R"(["NaN","1"])"), "none, or has too many digits"},
      {with(bid, R"(["1.1.1","1"])"), "none, or has too many digits"},
      {with(bid, R"([null,"1"])"), "none, or has too many digits"},
      {with(bid, R"(["1.0000000000000000000","1"])"), "none, or has too many digits"},
      {with(bid, R"(["92233720368.54775808","1"])"), "none, or has too many digits"},
      {with(bid, R"(["99999999999.0","1"],["0.000000001","1"])"), "too many digits"},
      {with(bid, R"(["0.00","1"])"), "price is zero"},
      {with(bid, R"(["1"])"), "lacks its price or its quantity"},
      {with(bid, "[]"), "lacks its price or its quantity"},
      {with(bid, R"("1")"), "a level is no list"},
      {with("\"U\":157", "\"U\":161"), "not counted upwards"},
      {with("\"U\":157", "\"U\":0"), "not counted upwards"},
      {with("\"U\":157", "\"U\":-5"), "not counted upwards"},
      {with("\"U\":157,", ""), "not counted upwards"},
      {with("\"u\":160", "\"u\":\"160\""), "number of an update is none"},
      {with("\"u\":160", "\"u\":1.6e2"), "number of an update is none"},
      {with("\"u\":160", "\"u\":99999999999999999999"), "number of an update is none"},
      {with("\"E\":1753000000123", "\"E\":1753000000123000"), "its time is none"},
      {with("\"E\":1753000000123,", ""), "it has no time"},
      {with("\"s\":\"BTCUSDT\",", ""), "names no market"},
      {with("BTCUSDT", "B\\u0000"), "its market is no name"},
      {with("\"a\":", "\"c\":"), "lacks a list of bids or of asks"},
      {with("\"a\":", "\"b\":"), "lists a side twice"},
      {with("depthUpdate", "trade"), "of another kind, trade"},
      {with("\"e\":\"depthUpdate\",", ""), "no change of a book and no best prices"},
      {with("\"e\":\"depthUpdate\",", "\"data\":{\"s\":\"A\"},"),
       "no change of a book and no best prices"},
      {kTicker.substr(0, kTicker.size() - 18) + "}", "no change of a book and no best prices"},
      {R"({"stream":"x","data":[1]})", "its data is no object"},
      {R"({"stream":"x","data":5})", "its data is no object"},
      {R"({"stream":"x","data":{"u":1},"data":{"u":1}})", "it has data twice"},
      {R"({"s":"A","data":{"u":1}})", "members beside its data"},
      {R"({"stream":7,"data":{"u":1}})", "its stream is no name"},
      {R"({"result":null,"id":1})", "names no market"},
      {"[]", "expected an object"},
      {"7", "expected an object"},
      {"", "at byte 0"},
      {kDiff.substr(0, 100), "at byte"},
      {kDiff + "x", "at byte"},
      {std::string("{}\0{}", 5), "zero byte"},
      {std::string(40, '[') + std::string(40, ']'), "expected an object"},
      {R"({"x":)" + std::string(40, '[') + std::string(40, ']') + "}", "nested too deeply"},
  };
  for (const auto& [body, why] : cases) {
    const auto message = parse(body);
    ASSERT_FALSE(message) << body;
    EXPECT_EQ(message.error().kind, ErrorKind::kProtocol);
    EXPECT_NE(message.error().message.find(why), std::string::npos) << body << "\n"
                                                                    << message.error().message;
  }
}

TEST(DepthDiffTest, EveryBeginningOfAMessageIsRefused) {
  const std::string whole = R"({"stream":"btcusdt@depth","data":)" + kDiff + "}";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse(whole.substr(0, size))) << size;
  }
  EXPECT_TRUE(parse(whole));
}

/// Whatever a few bytes become, a message is refused or makes sense.
TEST(DepthDiffTest, DamagedMessagesAreRefusedOrMakeSense) {
  std::mt19937 random(3);
  const auto draw = [&random](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  const std::string bytes = "\"{}[],:.0123456789-eEbBaAuUs\\ x";
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text =
        round % 2 == 0 ? kDiff : R"({"stream":"b@bookTicker","data":)" + kTicker + "}";
    for (std::size_t changes = 1 + draw(3); changes > 0; --changes) {
      const std::size_t at = draw(text.size());
      switch (draw(3)) {
        case 0:
          text[at] = bytes[draw(bytes.size())];
          break;
        case 1:
          text.erase(at, 1 + draw(4));
          break;
        default:
          text.insert(at, 1, bytes[draw(bytes.size())]);
      }
    }
    const auto message = parse(text);
    if (!message) continue;
    ++accepted;
    EXPECT_TRUE(is_symbol(message->symbol));
    const auto* const diff = std::get_if<DepthDiff>(&message->event);
    if (diff == nullptr) continue;
    EXPECT_LE(1, diff->first);
    EXPECT_LE(diff->first, diff->last);
    for (const auto* rows : {&diff->bids, &diff->asks}) {
      for (const BookRow& row : *rows) {
        EXPECT_GT(row.price, 0) << text;
        EXPECT_GE(row.quantity, 0) << text;
      }
    }
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace bourse::binance
