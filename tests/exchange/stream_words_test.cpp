// SPDX-License-Identifier: MIT
//
// What needs no connection: names of streams, what clients say, and diffs of books.
#include <gtest/gtest.h>

#include "tests/exchange/book_tape.hpp"
#include "tests/exchange/stream_control.hpp"
#include "tests/exchange/stream_name.hpp"

namespace bourse::fake_exchange::test {
namespace {

TEST(StreamNames, SayWhatTheyAreOf) {
  const auto candle = StreamName::parse("btcusdt@kline_1M@+08:00");
  ASSERT_TRUE(candle);
  EXPECT_EQ(candle->kind, StreamKind::kCandle);
  EXPECT_EQ(candle->symbol, "BTCUSDT");
  EXPECT_EQ(candle->span, "1M");
  EXPECT_EQ(candle->zone_minutes, 480);
  const auto top = StreamName::parse("1inchusdt@depth20@100ms");
  ASSERT_TRUE(top);
  EXPECT_EQ(top->kind, StreamKind::kPartialDepth);
  EXPECT_EQ(top->levels, 20);
  EXPECT_TRUE(top->fast);
  const auto all = StreamName::parse("!ticker_4h@arr");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->kind, StreamKind::kWindowTicker);
  EXPECT_EQ(all->symbol, "");
  EXPECT_EQ(StreamName::parse("币安人生usdt@trade").value().symbol, "币安人生USDT");
}

TEST(StreamNames, OfAllKindsAreKnown) {
  for (const char* const name :
       {"a@aggTrade", "a@trade", "a@blockTrade", "a@kline_1s", "a@miniTicker", "!miniTicker@arr",
        "a@ticker", "a@ticker_1h", "a@ticker_1d", "a@bookTicker", "a@avgPrice", "a@depth5",
        "a@depth10", "a@depth", "a@depth@100ms", "a@referencePrice"}) {
    EXPECT_TRUE(StreamName::parse(name)) << name;
  }
}

TEST(StreamNames, ThatAreWrongOrGoneAreNone) {
  for (const char* const name : {"",
                                 "@",
                                 "a",
                                 "a@",
                                 "@trade",
                                 "A@trade",
                                 "aB@trade",
                                 "a@Trade",
                                 "a@aggtrade",
                                 "a@kline",
                                 "a@kline_1H",
                                 "a@kline_1m@08:00",
                                 "a@depth7",
                                 "a@depth@500ms",
                                 "a@depth5@",
                                 "a@ticker_1w",
                                 "!bookTicker",
                                 "!ticker@arr",
                                 "!trade@arr",
                                 "a@trade@arr",
                                 "a@trade "}) {
    EXPECT_FALSE(StreamName::parse(name)) << name;
  }
}

// ---- what clients say

std::string refusal(std::string_view text) {
  const StreamMessage message = read_stream_message(text);
  if (message.command) return "understood";
  return std::to_string(message.error.code) + " " + message.error.text + " " + message.error.id;
}

TEST(StreamMessages, AreUnderstood) {
  const auto subscribe = read_stream_message(
      R"({"method":"SUBSCRIBE","params":["btcusdt@aggTrade","btcusdt@depth"],"id":-3})");
  ASSERT_TRUE(subscribe.command);
  EXPECT_EQ(subscribe.command->method, StreamCommand::Method::kSubscribe);
  EXPECT_EQ(subscribe.command->names,
            (std::vector<std::string>{"btcusdt@aggTrade", "btcusdt@depth"}));
  EXPECT_EQ(subscribe.command->id, "-3");
  const auto set =
      read_stream_message(R"({"id":"a-1","params":["combined",true],"method":"SET_PROPERTY"})");
  ASSERT_TRUE(set.command);
  EXPECT_TRUE(set.command->combined);
  EXPECT_EQ(set.command->id, R"("a-1")");
  EXPECT_EQ(read_stream_message(R"({"method":"LIST_SUBSCRIPTIONS"})").command.value().id, "null");
  EXPECT_TRUE(read_stream_message(R"({"method":"LIST_SUBSCRIPTIONS","id":null})").command);
}

TEST(StreamMessages, AreRefusedByTheCodesOfTheExchange) {
  EXPECT_EQ(refusal(R"({"method":"GET_PROPERTY","params":["speed"],"id":1})"),
            "0 Unknown property 1");
  EXPECT_EQ(refusal(R"({"method":"SET_PROPERTY","params":["combined","yes"],"id":2})"),
            "1 Invalid value type: expected Boolean 2");
  EXPECT_EQ(refusal(R"({"method":"SET_PROPERTY","params":[1,true],"id":3})"),
            "2 Invalid request: property name must be a string 3");
  EXPECT_EQ(refusal(R"({"method":"SET_PROPERTY","params":["combined",true,1],"id":3})"),
            "2 Invalid request: too many parameters 3");
  EXPECT_EQ(refusal(R"({"params":["a@trade"],"id":4})"),
            "2 Invalid request: missing field `method` 4");
  EXPECT_EQ(refusal(R"({"method":"SUBSCRIBE","id":4})"),
            "2 Invalid request: missing field `params` 4");
  EXPECT_EQ(refusal(R"({"method":"SUBSCRIBE","params":["a@trade"],"id":1.5})"),
            "2 Invalid request: request ID must be an integer, a string or null null");
  EXPECT_EQ(refusal(R"({"method":"SUBSCRIBE","params":["a@trade"],"id":")" + std::string(37, 'x') +
                    R"("})"),
            "2 Invalid request: request ID must be an alphanumeric string of up to 36 characters "
            "null");
  EXPECT_TRUE(refusal(R"({"method":"SUBSCRYBE","params":[],"id":5})")
                  .starts_with("2 Invalid request: unknown variant `SUBSCRYBE`, expected one of "));
  EXPECT_TRUE(refusal(R"({"method":"SUBSCRIBE","params":[7],"id":6})").starts_with("2 "));
  EXPECT_TRUE(refusal(R"({"method":"SUBSCRIBE","params":"a@trade","id":6})").starts_with("2 "));
  EXPECT_TRUE(refusal(R"({"method":"LIST_SUBSCRIPTIONS","extra":1,"id":6})").starts_with("2 "));
  EXPECT_TRUE(refusal("[]").starts_with("2 "));
  EXPECT_TRUE(refusal("{\"method\":").starts_with("3 Invalid JSON: "));
  EXPECT_TRUE(refusal("").starts_with("3 "));
  EXPECT_TRUE(refusal(std::string(100'000, '[')).starts_with("3 "));
}

TEST(StreamMessages, AreAnsweredInTheExchangesForm) {
  EXPECT_EQ(stream_answer("null", "1"), R"({"result":null,"id":1})");
  const StreamError error{.code = 2, .text = "Invalid request: x", .id = "\"a\""};
  EXPECT_EQ(stream_answer(error, false), R"({"code":2,"msg":"Invalid request: x","id":"a"})");
  EXPECT_EQ(stream_answer(error, true),
            R"({"error":{"code":2,"msg":"Invalid request: x"},"id":"a"})");
}

// ---- diffs of books

Level level(const char* price, const char* quantity) {
  return {Decimal::parse(price).value(), Decimal::parse(quantity).value()};
}

std::string told(const std::vector<Level>& levels) {
  std::string out;
  for (const Level& l : levels) out += l.price.text() + "x" + l.quantity.text() + " ";
  return out;
}

TEST(BookSteps, TellWhatWasSetAndWhatWasRemoved) {
  const Depth from{100,
                   {level("10", "1.0"), level("9", "2.0"), level("8", "3.0")},
                   {level("11", "1.0"), level("12", "2.0")}};
  const Depth to{200,
                 {level("10", "1.5"), level("8", "3.0")},
                 {level("11", "1.0"), level("12", "2.0"), level("13", "4.0")}};
  const auto steps = book_steps(from, to, 1);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].first_id, 101);
  EXPECT_EQ(steps[0].last_id, 200);
  EXPECT_EQ(told(steps[0].bids), "10x1.5 9x0.0 ");
  EXPECT_EQ(told(steps[0].asks), "13x4.0 ");
  EXPECT_EQ(told(steps[0].top_bids), "10x1.5 8x3.0 ");
  EXPECT_TRUE(steps[0].quote_changed);
}

TEST(BookSteps, OfEqualBooksAreNone) {
  const Depth book{100, {level("10", "1")}, {}};
  Depth later = book;
  later.last_update_id = 200;
  EXPECT_TRUE(book_steps(book, later, 10).empty());
}

TEST(BookSteps, JoinWithoutAGapAndBeginFarFromTheBest) {
  Depth from{0, {}, {}}, to{100, {}, {}};
  for (int i = 0; i < 40; ++i) {
    const Decimal price = Decimal::of(1'000 - i);
    from.bids.push_back({price, Decimal::of(1)});
    to.bids.push_back({price, Decimal::of(2)});
  }
  const auto steps = book_steps(from, to, 10);
  ASSERT_EQ(steps.size(), 10u);
  std::int64_t id = 0;
  for (const BookStep& step : steps) {
    EXPECT_EQ(step.first_id, id + 1);
    id = step.last_id;
    EXPECT_EQ(step.bids.size(), 4u);
    EXPECT_EQ(step.quote_changed, &step == &steps.back());
  }
  EXPECT_EQ(id, 100);
  EXPECT_EQ(told(steps[0].bids), "964x2 963x2 962x2 961x2 ") << "best first within a step";
}

TEST(BookSteps, NeverLeaveTheBookCrossed) {
  // The whole book moves up by 30: every bid of the new one is above every ask of the old one.
  Depth from{0, {}, {}}, to{1'000, {}, {}};
  for (int i = 0; i < 25; ++i) {
    from.bids.push_back({Decimal::of(100 - i), Decimal::of(1)});
    from.asks.push_back({Decimal::of(101 + i), Decimal::of(1)});
    to.bids.push_back({Decimal::of(130 - i), Decimal::of(1)});
    to.asks.push_back({Decimal::of(131 + i), Decimal::of(1)});
  }
  const auto steps = book_steps(from, to, 10);
  ASSERT_FALSE(steps.empty());
  for (const BookStep& step : steps) {
    if (step.top_bids.empty() || step.top_asks.empty()) continue;
    EXPECT_LT(step.top_bids[0].price, step.top_asks[0].price);
  }
  EXPECT_EQ(steps.back().last_id, 1'000);
  EXPECT_EQ(steps.back().top_bids[0].price, Decimal::of(130));
}

}  // namespace
}  // namespace bourse::fake_exchange::test
