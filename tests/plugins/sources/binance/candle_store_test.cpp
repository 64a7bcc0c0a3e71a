// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/candle_store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "tests/plugins/sources/binance/candle_history.hpp"

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kHour = 3'600'000;
constexpr const char* kKlines = "/api/v3/klines";
const Interval kHourly = *Interval::parse("1h");

struct CandleStoreTest : testing::Test {
  CandleStoreTest() {
    const std::int64_t first = kStubStartMs / kHour * kHour - 3000 * kHour;
    for (int i = 0; i < 6000; ++i) history.opens.push_back(first + i * kHour);
    serve(history, stub);
  }
  std::shared_ptr<Keeper> keeper = nullptr;
  CandleStore make(CandleStore::Options options = {}) {
    keeper = std::make_shared<Keeper>(Client(stub.exchange),
                                      KeeperOptions{.prepare_after = minutes(10)});
    return {stub.exchange, keeper, options};
  }
  std::string get(CandleStore& store, const CandleQuestion& question,
                  const std::string& symbol = "BTCUSDT") {
    const auto answer = store.get(symbol, kHourly, question, stub.call());
    if (!answer) {
      ADD_FAILURE() << answer.error().text();
      return "";
    }
    return text_of(answer->rows);
  }
  [[nodiscard]] std::size_t asked() const { return stub.transport->count(kKlines); }

  CandleHistory history;
  StubExchange stub;
};

const CandleQuestion kNewest500{.limit = 500, .start = {}, .end = {}};

TEST_F(CandleStoreTest, WithinTheFreshMomentThereIsNoRequest) {
  CandleStore store = make();
  const std::string first = get(store, kNewest500);
  EXPECT_EQ(asked(), 1u);
  stub.clock->advance(milliseconds(900));
  EXPECT_EQ(get(store, kNewest500), first);
  EXPECT_EQ(asked(), 1u);
  stub.clock->advance(milliseconds(200));
  EXPECT_EQ(get(store, kNewest500), text_of(history.ask(kNewest500, stub.server_ms())));
  EXPECT_EQ(asked(), 2u);
  EXPECT_EQ(parameter(stub.transport->sent().back(), "limit"), "2");
  EXPECT_EQ(store.state().hits, 1);
  EXPECT_EQ(store.state().misses, 2);
}

TEST_F(CandleStoreTest, WhatIsClosedForGoodIsSettledAtOnceAndFromMemory) {
  CandleStore store = make();
  const std::int64_t hour = kStubStartMs / kHour * kHour;
  const CandleQuestion closed[] = {{.limit = 10, .start = {}, .end = hour - kHour},
                                   {.limit = 10, .start = hour - 50 * kHour, .end = {}},
                                   {.limit = 500, .start = hour - 9 * kHour, .end = hour - kHour}};
  for (const CandleQuestion& question : closed) {
    for (int i = 0; i < 2; ++i) {
      const auto answer = store.get("BTCUSDT", kHourly, question, stub.call());
      ASSERT_TRUE(answer);
      EXPECT_TRUE(answer->settled);
      // What it promises: the exchange says the same in a year.
      EXPECT_EQ(text_of(answer->rows),
                text_of(history.ask(question, stub.server_ms() + 365 * 24 * kHour)));
    }
  }
}

TEST_F(CandleStoreTest, WhatMayChangeIsGoodForTheFreshMomentOnly) {
  CandleStore store = make();
  const std::int64_t hour = stub.server_ms() / kHour * kHour;
  const CandleQuestion open[] = {kNewest500,
                                 {.limit = 10, .start = {}, .end = hour},
                                 {.limit = 10, .start = {}, .end = hour + 9 * kHour},
                                 {.limit = 500, .start = hour - 9 * kHour, .end = {}}};
  for (const CandleQuestion& question : open) {
    const Instant asked_at = stub.clock->now();
    const auto first = store.get("BTCUSDT", kHourly, question, stub.call());
    ASSERT_TRUE(first);
    SCOPED_TRACE(testing::Message() << "start " << question.start.value_or(0) << ", end "
                                    << question.end.value_or(0) << ", now " << stub.server_ms());
    ASSERT_FALSE(first->settled);
    ASSERT_LE(first->good_until, asked_at + seconds(1));
    // Until then it is given again, and as it was.
    while (stub.clock->now() + milliseconds(300) < first->good_until) {
      stub.clock->advance(milliseconds(300));
      const std::size_t before = asked();
      const auto again = store.get("BTCUSDT", kHourly, question, stub.call());
      EXPECT_EQ(text_of(again->rows), text_of(first->rows));
      EXPECT_EQ(again->good_until, first->good_until);
      EXPECT_EQ(asked(), before);
    }
    stub.clock->advance(minutes(1));
  }
}

TEST_F(CandleStoreTest, WhatIsNotKeptIsGoodForNoTimeAtAll) {
  CandleStore forgetful = make({.bytes_max = 0}), hasty = make({.fresh = seconds(0)});
  for (CandleStore* store : {&forgetful, &hasty}) {
    const auto answer = store->get("BTCUSDT", kHourly, kNewest500, stub.call());
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->settled);
    EXPECT_LE(answer->good_until, stub.clock->now());
  }
}

TEST_F(CandleStoreTest, FreshZeroAsksForTheNewestEveryTime) {
  CandleStore store = make({.fresh = seconds(0)});
  get(store, kNewest500);
  get(store, kNewest500);
  EXPECT_EQ(asked(), 2u);
}

TEST_F(CandleStoreTest, MemoryZeroKeepsNothing) {
  CandleStore store = make({.bytes_max = 0});
  const std::string first = get(store, kNewest500);
  EXPECT_EQ(get(store, kNewest500), first);
  EXPECT_EQ(asked(), 2u);
  EXPECT_EQ(store.state().bytes, 0u);
}

TEST_F(CandleStoreTest, MemoryStaysInBoundsAndTheLeastUsedGoesFirst) {
  constexpr std::size_t kBytes = 1'000'000;
  CandleStore store = make({.bytes_max = kBytes});
  get(store, kNewest500, "AAA");
  for (const char* symbol : {"BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH"}) {
    get(store, kNewest500, "AAA");  // stays in use
    get(store, kNewest500, symbol);
    EXPECT_LE(store.state().bytes, kBytes);
  }
  const std::size_t before = asked();
  get(store, kNewest500, "AAA");
  EXPECT_EQ(asked(), before);
  get(store, kNewest500, "BBB");
  EXPECT_EQ(asked(), before + 1);
  EXPECT_EQ(parameter(stub.transport->sent().back(), "limit"), "500");
}

TEST_F(CandleStoreTest, ASeriesLargerThanAllMemoryIsAnsweredAndCutDown) {
  constexpr std::size_t kBytes = 100'000;
  CandleStore store = make({.bytes_max = kBytes});
  const CandleQuestion all{.limit = 2500, .start = {}, .end = {}};
  EXPECT_EQ(get(store, all), text_of(history.ask(all, stub.server_ms())));
  EXPECT_LE(store.state().bytes, kBytes);
  EXPECT_EQ(get(store, all), text_of(history.ask(all, stub.server_ms())));
}

TEST_F(CandleStoreTest, EqualQuestionsAtOnceAreAskedOnce) {
  CandleStore store = make();
  stub.transport->hold();
  std::vector<std::thread> threads;
  std::vector<std::string> got(8);
  for (std::string& text : got) {
    threads.emplace_back([&] { text = get(store, kNewest500); });
  }
  stub.transport->wait_for(kKlines, 1);
  stub.transport->release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(asked(), 1u);
  for (const std::string& text : got) EXPECT_EQ(text, got.front());
  EXPECT_FALSE(got.front().empty());
}

/// Between the look at what is kept and the question, another may have been answered.
TEST_F(CandleStoreTest, WhatWasLearnedSinceTheLookIsNotAskedFor) {
  const auto me = std::this_thread::get_id();
  const auto meanwhile = std::make_shared<std::function<void()>>();
  stub.clock->on_now = [me, meanwhile] {
    if (std::this_thread::get_id() == me && *meanwhile) std::exchange(*meanwhile, nullptr)();
  };
  CandleStore store = make();
  const Call call = stub.call();
  // The clock is looked at when a question has been found to be the first of its kind.
  *meanwhile = [&] { get(store, {.limit = 600, .start = {}, .end = {}}); };
  const auto answer = store.get("BTCUSDT", kHourly, kNewest500, call);
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(*meanwhile);
  EXPECT_EQ(text_of(answer->rows), text_of(history.ask(kNewest500, stub.server_ms())));
  EXPECT_EQ(asked(), 1u);
  EXPECT_EQ(store.state().misses, 1);
}

TEST_F(CandleStoreTest, OtherMarketsAreNotHeldUpByOneThatIsAskedFor) {
  CandleStore store = make();
  stub.transport->hold();
  std::thread first([&] { get(store, kNewest500, "AAA"); });
  std::thread second([&] { get(store, kNewest500, "BBB"); });
  stub.transport->wait_for(kKlines, 2);  // would never come if one held a lock
  stub.transport->release();
  first.join();
  second.join();
}

TEST_F(CandleStoreTest, ManyThreadsGetWhatTheExchangeWouldHaveSaid) {
  CandleStore store = make({.bytes_max = 600'000, .fresh = seconds(0)});
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::uint32_t state = t + 1;
      for (int i = 0; i < 60; ++i) {
        state = state * 1664525U + 1013904223U;
        CandleQuestion question{.limit = 1 + state % 300, .start = {}, .end = {}};
        const std::int64_t back = static_cast<std::int64_t>(state / 7 % 2000) + 2;
        question.end = stub.server_ms() - back * kHour;
        if (state % 3 == 0) question.start = *question.end - kHour * (state % 200);
        const char* const symbol = state % 2 == 0 ? "AAA" : "BBB";
        const auto answer = store.get(symbol, kHourly, question, stub.call());
        const auto right = history.ask(question, stub.server_ms());
        wrong += answer && text_of(answer->rows) == text_of(right) ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(store.state().bytes, 600'000u);
}

TEST_F(CandleStoreTest, TheFormingCandleIsNotClosedAndThePastIs) {
  CandleStore store = make();
  const auto answer = store.get("BTCUSDT", kHourly, kNewest500, stub.call());
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->rows.back().closed);
  EXPECT_TRUE(answer->rows[answer->rows.size() - 2].closed);
  EXPECT_EQ(to_ms(answer->clock), stub.server_ms());
}

/// What is closed follows the exchange's clock, not this machine's, which may be years wrong.
TEST_F(CandleStoreTest, AWrongTimeOfDayDoesNotCloseAFormingCandle) {
  const std::int64_t now = stub.server_ms();
  stub.transport->on(kKlines, [&, now](const std::string&) -> Result<HttpResponse> {
    return answered(200, json_of(history.ask({.limit = 3, .start = {}, .end = {}}, now)));
  });
  stub.transport->on("/api/v3/time", "{\"serverTime\":" + std::to_string(now) + "}");
  stub.clock->wall_error = std::chrono::nanoseconds(std::chrono::hours(9000)).count();
  CandleStore store = make();
  const auto answer =
      store.get("BTCUSDT", kHourly, {.limit = 3, .start = {}, .end = {}}, stub.call());
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->rows.back().closed);
  EXPECT_EQ(to_ms(answer->clock), now);
}

/// The answer holds the candle as it was before its end, which passes while the answer travels.
TEST_F(CandleStoreTest, ACandleThatEndsDuringTheRoundTripIsNotClosed) {
  const std::int64_t end = (stub.server_ms() / kHour + 1) * kHour;
  CandleStore store = make();
  get(store, {.limit = 1, .start = {}, .end = {}});  // the exchange's time is known from here on
  stub.clock->advance(milliseconds(end - stub.server_ms() - 20));
  stub.transport->on(kKlines, [&](const std::string&) -> Result<HttpResponse> {
    const auto rows = history.ask({.limit = 3, .start = {}, .end = {}}, stub.server_ms());
    stub.clock->advance(milliseconds(60));
    return answered(200, json_of(rows));
  });
  const CandleQuestion three{.limit = 3, .start = {}, .end = {}};
  const auto answer = store.get("BTCUSDT", kHourly, three, stub.call());
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->rows.size(), 3u);
  EXPECT_EQ(answer->rows[2].close_ms, end - 1);
  EXPECT_FALSE(answer->rows[2].closed);
  EXPECT_TRUE(answer->rows[1].closed);
  // Asked for after its end, it is whole.
  stub.clock->advance(seconds(5));
  serve(history, stub);
  const auto later = store.get("BTCUSDT", kHourly, three, stub.call());
  ASSERT_TRUE(later.ok());
  EXPECT_EQ(later->rows[1].trades, kHour);
  EXPECT_TRUE(later->rows[1].closed);
}

/// T36 of the host's facts on HTTP: what is new is said by the exchange's clock. Here this
/// machine's is ahead, so that for it the next candle had begun when the old one was still forming.
TEST_F(CandleStoreTest, TheNewestIsAskedForAnewWhenItsCandleEndsAtTheExchange) {
  constexpr milliseconds kAhead(300);
  const std::int64_t end = (stub.server_ms() / kHour + 1) * kHour;
  stub.clock->wall_error = std::chrono::nanoseconds(kAhead).count();
  serve(history, stub, kAhead.count());
  CandleStore store = make();
  const CandleQuestion three{.limit = 3, .start = {}, .end = {}};
  const auto newest = [&] {
    const auto answer = store.get("BTCUSDT", kHourly, three, stub.call());
    EXPECT_TRUE(answer.ok());
    return answer->rows.back().open_ms;
  };
  newest();  // the exchange's time is known from here on
  stub.clock->advance(milliseconds(end - (stub.server_ms() - kAhead.count()) - 290));
  ASSERT_GT(stub.server_ms(), end) << "by this machine's clock";
  const auto forming = store.get("BTCUSDT", kHourly, three, stub.call());
  ASSERT_TRUE(forming.ok());
  EXPECT_EQ(forming->rows.back().open_ms, end - kHour);
  EXPECT_FALSE(forming->rows.back().closed);
  EXPECT_EQ(forming->good_until, stub.clock->now() + milliseconds(290));
  const std::size_t before = asked();
  stub.clock->advance(milliseconds(280));
  EXPECT_EQ(newest(), end - kHour);
  EXPECT_EQ(asked(), before) << "it is fresh";
  stub.clock->advance(milliseconds(11));  // this exchange opens a candle 1 ms into its hour
  EXPECT_EQ(newest(), end) << "291 ms after it was asked for, not a second";
  EXPECT_EQ(asked(), before + 1);
  EXPECT_EQ(newest(), end);
  EXPECT_EQ(asked(), before + 1) << "and that one is good for a second again";
}

/// Where the exchange is late with the next candle, nobody asks for it again and again.
TEST_F(CandleStoreTest, AnExchangeThatIsLateWithTheNextCandleIsAskedOnceASecond) {
  const std::int64_t end = (stub.server_ms() / kHour + 1) * kHour;
  CandleStore store = make();
  const CandleQuestion three{.limit = 3, .start = {}, .end = {}};
  get(store, three);
  stub.transport->on(kKlines, [&](const std::string&) -> Result<HttpResponse> {
    return answered(200, json_of(history.ask(three, end - 1)));
  });
  stub.clock->advance(milliseconds(end - stub.server_ms()));
  const std::size_t before = asked();
  for (int i = 0; i < 40; ++i) {
    get(store, three);
    stub.clock->advance(milliseconds(100));
  }
  EXPECT_LE(asked(), before + 5) << "in four seconds";
}

/// Pages come newest first: the forming candle is in the first one, however long the others take.
TEST_F(CandleStoreTest, ACandleThatEndsBeforeTheLastPageIsNotClosed) {
  stub.clock->advance(milliseconds(kHour - stub.server_ms() % kHour - 100));
  const std::int64_t forming = stub.server_ms() / kHour * kHour;
  stub.transport->on(kKlines, [&](const std::string& query) -> Result<HttpResponse> {
    CandleQuestion page{.limit = 1000, .start = {}, .end = {}};
    if (const std::string end = parameter(query, "endTime"); !end.empty())
      page.end = std::stoll(end);
    const auto rows = history.ask(page, stub.server_ms());
    stub.clock->advance(milliseconds(40));
    return answered(200, json_of(rows));
  });
  CandleStore store = make();
  const CandleQuestion all{.limit = 3000, .start = {}, .end = {}};
  const auto answer = store.get("BTCUSDT", kHourly, all, stub.call());
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->rows.size(), 3000u);
  ASSERT_GT(stub.server_ms(), forming + kHour);
  EXPECT_EQ(answer->rows.back().open_ms, forming);
  EXPECT_FALSE(answer->rows.back().closed);
}

/// With nothing but this machine's time of day, what is sure is what the answer itself shows.
TEST_F(CandleStoreTest, WithoutTheExchangesTimeOnlyWhatANewerCandleFollowsIsClosed) {
  stub.transport->on("/api/v3/time", [](const std::string&) -> Result<HttpResponse> {
    return answered(404, "{}");
  });
  const std::int64_t now = stub.server_ms();  // 26:40 into the hour
  stub.transport->on(kKlines, [&, now](const std::string& query) -> Result<HttpResponse> {
    CandleQuestion page{.limit = 3, .start = {}, .end = {}};
    if (const std::string from = parameter(query, "startTime"); !from.empty()) {
      page.start = std::stoll(from);
    }
    return answered(200, json_of(history.ask(page, now)));
  });
  const auto closed = [&](minutes ahead, const CandleQuestion& question) {
    stub.clock->wall_error = std::chrono::nanoseconds(ahead).count();
    CandleStore store = make();
    const auto answer = store.get("BTCUSDT", kHourly, question, stub.call());
    if (!answer) return answer.error().text();
    std::string flags;
    for (const Candle& row : answer->rows) flags += row.closed ? 'c' : 'o';
    return flags;
  };
  EXPECT_EQ(closed(minutes(50), {.limit = 3, .start = {}, .end = {}}), "cco");
  EXPECT_EQ(closed(minutes(-50), {.limit = 3, .start = {}, .end = {}}), "cco");
  // From a start the pages come oldest first, so a newer candle may have come later.
  const std::int64_t two_hours_ago = now / kHour * kHour - 2 * kHour;
  EXPECT_EQ(closed(minutes(20), {.limit = 3, .start = two_hours_ago, .end = {}}), "coo");
}

/// The testnet is wiped about once a month: what was, is no more, and all begins anew.
TEST_F(CandleStoreTest, AskingForMoreThanThereHasBeenSinceNoticesThatTheExchangeWasWiped) {
  for (const std::size_t limit : {24, 500}) {
    for (const int hours_later : {0, 1, 5}) {
      serve(history, stub);
      CandleStore store = make();
      get(store, kNewest500);
      CandleHistory anew;
      for (int i = 0; i <= hours_later; ++i) {
        anew.opens.push_back((stub.server_ms() / kHour + i) * kHour);
      }
      serve(anew, stub);
      stub.clock->advance(milliseconds(hours_later * kHour) + seconds(2));
      get(store, {.limit = limit, .start = {}, .end = {}});
      stub.clock->advance(seconds(2));
      EXPECT_TRUE(get(store, kNewest500) == text_of(anew.ask(kNewest500, stub.server_ms())))
          << limit << " asked for after " << hours_later;
    }
  }
}

/// One odd row of days ago must not cost the 399 beside it: neither when it comes nor from memory.
TEST_F(CandleStoreTest, OddCandlesCostThemselvesAndAreToldFromMemoryToo) {
  const std::int64_t hour = kStubStartMs / kHour * kHour;
  history.unreadable = {hour - 50 * kHour};
  history.closing_oddly = {hour - 20 * kHour, hour - 90 * kHour};
  CandleStore store = make();
  const CandleQuestion question{.limit = 400, .start = {}, .end = hour - kHour};
  for (int i = 0; i < 2; ++i) {
    const auto answer = store.get("BTCUSDT", kHourly, question, stub.call());
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(text_of(answer->rows), text_of(history.readable(question, stub.server_ms())));
    EXPECT_EQ(answer->rows.size(), 400u);
    EXPECT_EQ(answer->unreadable, 1u);
    EXPECT_EQ(answer->first_unreadable, from_ms(hour - 50 * kHour));
    EXPECT_TRUE(answer->settled);
    std::vector<std::int64_t> mended;
    for (const Candle& row : answer->rows) {
      EXPECT_EQ(row.close_ms, row.open_ms + kHour - 1);
      EXPECT_TRUE(row.closed);
      if (row.oddities == kClosesOddly) mended.push_back(row.open_ms);
    }
    EXPECT_EQ(mended, (std::vector<std::int64_t>{hour - 90 * kHour, hour - 20 * kHour}));
  }
  EXPECT_EQ(asked(), 2u) << "the row that cannot be read does not count: one more was asked for";
  EXPECT_EQ(store.state().hits, 1);
}

TEST_F(CandleStoreTest, TheFormingCandleMayBeTheOneThatCannotBeRead) {
  const std::int64_t forming = stub.server_ms() / kHour * kHour;
  history.unreadable = {forming};
  CandleStore store = make();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(get(store, kNewest500), text_of(history.readable(kNewest500, stub.server_ms())));
    stub.clock->advance(seconds(5));
  }
  EXPECT_EQ(asked(), 6u) << "two each: for the newest, and for one in place of that";
  // Alone, there is nothing left to say.
  const auto none =
      store.get("BTCUSDT", kHourly, {.limit = 5, .start = forming, .end = {}}, stub.call());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::kProtocol);
}

/// A row without even an open time: nobody knows where the hole is, so nothing is kept.
TEST_F(CandleStoreTest, WhatHasNoOpenTimeIsToldEachTimeAndNothingIsLearnt) {
  const auto reply = [&](const std::string& query) -> Result<HttpResponse> {
    CandleQuestion page{.limit = std::stoul(parameter(query, "limit")), .start = {}, .end = {}};
    if (const std::string end = parameter(query, "endTime"); !end.empty()) {
      page.end = std::stoll(end);
    }
    std::string body = json_of(history.ask(page, stub.server_ms()));
    if (!page.end) body.insert(body.find(",[") + 2, "\"?\",");
    return answered(200, body);
  };
  stub.transport->on(kKlines, reply);
  CandleStore store = make();
  const CandleQuestion four{.limit = 4, .start = {}, .end = {}};
  for (int i = 0; i < 2; ++i) {
    const auto answer = store.get("BTCUSDT", kHourly, four, stub.call());
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->rows.size(), 4u);
    EXPECT_EQ(answer->unreadable, 1u);
    EXPECT_EQ(answer->first_unreadable, std::nullopt);
    EXPECT_EQ(answer->unreadable_reason, "row 2: open time is not a number");
    EXPECT_FALSE(answer->settled);
  }
  EXPECT_EQ(store.state().hits, 0);
}

TEST_F(CandleStoreTest, FiveThousandAcrossOutagesFromEitherEndAndBetweenBoth) {
  const std::int64_t now_hour = kStubStartMs / kHour * kHour;
  history.opens.clear();
  for (std::int64_t back = 9000; back >= 0; --back) {
    const bool outage = (back > 4200 && back < 4400) || back == 2000 || back == 999;
    if (!outage) history.opens.push_back(now_hour - back * kHour);
  }
  const CandleQuestion questions[] = {
      {.limit = 5000, .start = {}, .end = {}},
      {.limit = 5000, .start = now_hour - 8000 * kHour, .end = {}},
      {.limit = 5000, .start = {}, .end = now_hour - 1500 * kHour},
      {.limit = 5000, .start = now_hour - 7000 * kHour + 1, .end = now_hour - 2001 * kHour - 1},
      {.limit = 5000, .start = now_hour - 4399 * kHour, .end = now_hour - 4201 * kHour}};
  CandleStore shared = make();
  for (const CandleQuestion& question : questions) {
    const auto right = history.ask(question, stub.server_ms());
    CandleStore own = make();
    EXPECT_TRUE(get(own, question) == text_of(right));
    EXPECT_TRUE(get(shared, question) == text_of(right)) << "beside what others asked for";
  }
}

TEST_F(CandleStoreTest, AnErrorOfTheExchangeIsNotRemembered) {
  CandleStore store = make();
  stub.transport->on(kKlines, [](const std::string&) -> Result<HttpResponse> {
    return answered(400, R"({"code":-1120,"msg":"Invalid interval."})");
  });
  EXPECT_FALSE(store.get("BTCUSDT", kHourly, kNewest500, stub.call()).ok());
  serve(history, stub);
  EXPECT_FALSE(get(store, kNewest500).empty());
}

}  // namespace
}  // namespace bourse::binance
