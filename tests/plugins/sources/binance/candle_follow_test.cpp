// SPDX-License-Identifier: MIT
//
// Candles that a stream follows: they are those of REST, or REST is asked.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "plugins/sources/binance/candle_store.hpp"
#include "tests/plugins/sources/binance/candle_history.hpp"
#include "tests/plugins/sources/binance/client/fakes.hpp"

namespace bourse::binance {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr const char* kPath = "/api/v3/klines";
const Interval kAnHour = *Interval::parse("1h");
const CandleQuestion kNewest{.limit = 5, .start = {}, .end = {}};

struct CandleFollowTest : testing::Test {
  CandleFollowTest() {
    const std::int64_t first = kStubStartMs / kHourMs * kHourMs - 100 * kHourMs;
    for (int i = 0; i < 400; ++i) history.opens.push_back(first + i * kHourMs);
    serve(history, stub);
  }
  [[nodiscard]] std::int64_t now_ms() const { return stub.server_ms(); }
  [[nodiscard]] std::int64_t hour() const { return now_ms() / kHourMs * kHourMs; }
  /// What the stream says now of the candle that forms, or of another one.
  void word(std::int64_t open, bool is_final = false) {
    Candle row = history.at(open, now_ms());
    row.closed = is_final;
    // As REST writes them.
    row.volume = *Decimal::parse("1.50000000");
    row.quote_volume = *Decimal::parse("2.00000000");
    row.taker_base_volume = *Decimal::parse("0.50000000");
    row.taker_quote_volume = *Decimal::parse("1.00000000");
    store.heard("BTCUSDT", kAnHour, row, from_ms(now_ms()));
  }
  void word() { word(hour()); }
  void pass(std::int64_t ms) { stub.clock->advance(milliseconds(ms)); }
  CandleStore::Answer get(const CandleQuestion& question = kNewest) {
    auto answer = store.get("BTCUSDT", kAnHour, question, stub.call());
    EXPECT_TRUE(answer);
    return answer ? *answer : CandleStore::Answer{};
  }
  [[nodiscard]] std::size_t asked() const { return stub.transport->count(kPath); }
  /// Of the exchange, at that moment.
  [[nodiscard]] std::string rest(std::int64_t at, const CandleQuestion& question = kNewest) const {
    return text_of(history.ask(question, at));
  }
  /// Live, and joined to what REST has said.
  void follow() {
    word();
    pass(10);
    get();
    pass(2000);
    word();
  }

  CandleHistory history;
  StubExchange stub;
  std::shared_ptr<Keeper> keeper = std::make_shared<Keeper>(
      Client(stub.exchange), KeeperOptions{.prepare_after = std::chrono::hours(999)});
  CandleStore store{stub.exchange, keeper, {}};
};

TEST_F(CandleFollowTest, WhatTheStreamSaysIsTheAnswerWithoutARequest) {
  follow();
  const std::size_t before = asked();
  for (int i = 0; i < 20; ++i) {
    pass(2000);
    word();
    const auto answer = get();
    EXPECT_EQ(text_of(answer.rows), rest(now_ms()));
    EXPECT_FALSE(answer.rows.back().closed);
    EXPECT_EQ(to_ms(answer.clock), now_ms()) << "by the exchange's own word";
    pass(1500);
    EXPECT_EQ(text_of(get().rows), rest(now_ms() - 1500)) << "the last word, not a guess";
  }
  EXPECT_EQ(asked(), before);
}

TEST_F(CandleFollowTest, WhatWasAskedBeforeTheFirstWordIsAskedAgain) {
  get();
  EXPECT_EQ(asked(), 1u);
  pass(100);
  word();
  pass(100);
  EXPECT_EQ(text_of(get().rows), rest(now_ms()));
  EXPECT_EQ(asked(), 2u) << "something may lie between the answer and the word";
}

TEST_F(CandleFollowTest, CandlesCloseByTheirLastWordAndTheNextOneFollows) {
  follow();
  const std::size_t before = asked();
  for (int i = 0; i < 5; ++i) {
    const std::int64_t open = hour();
    pass(open + kHourMs + 500 - now_ms());
    word(open, true);
    auto answer = get();
    EXPECT_TRUE(answer.rows.back().closed);
    EXPECT_EQ(answer.rows.back().close, history.at(open, now_ms()).close);
    pass(1000);
    word();
    answer = get();
    EXPECT_EQ(text_of(answer.rows), rest(now_ms()));
    EXPECT_TRUE(answer.rows[3].closed);
    EXPECT_FALSE(answer.rows[4].closed);
  }
  EXPECT_EQ(asked(), before);
  // What was closed by the stream is what REST says of it.
  store.doubted("BTCUSDT", kAnHour);
  EXPECT_EQ(text_of(get().rows), rest(now_ms()));
  EXPECT_GT(asked(), before);
}

/// facts 8.9: freqtrade took the last forming state for the closed candle.
TEST_F(CandleFollowTest, ACutBetweenTheLastWordsOfACandleAndTheNextIsFilledByRest) {
  follow();
  const std::int64_t open = hour();
  pass(open + kHourMs - 1000 - now_ms());
  word(open);
  store.doubted("BTCUSDT", kAnHour);
  pass(5000);
  word();
  const std::size_t before = asked();
  EXPECT_EQ(text_of(get().rows), rest(now_ms()));
  EXPECT_GT(asked(), before);
}

TEST_F(CandleFollowTest, ANextCandleWithoutTheLastWordOfTheOneBeforeIsNotBelieved) {
  follow();
  const std::int64_t open = hour();
  pass(open + kHourMs - 1000 - now_ms());
  word(open);
  pass(2000);
  word();
  const std::size_t before = asked();
  EXPECT_EQ(text_of(get().rows), rest(now_ms()));
  EXPECT_GT(asked(), before);
}

TEST_F(CandleFollowTest, ACandleThatIsNotBesideTheLastOneIsNotBelieved) {
  std::erase(history.opens, hour() + kHourMs);
  follow();
  const std::int64_t open = hour();
  pass(open + kHourMs + 100 - now_ms());
  word(open, true);
  pass(kHourMs);
  word(open + 2 * kHourMs);
  EXPECT_EQ(text_of(get().rows), rest(now_ms()));
}

TEST_F(CandleFollowTest, ABorderThatTheStreamSleepsThroughIsAskedAbout) {
  follow();
  pass(hour() + kHourMs + 2900 - now_ms());
  const std::size_t before = asked();
  get();
  EXPECT_EQ(asked(), before) << "it may still say so";
  pass(200);
  EXPECT_EQ(text_of(get().rows), rest(now_ms()));
  EXPECT_GT(asked(), before);
}

TEST_F(CandleFollowTest, OlderWordsComeToNothing) {
  follow();
  const std::int64_t then = now_ms();
  Candle old = history.at(hour(), then - 5000);
  old.trades += 1'000'000;
  store.heard("BTCUSDT", kAnHour, old, from_ms(then - 5000));
  store.heard("BTCUSDT", kAnHour, history.at(hour() - kHourMs, then), from_ms(then + 1));
  EXPECT_EQ(text_of(get().rows), rest(then));
}

TEST_F(CandleFollowTest, AWordThatComesWhileRestAnswersIsNotLost) {
  word();
  pass(10);
  stub.transport->on(kPath, [&](const std::string&) -> Result<HttpResponse> {
    std::string made = json_of(history.ask(kNewest, now_ms()));
    pass(700);
    word();
    return answered(200, made);
  });
  get();
  const std::size_t before = asked();
  EXPECT_EQ(text_of(get().rows), rest(now_ms()));
  EXPECT_EQ(asked(), before);
}

TEST_F(CandleFollowTest, AnOlderAnswerDoesNotUndoAWord) {
  word();
  pass(10);
  get();
  pass(2000);
  const std::int64_t then = now_ms();
  word();
  // The exchange's REST side is five seconds behind.
  serve(history, stub, 5000);
  get({.limit = 50, .start = {}, .end = {}});
  EXPECT_EQ(text_of(get().rows), rest(then));
}

/// Whatever happens in whatever order, every answer is one that REST gave, or would have given, at
/// a moment between the last word and now.
TEST_F(CandleFollowTest, NoCandleIsInvented) {
  Dice dice(7);
  std::vector<std::int64_t> asked_at;
  const auto reply = stub.transport->reply_of(kPath);
  stub.transport->on(kPath, [&](const std::string& query) {
    asked_at.push_back(now_ms());
    return reply(query);
  });
  std::int64_t last_word = 0, silent_since = now_ms();
  std::int64_t unfinished = hour();
  for (int step = 0; step < 4000; ++step) {
    pass(dice.between(1, step % 50 == 0 ? kHourMs : 1900));
    const bool speaks = dice.between(0, 9) < 7;
    if (speaks) {
      if (hour() != unfinished) {
        if (dice.between(0, 9) < 8) word(unfinished, true);
        unfinished = hour();
      }
      word();
      last_word = now_ms();
      silent_since = now_ms();
    }
    if (dice.between(0, 60) == 0 || now_ms() - silent_since > 15'000) {
      store.doubted("BTCUSDT", kAnHour);
      last_word = 0;
      silent_since = now_ms();
    }
    const CandleQuestion question{
        .limit = static_cast<std::size_t>(dice.between(1, 8)), .start = {}, .end = {}};
    const std::string answer = text_of(get(question).rows);
    // Within `fresh` REST's own last answer is given again.
    bool is_recent = answer == rest(now_ms(), question);
    for (auto at = asked_at.rbegin(); at != asked_at.rend() && !is_recent; ++at) {
      if (now_ms() - *at > 1100) break;
      is_recent = answer == rest(*at, question);
    }
    const bool is_word = last_word != 0 && answer == rest(last_word, question);
    ASSERT_TRUE(is_recent || is_word)
        << "step " << step << ": " << answer << "\nnow  " << rest(now_ms(), question) << "\nword "
        << rest(last_word, question);
  }
}

}  // namespace
}  // namespace bourse::binance
