// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/candle_series.hpp"

#include <gtest/gtest.h>

#include <random>

#include "plugins/sources/binance/client/time_text.hpp"
#include "tests/plugins/sources/binance/candle_history.hpp"

namespace bourse::binance {
namespace {

constexpr std::int64_t kHour = 3'600'000;
const Interval kHourly = *Interval::parse("1h");

/// Every hour of [0, hours), but for those in `holes`.
CandleHistory hours(std::int64_t count, const std::vector<std::int64_t>& holes = {}) {
  CandleHistory history;
  for (std::int64_t hour = 0; hour < count; ++hour) {
    if (std::find(holes.begin(), holes.end(), hour) == holes.end()) {
      history.opens.push_back(hour * kHour);
    }
  }
  return history;
}

/// What the client makes of the history: as many that can be read as were asked for, and the places
/// of the others as far as it had to go.
std::vector<Candle> with_places(const CandleHistory& history, const CandleQuestion& question,
                                std::int64_t now) {
  const auto readable = history.readable(question, now);
  CandleQuestion whole{.limit = 100'000, .start = question.start, .end = question.end};
  if (readable.size() == question.limit) {
    (question.start ? whole.end : whole.start) =
        question.start ? readable.back().open_ms : readable.front().open_ms;
  }
  return history.ask(whole, now);
}

/// The way a store uses series and walk: answers from both, and how often the history was asked.
struct Reader {
  std::vector<Candle> get(const CandleQuestion& question, std::int64_t now, bool fresh = false) {
    CandleWalk walk(interval, question);
    asked.clear();
    while (const auto missing = walk.take(series, now, fresh)) {
      EXPECT_LE(asked.size(), 200u) << "it goes round in circles";
      if (asked.size() > 200) return {};
      asked.push_back(*missing);
      const auto rows = with_places(history, *missing, now);
      walk.give(*missing, rows);
      const Proof proof = prove(*missing, rows, interval, from_ms(now));
      const std::size_t closed = proof.closed ? proof.closed->rows : 0;
      const auto border = rows.begin() + static_cast<std::ptrdiff_t>(closed);
      if (proof.closed) series.add(proof.closed->from, proof.closed->to, {rows.begin(), border});
      if (proof.tail_from) {
        series.set_tail(
            {.from = *proof.tail_from, .rows = {border, rows.end()}, .at = {}, .clock = {}});
      }
    }
    auto rows = std::move(walk).rows();
    std::erase_if(rows, [](const Candle& row) { return !row.is_readable; });
    return rows;
  }

  CandleHistory history;
  CandleSeries series;
  std::vector<CandleQuestion> asked;
  Interval interval = kHourly;
};

CandleQuestion newest(std::size_t limit, std::optional<std::int64_t> end = {}) {
  return {.limit = limit, .start = {}, .end = end};
}
CandleQuestion oldest(std::size_t limit, std::int64_t start, std::optional<std::int64_t> end = {}) {
  return {.limit = limit, .start = start, .end = end};
}

TEST(CandleSeries, ARepeatedQuestionFetchesOnlyTheFormingCandle) {
  Reader reader{.history = hours(1000), .series = {}, .asked = {}};
  const std::int64_t now = 900 * kHour + kHour / 2;
  reader.get(newest(500), now);
  ASSERT_EQ(reader.asked.size(), 1u);
  EXPECT_EQ(reader.asked[0].limit, 500u);

  const auto again = reader.get(newest(500), now + 60'000);
  EXPECT_EQ(text_of(again), text_of(reader.history.ask(newest(500), now + 60'000)));
  ASSERT_EQ(reader.asked.size(), 1u);
  EXPECT_LE(reader.asked[0].limit, 2u);
}

TEST(CandleSeries, WhatClosedSinceIsFetchedToo) {
  Reader reader{.history = hours(1000), .series = {}, .asked = {}};
  reader.get(newest(500), 900 * kHour + kHour / 2);
  const std::int64_t later = 903 * kHour + kHour / 2;
  const auto rows = reader.get(newest(500), later);
  EXPECT_EQ(text_of(rows), text_of(reader.history.ask(newest(500), later)));
  ASSERT_EQ(reader.asked.size(), 1u);
  EXPECT_LE(reader.asked[0].limit, 5u);
}

TEST(CandleSeries, WithinTheFreshMomentNothingIsFetched) {
  Reader reader{.history = hours(1000), .series = {}, .asked = {}};
  const std::int64_t now = 900 * kHour + kHour / 2;
  const auto first = reader.get(newest(500), now);
  const auto second = reader.get(newest(500), now + 500, true);
  EXPECT_TRUE(reader.asked.empty());
  EXPECT_EQ(text_of(first), text_of(second));
  EXPECT_EQ(reader.get(newest(100), now + 500, true).size(), 100u);
  EXPECT_TRUE(reader.asked.empty());
}

TEST(CandleSeries, HistoryIsFetchedOnce) {
  Reader reader{.history = hours(1000), .series = {}, .asked = {}};
  const std::int64_t now = 990 * kHour;
  reader.get(oldest(100, 50 * kHour), now);
  EXPECT_EQ(reader.asked.size(), 1u);
  reader.get(oldest(80, 60 * kHour, 120 * kHour), now);
  EXPECT_TRUE(reader.asked.empty());
  reader.get(newest(50, 140 * kHour), now);
  EXPECT_TRUE(reader.asked.empty());
}

TEST(CandleSeries, AHoleIsRememberedAndNeverFilled) {
  Reader reader{.history = hours(1000, {100, 101, 102, 103}), .series = {}, .asked = {}};
  const std::int64_t now = 990 * kHour;
  const auto first = reader.get(oldest(20, 95 * kHour), now);
  EXPECT_EQ(first[4].open_ms, 99 * kHour);
  EXPECT_EQ(first[5].open_ms, 104 * kHour);
  // Inside the hole only: known to be empty.
  EXPECT_TRUE(reader.get(oldest(5, 100 * kHour, 103 * kHour), now).empty());
  EXPECT_TRUE(reader.asked.empty());
  EXPECT_EQ(text_of(reader.get(newest(3, 102 * kHour), now)),
            text_of(reader.history.ask(newest(3, 102 * kHour), now)));
  EXPECT_TRUE(reader.asked.empty());
}

TEST(CandleSeries, OnlyTheSpaceBetweenTwoKnownSpansIsFetched) {
  Reader reader{.history = hours(1000), .series = {}, .asked = {}};
  const std::int64_t now = 990 * kHour;
  reader.get(oldest(100, 100 * kHour), now);
  reader.get(oldest(100, 300 * kHour), now);
  const auto rows = reader.get(oldest(300, 100 * kHour), now);
  EXPECT_EQ(text_of(rows), text_of(reader.history.ask(oldest(300, 100 * kHour), now)));
  ASSERT_EQ(reader.asked.size(), 1u);
  EXPECT_EQ(reader.asked[0].start, 199 * kHour + 1);
  EXPECT_EQ(reader.asked[0].end, 300 * kHour - 1);
}

TEST(CandleSeries, TheBeginningOfHistoryIsRemembered) {
  Reader reader{.history = hours(1000), .series = {}, .asked = {}};
  reader.history.opens.erase(reader.history.opens.begin(), reader.history.opens.begin() + 700);
  const std::int64_t now = 990 * kHour;
  EXPECT_EQ(reader.get(newest(5000), now).size(), 290u);
  reader.get(newest(5000, 900 * kHour), now);
  EXPECT_TRUE(reader.asked.empty());
  reader.get(oldest(10, 0), now);
  EXPECT_TRUE(reader.asked.empty());
}

TEST(CandleSeries, ACandleIsKeptOnlyWhenItsEndIsSurelyPast) {
  const auto history = hours(20);
  const std::int64_t end = 10 * kHour;  // of the candle of nine o'clock
  for (const std::int64_t after_end : {-1, 0, 1'000, 1'998, 1'999, 5'000}) {
    const std::int64_t surely = end + after_end;
    const auto rows = history.ask(newest(3, 9 * kHour), end + 1);
    const Proof proof = prove(newest(3, 9 * kHour), rows, kHourly, from_ms(surely));
    ASSERT_TRUE(proof.closed);
    EXPECT_EQ(proof.closed->rows, after_end < 1'999 ? 2u : 3u) << after_end;
    EXPECT_LT(proof.closed->to, after_end < 1'999 ? 9 * kHour : 10 * kHour);
  }
}

TEST(CandleSeries, SpansThatTouchBecomeOneAndNewerRowsWin) {
  const auto history = hours(30);
  CandleSeries series;
  const auto part = [&](std::int64_t first, std::int64_t last) {
    return history.ask(oldest(100, first * kHour, last * kHour), 1000 * kHour);
  };
  series.add(0, 5 * kHour - 1, part(0, 4));
  series.add(10 * kHour, 15 * kHour, part(10, 15));
  EXPECT_EQ(series.covering(7 * kHour), series.none());
  series.add(5 * kHour, 10 * kHour - 1, part(5, 9));
  const auto whole = series.covering(7 * kHour);
  ASSERT_NE(whole, series.none());
  EXPECT_EQ(whole->first, 0);
  EXPECT_EQ(whole->second.to, 15 * kHour);
  EXPECT_EQ(text_of(whole->second.rows), text_of(part(0, 15)));
  series.add(3 * kHour, 20 * kHour, part(3, 20));
  EXPECT_EQ(text_of(series.covering(0)->second.rows), text_of(part(0, 20)));
}

TEST(CandleSeries, ShrinkingForgetsTheOldest) {
  Reader reader{.history = hours(1000), .series = {}, .asked = {}};
  reader.get(newest(900), 990 * kHour);
  const std::size_t before = reader.series.bytes();
  reader.series.shrink(before / 2);
  EXPECT_LE(reader.series.bytes(), before / 2);
  EXPECT_EQ(reader.series.covering(100 * kHour), reader.series.none());
  EXPECT_NE(reader.series.covering(980 * kHour), reader.series.none());
  // What is left is still true.
  const auto rows = reader.get(newest(900), 990 * kHour);
  EXPECT_EQ(text_of(rows), text_of(reader.history.ask(newest(900), 990 * kHour)));
  reader.series.shrink(0);
  EXPECT_EQ(text_of(reader.get(newest(900), 990 * kHour)), text_of(rows));
}

/// Any sequence of questions, while time passes and memory is taken away, is answered as the
/// exchange would have.
TEST(CandleSeries, AnswersAreThoseOfTheExchangeWhateverIsKnown) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(random() % n); };
    Reader reader{.history = {}, .series = {}, .asked = {}};
    for (std::int64_t hour = below(50); hour < 400; ++hour) {
      if (below(12) == 0) hour += below(10);  // the exchange was down
      const std::int64_t off_grid = below(40) == 0 ? below(kHour / 2) : 0;
      reader.history.opens.push_back(hour * kHour + off_grid);
      if (below(30) == 0) reader.history.unreadable.push_back(reader.history.opens.back());
    }
    std::int64_t now = 200 * kHour;
    for (int step = 0; step < 60; ++step) {
      now += below(3) == 0 ? below(5 * kHour) : below(1000);
      if (below(15) == 0) reader.series.shrink(static_cast<std::size_t>(below(40'000)));
      CandleQuestion question{
          .limit = static_cast<std::size_t>(1 + below(150)), .start = {}, .end = {}};
      if (below(2) == 0) question.start = below(now + 3 * kHour);
      if (below(2) == 0) question.end = question.start.value_or(0) + below(now);
      const auto rows = reader.get(question, now);
      ASSERT_EQ(text_of(rows), text_of(reader.history.readable(question, now)))
          << "seed " << seed << " step " << step;
    }
  }
}

/// A candle that cannot be read is not asked for again, not counted, and no hole either.
TEST(CandleSeries, WhatCannotBeReadKeepsItsPlaceAndDoesNotCount) {
  Reader reader{.history = hours(1000), .series = {}, .asked = {}};
  reader.history.unreadable = {300 * kHour, 301 * kHour, 899 * kHour, 900 * kHour};
  const std::int64_t now = 900 * kHour + kHour / 2;
  const auto check = [&](const CandleQuestion& question, std::size_t requests) {
    EXPECT_EQ(text_of(reader.get(question, now)), text_of(reader.history.readable(question, now)));
    EXPECT_EQ(reader.asked.size(), requests);
  };
  check(newest(700), 1);  // 898 down to 197
  EXPECT_EQ(reader.asked[0].limit, 700u);
  check(newest(10, 305 * kHour), 0);
  check(oldest(10, 295 * kHour), 0);
  check(oldest(2, 300 * kHour, 301 * kHour), 0);  // none
  check(newest(700), 1);
  EXPECT_LE(reader.asked[0].limit, 3u) << "the forming candle, though it cannot be read";
}

/// Each market has its own grid of three days, and one that paused may go on with another.
TEST(CandleSeries, ThreeDaysAreCountedOnTheGridOfTheMarketWhateverItIs) {
  constexpr std::int64_t kDay = 24 * kHour, kThree = 3 * kDay;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(random() % n); };
    Reader reader{.history = {.length_ms = kThree, .opens = {}},
                  .series = {},
                  .asked = {},
                  .interval = *Interval::parse("3d")};
    for (std::int64_t day = 20'000 + below(3); day < 21'200; day += 3) {
      if (below(40) == 0) day += below(9);
      reader.history.opens.push_back(day * kDay);
    }
    std::int64_t now = 20'600 * kDay;
    for (int step = 0; step < 60; ++step) {
      now += below(3) == 0 ? below(5 * kThree) : below(kDay);
      if (below(15) == 0) reader.series.shrink(static_cast<std::size_t>(below(40'000)));
      CandleQuestion question{
          .limit = static_cast<std::size_t>(1 + below(150)), .start = {}, .end = {}};
      if (below(2) == 0) question.start = 19'990 * kDay + below(now - 19'980 * kDay);
      if (below(2) == 0) question.end = question.start.value_or(19'990 * kDay) + below(400 * kDay);
      const auto rows = reader.get(question, now);
      ASSERT_EQ(text_of(rows), text_of(reader.history.ask(question, now)))
          << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace bourse::binance
