// SPDX-License-Identifier: MIT
//
// What every store does, SQLite and PostgreSQL alike.
#include "plugins/sources/history/store/store.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <new>
#include <random>
#include <thread>

#include "plugins/sources/history/store/database.hpp"
#include "tests/plugins/sources/history/store_tools.hpp"

namespace bourse::history {
namespace {

class StoreTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    place_ = make_place(GetParam());
    if (const std::string reason = place_->reason_to_skip(); !reason.empty())
      GTEST_SKIP() << reason;
    store_ = place_->open();
    series_ = got(store_->create(new_series()));
  }
  [[nodiscard]] std::vector<Candle> read(Span span = kEver, std::size_t limit = 100'000) const {
    return got(store_->read(series_.id, span, limit));
  }
  /// What the store is built on, as a task has it.
  [[nodiscard]] std::unique_ptr<Database> open_database() const {
    const Options options = place_->options(Role::kTask);
    const std::string file = options.database.substr(options.database.find(':') + 1);
    return got(GetParam() == Kind::kSqlite ? open_sqlite(options, file) : open_postgres(options));
  }
  [[nodiscard]] SeriesStatus status() const { return got(store_->status(kLater)).at(0); }
  /// Structure, rows, coverage and roll-ups agree.
  void expect_sound() const { EXPECT_THAT(got(store_->check(Depth::kFull)), testing::IsEmpty()); }

  std::unique_ptr<Place> place_;
  std::unique_ptr<Store> store_;
  Series series_;
};

INSTANTIATE_TEST_SUITE_P(In, StoreTest, testing::Values(Kind::kSqlite, Kind::kPostgres),
                         [](const auto& kind) { return name_of(kind.param); });

// ---- series

TEST_P(StoreTest, ASeriesKeepsTheScaleItWasBornWith) {
  NewSeries other = new_series();
  other.scale = {8, 8, 8};
  const Series again = got(store_->create(other));
  EXPECT_EQ(again.id, series_.id);
  EXPECT_EQ(again.scale, (Scale{2, 5, 8}));
  EXPECT_EQ(again.tick, dec("0.01"));
  store_ = place_->open();
  const auto found = got(store_->find(series_.key));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, series_.id);
  EXPECT_EQ(found->scale, (Scale{2, 5, 8}));
  EXPECT_FALSE(got(store_->find({"fake/spot", "btcusdt", "1m"})));
}

// T25's part: bytes are compared, of whatever script.
TEST_P(StoreTest, ASymbolMayBeChinese) {
  const Series chinese = got(store_->create(new_series("币安人生USDT")));
  EXPECT_NE(chinese.id, series_.id);
  keep(*store_, chinese, {kNewYear, kNewYear + kMinute}, {candle_at(kNewYear)});
  EXPECT_EQ(got(store_->find({"fake/spot", "币安人生USDT", "1m"}))->id, chinese.id);
  EXPECT_EQ(place_->query("SELECT count(*) FROM candles WHERE symbol = '币安人生USDT'"), "1");
}

TEST_P(StoreTest, WhatIsNoSeriesIsRefusedBeforeAnythingIsWritten) {
  const auto kind_of = [&](NewSeries series) { return store_->create(series).error().kind; };
  NewSeries no_interval = new_series("A", "7m"), no_symbol = new_series(""),
            no_dataset = new_series("A"), no_scale = new_series("A");
  no_dataset.key.dataset = "trades";
  no_scale.scale.price = 19;
  for (const NewSeries& series : {no_interval, no_symbol, no_dataset, no_scale}) {
    EXPECT_EQ(kind_of(series), ErrorKind::kInvalid);
  }
  EXPECT_EQ(store_->read(99, kEver, 1).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(got(store_->list()).size(), 1U);
}

// ---- rows

TEST_P(StoreTest, RowsComeBackToTheLastDigitInTheOrderOfTime) {
  auto rows = candles(kNewYear, kNewYear + kDay);
  auto shuffled = rows;
  std::ranges::shuffle(shuffled, std::mt19937(1));
  const Written written = keep(*store_, series_, {kNewYear, kNewYear + kDay}, rows);
  EXPECT_EQ(written.added, 1440U);
  EXPECT_EQ(import(*store_, series_, shuffled, api()).equal, 1440U);
  EXPECT_EQ(read(), rows);
  EXPECT_EQ(read()[0].open.scale(), 2);
  expect_sound();
}

TEST_P(StoreTest, LimitsTakeTheOldestOrTheNewestAlwaysAscending) {
  const auto rows = candles(kNewYear, kNewYear + kDay);
  keep(*store_, series_, {kNewYear, kNewYear + kDay}, rows);
  const Span noon{kNewYear + 12 * kHour, kNewYear + 13 * kHour};
  const auto from = rows.begin() + 720;
  EXPECT_EQ(read(noon, 3), std::vector(from, from + 3));
  EXPECT_EQ(got(store_->newest(series_.id, noon, 3)), std::vector(from + 57, from + 60));
  EXPECT_EQ(got(store_->newest(series_.id, kEver, 5000)), rows);
  EXPECT_TRUE(read(noon, 0).empty());
  EXPECT_TRUE(read({noon.to, noon.from}).empty());
}

TEST_P(StoreTest, MoreRowsThanOneBatchComeInPieces) {
  const auto rows = candles(kNewYear, kNewYear + 25'000 * kMinute);
  for (std::size_t at = 0; at < rows.size(); at += 5'000) {
    const std::vector<Candle> page(rows.begin() + static_cast<std::ptrdiff_t>(at),
                                   rows.begin() + static_cast<std::ptrdiff_t>(at + 5'000));
    keep(*store_, series_, {page.front().open_time, page.back().open_time + kMinute}, page);
  }
  EXPECT_EQ(read(), rows);
  EXPECT_EQ(got(store_->newest(series_.id, kEver, 15'000)),
            std::vector(rows.end() - 15'000, rows.end()));
  EXPECT_EQ(got(store_->coverage(series_.id, kEver)).size(), 1U);
  expect_sound();
}

// T1: pages [0..999] and [999..1998] overlap by one.
TEST_P(StoreTest, PagesThatOverlapByOneRowAreNoConflict) {
  const auto rows = candles(kNewYear, kNewYear + 1999 * kMinute);
  keep(*store_, series_, {kNewYear, kNewYear + 1000 * kMinute},
       {rows.begin(), rows.begin() + 1000});
  const Written second =
      keep(*store_, series_, {kNewYear + 999 * kMinute, kNewYear + 1999 * kMinute},
           {rows.begin() + 999, rows.end()});
  EXPECT_EQ(second.added, 999U);
  EXPECT_EQ(second.equal, 1U);
  EXPECT_TRUE(second.conflicts.empty());
  EXPECT_EQ(read(), rows);
  EXPECT_EQ(status().rows, 1999U);
  EXPECT_EQ(status().revisions, 0U);
}

TEST_P(StoreTest, ARowThatComesBackChangedIsShownAndTheOldOneKept) {
  auto rows = candles(kNewYear, kNewYear + 1999 * kMinute);
  keep(*store_, series_, {kNewYear, kNewYear + 1000 * kMinute},
       {rows.begin(), rows.begin() + 1000});
  const Candle old = rows[999];
  rows[999] = candle_at(old.open_time, 1);
  const Written second =
      keep(*store_, series_, {kNewYear + 999 * kMinute, kNewYear + 1999 * kMinute},
           {rows.begin() + 999, rows.end()}, api(kLater + 7));
  EXPECT_EQ(second.revised, 1U);
  EXPECT_EQ(second.conflicts, std::vector{old.open_time});
  EXPECT_EQ(read(), rows);
  const auto revisions = got(store_->revisions(series_.id, kEver, 10));
  ASSERT_EQ(revisions.size(), 1U);
  EXPECT_EQ(revisions[0].candle, old);
  EXPECT_EQ(revisions[0].kind, OriginKind::kApi);
  EXPECT_EQ(revisions[0].seen_at, kLater + 7);
  EXPECT_EQ(status().rows, 1999U);
  EXPECT_EQ(status().revisions, 1U);
  expect_sound();
}

// T11
TEST_P(StoreTest, EqualDecimalsWrittenOtherwiseAreNoDifference) {
  Candle candle = candle_at(kNewYear);
  candle.open = candle.high = dec("60000.10000000");
  keep(*store_, series_, {kNewYear, kNewYear + kMinute}, {candle});
  candle.open = candle.high = dec("60000.1");
  const std::uint64_t log = got(store_->health()).wal_bytes;  // SQLite's
  EXPECT_EQ(keep(*store_, series_, {kNewYear, kNewYear + kMinute}, {candle}).equal, 1U);
  EXPECT_EQ(got(store_->health()).wal_bytes, log);
  EXPECT_EQ(status().revisions, 0U);
}

// T9
TEST_P(StoreTest, TheDailyFilesValueIsShownWhateverTheOrderOfImport) {
  const Candle monthly = candle_at(kNewYear, 1), daily = candle_at(kNewYear, 2);
  const Series other = got(store_->create(new_series("ETHUSDT")));
  const Origin month = file(OriginKind::kMonthlyFile, "2024-01.zip"),
               day = file(OriginKind::kDailyFile, "2024-01-01.zip");
  import(*store_, series_, {monthly}, month);
  EXPECT_EQ(import(*store_, series_, {daily}, day).revised, 1U);
  import(*store_, other, {daily}, day);
  EXPECT_EQ(import(*store_, other, {monthly}, month).refused, 1U);
  for (const SeriesId id : {series_.id, other.id}) {
    EXPECT_EQ(got(store_->read(id, kEver, 10)), std::vector{daily});
    const auto revisions = got(store_->revisions(id, kEver, 10));
    ASSERT_EQ(revisions.size(), 1U);
    EXPECT_EQ(revisions[0].candle, monthly);
    EXPECT_EQ(revisions[0].kind, OriginKind::kMonthlyFile);
    const auto pieces = got(store_->coverage(id, kEver));
    ASSERT_EQ(pieces.size(), 1U);
    EXPECT_EQ(pieces[0].kind, OriginKind::kDailyFile);
    EXPECT_EQ(got(store_->origin(pieces[0].origin))->file, "2024-01-01.zip");
  }
  // Imported once more, the same finding is the same finding.
  EXPECT_EQ(import(*store_, other, {monthly}, month).refused, 1U);
  EXPECT_EQ(got(store_->revisions(other.id, kEver, 10)).size(), 1U);
  // And the source itself is believed most.
  const Candle now = candle_at(kNewYear, 3);
  keep(*store_, other, {kNewYear, kNewYear + kMinute}, {now});
  import(*store_, other, {daily}, day);
  EXPECT_EQ(got(store_->read(other.id, kEver, 10)), std::vector{now});
}

TEST_P(StoreTest, RowsRepeatedInOneBatchCountOnce) {
  const Candle row = candle_at(kNewYear), next = candle_at(kNewYear + kMinute);
  const Written written =
      import(*store_, series_, {row, next, row, row, candle_at(kNewYear + kMinute, 1)}, api());
  EXPECT_EQ(written.added, 2U);
  EXPECT_EQ(written.repeated, 3U);
  EXPECT_EQ(read(), (std::vector{row, candle_at(kNewYear + kMinute, 1)}));
  EXPECT_EQ(got(store_->revisions(series_.id, kEver, 10)).size(), 1U);
}

// T6: BTCUSDT 1h; 2018-02-09 09:28:14.789 and 2018-01-04 03:00, which closes 14 s late.
TEST_P(StoreTest, ACandleOffTheGridKeepsItsTimes) {
  const Series hourly = got(store_->create(new_series("BTCUSDT", "1h")));
  Candle late = candle_at(1'518'168'494'789), odd = candle_at(1'515'034'800'000);
  late.close_time = 1'518'170'399'999;  // regular: the end of its slot
  odd.close_time = 1'515'034'814'838;
  keep(*store_, hourly, {1'518'166'800'000, 1'518'170'400'000}, {late});
  keep(*store_, hourly, {1'515'034'800'000, 1'515'038'400'000}, {odd});
  const auto rows = got(store_->read(hourly.id, kEver, 10));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].close_time, 1'515'034'814'838);
  EXPECT_EQ(rows[1].open_time, 1'518'168'494'789);
  EXPECT_FALSE(rows[1].close_time);
  EXPECT_TRUE(
      got(store_->missing(hourly.id, {1'518'166'800'000, 1'518'170'400'000}, kLater)).empty());
}

// T10
TEST_P(StoreTest, WhatDoesNotFitTheScaleIsKeptExactlyBesideTheOthers) {
  auto rows = candles(kNewYear, kNewYear + 5 * kMinute);
  rows[1].quote_volume = dec("92233720368.54775808");  // 2^63 at scale 8
  rows[3].open = dec("0.000000000000000000000001");
  keep(*store_, series_, {kNewYear, kNewYear + 5 * kMinute}, rows);
  EXPECT_EQ(read(), rows);
  EXPECT_EQ(read()[1].quote_volume.text(), "92233720368.54775808");
  EXPECT_EQ(got(store_->newest(series_.id, kEver, 2)), std::vector(rows.begin() + 3, rows.end()));
  EXPECT_EQ(read(kEver, 2), std::vector(rows.begin(), rows.begin() + 2));
  EXPECT_EQ(status().text_rows, 2U);
  EXPECT_EQ(
      place_->query("SELECT quote_volume FROM candles_exact WHERE time = '2024-01-01T00:01:00Z'"),
      "92233720368.54775808");
  // It may come to fit, and not to fit again.
  const Candle big = rows[1];
  rows[1] = candle_at(rows[1].open_time);
  rows[2].volume = dec("1.0000001");
  EXPECT_EQ(import(*store_, series_, {rows[1], rows[2]}, api()).revised, 2U);
  EXPECT_EQ(read(), rows);
  EXPECT_EQ(status().text_rows, 2U);
  EXPECT_EQ(got(store_->revisions(series_.id, kEver, 10))[0].candle, big);
  expect_sound();
}

TEST_P(StoreTest, ABatchBeyondItsBoundsChangesNothing) {
  const auto many =
      candles(kNewYear, kNewYear + (static_cast<Millis>(Write::kRowsMax) + 1) * kMinute);
  EXPECT_EQ(store_->write({series_.id, api(), many, {}, kLater}).error().kind, ErrorKind::kInvalid);
  std::vector<Candle> bad{candle_at(kNewYear), candle_at(kNewYear + kMinute)};
  bad[1].close_time = kNewYear;
  EXPECT_EQ(store_->write({series_.id, api(), bad, {}, kLater}).error().kind, ErrorKind::kInvalid);
  bad[1].close_time.reset();
  bad[1].open_time = kMillisMax + 1;
  EXPECT_EQ(store_->write({series_.id, api(), bad, {}, kLater}).error().kind, ErrorKind::kInvalid);
  const std::vector<Mark> backwards{{{kNewYear + kMinute, kNewYear}, State::kKnown}};
  EXPECT_EQ(store_->write({series_.id, api(), {}, backwards, kLater}).error().kind,
            ErrorKind::kInvalid);
  EXPECT_TRUE(read().empty());
  EXPECT_TRUE(got(store_->coverage(series_.id, kEver)).empty());
}

// ---- coverage

// T5: at 12:00:30 the 12:00 candle is not known; at 12:01:15 it is.
TEST_P(StoreTest, TheFormingCandleIsNeitherKeptNorKnown) {
  const Millis noon = kNewYear + 12 * kHour;
  const Span span{noon - kMinute, noon + kMinute};
  const std::vector<Candle> early{candle_at(noon - kMinute), candle_at(noon, 1)};
  const std::vector<Mark> marks{{span, State::kKnown}};
  const Written first =
      got(store_->write({series_.id, api(noon + 30'000), early, marks, noon + 30'000}));
  EXPECT_EQ(first.added, 1U);
  EXPECT_EQ(first.forming, 1U);
  EXPECT_EQ(got(store_->missing(series_.id, span, noon + 30'000)),
            (std::vector<Span>{{noon, noon + kMinute}}));
  const std::vector<Candle> late{candle_at(noon)};
  got(store_->write({series_.id, api(noon + 75'000), late, {}, noon + 75'000}));
  EXPECT_TRUE(got(store_->missing(series_.id, {noon, noon + kMinute}, noon + 75'000)).empty());
  EXPECT_EQ(read().back(), candle_at(noon));
  EXPECT_EQ(status().revisions, 0U);
}

TEST_P(StoreTest, AnOutageIsRememberedAndAsksNothing) {
  auto rows = candles(kNewYear, kNewYear + kHour);
  rows.erase(rows.begin() + 20, rows.begin() + 40);
  keep(*store_, series_, {kNewYear, kNewYear + kHour}, rows);
  EXPECT_TRUE(got(store_->missing(series_.id, {kNewYear, kNewYear + kHour}, kLater + 1)).empty());
  const auto pieces = got(store_->coverage(series_.id, kEver));
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[1].state, State::kEmpty);
  EXPECT_EQ(pieces[1].span, (Span{kNewYear + 20 * kMinute, kNewYear + 40 * kMinute}));
  const SeriesStatus now = status();
  EXPECT_EQ(now.rows, 40U);
  EXPECT_EQ(now.gaps, 0U);
  EXPECT_EQ(now.empty_ms, 20 * kMinute);
  EXPECT_EQ(now.known_ms, 40 * kMinute);
  expect_sound();
}

TEST_P(StoreTest, GapsAreWhatIsUnknownBetweenTheFirstAndTheLastKnownInstant) {
  keep(*store_, series_, {kNewYear, kNewYear + kHour}, candles(kNewYear, kNewYear + kHour));
  const Millis next = kNewYear + 3 * kHour;
  keep(*store_, series_, {next, next + kHour}, candles(next, next + kHour));
  const SeriesStatus now = got(store_->status(next + kHour + 5 * kMinute + 1)).at(0);
  EXPECT_EQ(now.known, (Span{kNewYear, next + kHour}));
  EXPECT_EQ(now.gaps, 1U);
  EXPECT_EQ(now.unknown_ms, 2 * kHour);
  EXPECT_EQ(now.behind, 5U);
  EXPECT_EQ(now.spans, 2U);
}

TEST_P(StoreTest, ARowThatTheSourceHasNoMoreStaysAndIsAFinding) {
  keep(*store_, series_, {kNewYear, kNewYear + kHour}, candles(kNewYear, kNewYear + kHour));
  auto rows = candles(kNewYear, kNewYear + kHour);
  rows.erase(rows.begin() + 7);
  const Written again = keep(*store_, series_, {kNewYear, kNewYear + kHour}, rows);
  EXPECT_EQ(again.vanished, 1U);
  EXPECT_EQ(again.conflicts, std::vector{kNewYear + 7 * kMinute});
  EXPECT_EQ(status().rows, 60U);
  got(store_->forget(series_.id, {kNewYear, kNewYear + kHour}));
  EXPECT_EQ(got(store_->missing(series_.id, {kNewYear, kNewYear + kHour}, kLater)).size(), 1U);
  EXPECT_EQ(keep(*store_, series_, {kNewYear, kNewYear + kHour}, rows).vanished, 1U);
  EXPECT_EQ(status().empty_ms, 0);
  expect_sound();
}

// ---- longer intervals

/// The rows of [from, to) as one, added up one by one.
Candle folded(const std::vector<Candle>& rows, Millis from, Millis to) {
  Candle out;
  bool is_first = true;
  for (const Candle& row : rows) {
    if (row.open_time < from || row.open_time >= to) continue;
    if (is_first) {
      out = row;
      out.open_time = from;
      is_first = false;
      continue;
    }
    out.high = std::max(out.high, row.high);
    out.low = std::min(out.low, row.low);
    out.close = row.close;
    out.volume += row.volume;
    out.quote_volume += row.quote_volume;
    out.trades += row.trades;
    out.taker_base_volume += row.taker_base_volume;
    out.taker_quote_volume += row.taker_quote_volume;
  }
  return out;
}

TEST_P(StoreTest, LongerCandlesAreMadeOfShorterOnesWhereAllOfThemAreKnown) {
  auto rows = candles(kNewYear, kNewYear + 3 * kDay);
  keep(*store_, series_, {kNewYear, kNewYear + 3 * kDay}, rows);
  for (const std::string_view name : {"1m", "5m", "1h", "4h", "12h", "1d"}) {
    const Interval longer = interval(name);
    const auto made =
        got(store_->derive(series_.id, longer, {kNewYear, kNewYear + 3 * kDay}, 10'000));
    EXPECT_TRUE(made.missing.empty()) << name;
    const Millis step = *longer.length() / 1'000'000;
    ASSERT_EQ(made.rows.size(), static_cast<std::size_t>(3 * kDay / step)) << name;
    for (std::size_t i = 0; i < made.rows.size(); ++i) {
      const Millis open = kNewYear + static_cast<Millis>(i) * step;
      ASSERT_EQ(made.rows[i].candle, folded(rows, open, open + step)) << name << " " << i;
      ASSERT_FALSE(made.rows[i].has_gaps);
    }
  }
  const auto limited = got(store_->derive(series_.id, interval("1h"), kEver, 2));
  ASSERT_EQ(limited.rows.size(), 2U);
  EXPECT_EQ(limited.missing.size(), 1U);  // all before; beyond the second nothing is said
  EXPECT_EQ(store_->derive(series_.id, interval("1s"), kEver, 2).error().kind, ErrorKind::kInvalid);
}

// T12: Sunday 2026-11-29 belongs to Monday 2026-11-23, and February 2024 has 29 days.
TEST_P(StoreTest, WeeksBeginOnMondayAndMonthsAreCalendarMonths) {
  const Series daily = got(store_->create(new_series("BTCUSDT", "1d")));
  const Millis monday = 1'795'392'000'000;  // date -u -d '2026-11-23' +%s
  const auto week = candles(monday, monday + 7 * kDay, kDay);
  keep(*store_, daily, {monday, monday + 7 * kDay}, week);
  const auto weeks = got(
      store_->derive(daily.id, interval("1w"), {monday - 30 * kDay, monday + 6 * kDay + 1}, 10));
  ASSERT_EQ(weeks.rows.size(), 1U);
  EXPECT_EQ(weeks.rows[0].candle, folded(week, monday, monday + 7 * kDay));
  const Millis february = kNewYear + 31 * kDay, march = february + 29 * kDay;
  const auto month = candles(february, march, kDay);
  keep(*store_, daily, {february, march}, month);
  const auto months = got(store_->derive(daily.id, interval("1M"), {february, march}, 10));
  ASSERT_EQ(months.rows.size(), 1U);
  EXPECT_TRUE(months.missing.empty());
  EXPECT_EQ(months.rows[0].candle, folded(month, february, march));
}

TEST_P(StoreTest, ALongerCandleWithAnUnknownPartIsNotMadeAndOneWithAnEmptyPartSaysSo) {
  auto rows = candles(kNewYear, kNewYear + 2 * kHour);
  rows.erase(rows.begin() + 60, rows.begin() + 70);  // an outage from one o'clock on
  keep(*store_, series_, {kNewYear, kNewYear + 2 * kHour}, rows);
  keep(*store_, series_, {kNewYear + 2 * kHour, kNewYear + 3 * kHour}, {});
  keep(*store_, series_, {kNewYear + 3 * kHour + kMinute, kNewYear + 5 * kHour},
       candles(kNewYear + 3 * kHour + kMinute, kNewYear + 5 * kHour));
  const auto made =
      got(store_->derive(series_.id, interval("1h"), {kNewYear, kNewYear + 6 * kHour}, 10));
  ASSERT_EQ(made.rows.size(), 3U);
  EXPECT_FALSE(made.rows[0].has_gaps);
  EXPECT_TRUE(made.rows[1].has_gaps);
  EXPECT_EQ(made.rows[1].candle, folded(rows, kNewYear + kHour, kNewYear + 2 * kHour));
  EXPECT_EQ(made.rows[2].candle.open_time, kNewYear + 4 * kHour);
  EXPECT_EQ(made.missing, (std::vector<Span>{{kNewYear + 3 * kHour, kNewYear + 4 * kHour},
                                             {kNewYear + 5 * kHour, kNewYear + 6 * kHour}}));
}

// T29's first half: whatever changes a minute changes its hour and its day with it.
TEST_P(StoreTest, ARevisedMinuteChangesItsHourAndItsDay) {
  auto rows = candles(kNewYear, kNewYear + kDay);
  keep(*store_, series_, {kNewYear, kNewYear + kDay}, rows);
  EXPECT_EQ(
      place_->query("SELECT minutes, count(*), sum(parts) FROM rollup GROUP BY minutes ORDER BY 1"),
      "60|24|1440\n1440|1|1440");
  rows[600] = candle_at(rows[600].open_time, 1);
  import(*store_, series_, {rows[600]}, api());
  const auto hour = got(store_->derive(series_.id, interval("1h"),
                                       {kNewYear + 10 * kHour, kNewYear + 11 * kHour}, 1));
  EXPECT_EQ(hour.rows.at(0).candle, folded(rows, kNewYear + 10 * kHour, kNewYear + 11 * kHour));
  const auto day = got(store_->derive(series_.id, interval("1d"), {kNewYear, kNewYear + kDay}, 1));
  EXPECT_EQ(day.rows.at(0).candle, folded(rows, kNewYear, kNewYear + kDay));
  EXPECT_EQ(place_->query("SELECT count(*) FROM rollup"), "25");
  expect_sound();
  // A row that does not fit 64 bits takes its hour out of the roll-ups, not out of the answer.
  rows[601].quote_volume = dec("92233720368.54775808");
  import(*store_, series_, {rows[601]}, api());
  EXPECT_EQ(place_->query("SELECT count(*) FROM rollup"), "23");
  const auto again =
      got(store_->derive(series_.id, interval("1d"), {kNewYear, kNewYear + kDay}, 1));
  EXPECT_EQ(again.rows.at(0).candle, folded(rows, kNewYear, kNewYear + kDay));
  expect_sound();
}

// T10's second half: 525,600 x 2e14 (of 10^-8) is beyond 64 bits, and exact.
TEST_P(StoreTest, AYearOfLargeVolumesAddsUpExactly) {
  std::vector<Candle> page;
  for (Millis time = kNewYear; time < kNewYear + 365 * kDay; time += kMinute) {
    Candle row;
    row.open_time = time;
    row.open = row.high = row.low = row.close = dec("1");
    row.quote_volume = dec("2000000");
    page.push_back(row);
    if (page.size() == 8'640) {
      import(*store_, series_, page, api());
      page.clear();
    }
  }
  import(*store_, series_, page, api());
  Decimal sum;
  for (const Derived& month :
       got(store_->derive(series_.id, interval("1d"), {kNewYear, kNewYear + 365 * kDay}, 400))
           .rows) {
    sum += month.candle.quote_volume;
  }
  EXPECT_EQ(sum.text(), "1051200000000.00000000");
  EXPECT_EQ(sum.coefficient() / 1'000'000'000, Int128{105'120'000'000});
}

TEST_P(StoreTest, RandomHistoriesDeriveAsAddingUpTheirRowsDoes) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](Millis n) {
    return std::uniform_int_distribution<Millis>(0, n - 1)(random);
  };
  const Series quarter = got(store_->create(new_series("BTCUSDT", "15m")));
  constexpr Millis kQuarter = 15 * kMinute, kSlots = 6 * 96;
  std::map<Millis, Candle> rows;
  std::vector<int> states(kSlots, 0);  // 0 unknown, 1 known, 2 empty
  for (int n = 0; n < 60; ++n) {
    const Millis from = below(kSlots), to = std::min(kSlots, from + 1 + below(96));
    std::vector<Candle> page;
    for (Millis slot = from; slot < to; ++slot) {
      if (below(40) == 0) continue;
      page.push_back(candle_at(kNewYear + slot * kQuarter, below(10) == 0 ? 1 : 0));
      rows[slot] = page.back();
    }
    for (Millis slot = from; slot < to; ++slot) {
      states[static_cast<std::size_t>(slot)] = rows.contains(slot) ? 1 : 2;
    }
    keep(*store_, quarter, {kNewYear + from * kQuarter, kNewYear + to * kQuarter}, page);
  }
  std::vector<Candle> all;
  for (const auto& [slot, row] : rows) all.push_back(row);
  EXPECT_EQ(got(store_->read(quarter.id, kEver, 10'000)), all);
  for (const std::string_view name : {"30m", "1h", "2h", "6h", "1d"}) {
    const Interval longer = interval(name);
    const Millis step = *longer.length() / 1'000'000;
    const auto made =
        got(store_->derive(quarter.id, longer, {kNewYear, kNewYear + 6 * kDay}, 10'000));
    std::size_t at = 0;
    for (Millis open = kNewYear; open < kNewYear + 6 * kDay; open += step) {
      const auto first = states.begin() + (open - kNewYear) / kQuarter;
      const auto last = first + step / kQuarter;
      const bool is_missing = std::find(first, last, 0) != last;
      const bool has_rows = std::find(first, last, 1) != last;
      const bool is_told = std::ranges::any_of(
          made.missing, [&](Span span) { return span.from <= open && open + step <= span.to; });
      ASSERT_EQ(is_told, is_missing) << name << " " << open;
      if (is_missing || !has_rows) continue;
      ASSERT_LT(at, made.rows.size()) << name;
      ASSERT_EQ(made.rows[at].candle, folded(all, open, open + step)) << name << " " << open;
      ASSERT_EQ(made.rows[at].has_gaps, std::find(first, last, 2) != last) << name << " " << open;
      ++at;
    }
    ASSERT_EQ(at, made.rows.size()) << name;
  }
  expect_sound();
}

// ---- for people

/// The queries of the reference that are for this kind of database: what the comment above them
/// says.
std::vector<std::string> documented_queries(Kind kind) {
  std::ifstream page(std::string(BOURSE_SOURCE_DIR) + "/docs/reference/history-schema.md");
  std::vector<std::string> queries;
  bool is_sql = false, is_ours = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      is_sql = line == "```sql";
    } else if (is_sql && line.starts_with("-- ")) {
      is_ours = line.starts_with("-- either:") ||
                line.starts_with(kind == Kind::kSqlite ? "-- SQLite:" : "-- PostgreSQL:");
      if (is_ours) queries.emplace_back();
    } else if (is_sql && is_ours && !line.empty()) {
      queries.back() += line + "\n";
    }
  }
  return queries;
}

TEST_P(StoreTest, EveryQueryOfTheReferenceAnswers) {
  auto rows = candles(kNewYear, kNewYear + kDay);
  rows.erase(rows.begin() + 90);
  rows[91].close = dec("123.456");
  keep(*store_, series_, {kNewYear, kNewYear + kDay}, rows);
  import(*store_, series_, {candle_at(kNewYear + kMinute, 1)}, api());
  const Market market{"fake/spot", "BTCUSDT"};
  const auto trade = [](TradeId id, const char* price) {
    return Trade{id, kNewYear + id * 1000, dec(price), dec("0.5"), dec("35000"), id % 2 == 0};
  };
  const std::vector<Trade> trades{trade(1, "70000"), trade(2, "70001"), trade(5, "70002")};
  got(store_->write_trades({market, api(), trades}));
  const std::vector<Trade> other{trade(2, "70009")};
  got(store_->write_trades({market, api(), other}));
  const Book book{kNewYear, 7, 5, true, {{dec("69999"), dec("1")}}, {{dec("70001"), dec("2")}}};
  ASSERT_TRUE(got(store_->write_book(market, book, api(), kMinute)));
  const auto queries = documented_queries(GetParam());
  ASSERT_GE(queries.size(), 3U);
  for (const std::string& query : queries) {
    SCOPED_TRACE(query);
    EXPECT_FALSE(place_->query(query).empty());
  }
  const auto answer = [&](const std::string& column) {
    return place_->query("SELECT " + column + " FROM candles WHERE open = " + rows[5].open.text() +
                         " AND trades = " + std::to_string(rows[5].trades));
  };
  // Divided, not multiplied: the number is the one that its text stands for.
  EXPECT_EQ(std::stod(answer("low")), rows[5].low.to_double());
  EXPECT_EQ(std::stod(answer("volume")), rows[5].volume.to_double());
  EXPECT_EQ(place_->query("SELECT low, quote_volume FROM candles_exact WHERE trades = " +
                          std::to_string(rows[5].trades) + " ORDER BY time LIMIT 1"),
            rows[5].low.text() + "|" + rows[5].quote_volume.text());
}

// ---- taking away

TEST_P(StoreTest, PruneTakesAwayTheOldInPiecesAndAllThatHangsOnIt) {
  auto rows = candles(kNewYear, kNewYear + kDay);
  rows[3].quote_volume = dec("92233720368.54775808");
  keep(*store_, series_, {kNewYear, kNewYear + kDay}, rows);
  import(*store_, series_, {candle_at(kNewYear + kMinute, 1)}, api());
  const Pruned first = got(store_->prune(series_.id, kNewYear + 12 * kHour + 1, 100));
  EXPECT_FALSE(first.is_done);
  EXPECT_EQ(first.rows, 100U);
  EXPECT_EQ(status().known->from, kNewYear + 100 * kMinute);
  expect_sound();
  while (!got(store_->prune(series_.id, kNewYear + 12 * kHour + 1, 100)).is_done) {
  }
  EXPECT_EQ(read(), std::vector(rows.begin() + 720, rows.end()));
  EXPECT_EQ(status().rows, 720U);
  EXPECT_EQ(status().text_rows, 0U);
  EXPECT_EQ(status().revisions, 0U);
  EXPECT_EQ(status().known, (Span{kNewYear + 12 * kHour, kNewYear + kDay}));
  expect_sound();
}

// ---- writers and readers

TEST_P(StoreTest, TheSecondServerReadsAndSaysWhoWrites) {
  keep(*store_, series_, {kNewYear, kNewYear + kHour}, candles(kNewYear, kNewYear + kHour));
  auto second = place_->open();
  EXPECT_EQ(got(second->read(series_.id, kEver, 100)).size(), 60U);
  const auto rows = candles(kNewYear + kHour, kNewYear + 2 * kHour);
  const auto refused = second->write({series_.id, api(), rows, {}, kLater});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kLocked);
  EXPECT_THAT(refused.error().message,
              testing::HasSubstr("a test (process " + std::to_string(::getpid())));
  EXPECT_FALSE(got(second->health()).can_write);
  EXPECT_TRUE(got(store_->health()).can_write);
  store_.reset();  // the first one ends, and the second goes on writing
  auto written = second->write({series_.id, api(), rows, {}, kLater});
  // A server of a database may take a moment to notice that somebody has left.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!written && written.error().kind == ErrorKind::kLocked &&
         std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    written = second->write({series_.id, api(), rows, {}, kLater});
  }
  EXPECT_EQ(got(std::move(written)).added, 60U);
  store_ = std::move(second);
  expect_sound();
}

// As of the program that runs a task: it opens the source as a server does, and writes as a task.
TEST_P(StoreTest, WhoOpensItAndWritesNothingKeepsNobodyFromWriting) {
  store_.reset();
  const auto idle = place_->open();
  EXPECT_EQ(got(idle->read(series_.id, kEver, 10)).size(), 0U);
  const auto server = place_->open();
  const auto rows = candles(kNewYear, kNewYear + kHour);
  auto written = server->write({series_.id, api(), rows, {}, kLater});
  // The one that made the series has left; a server of a database may take a moment to notice.
  for (int n = 0; n < 1'000 && !written; ++n) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    written = server->write({series_.id, api(), rows, {}, kLater});
  }
  EXPECT_EQ(got(std::move(written)).added, 60U);
  EXPECT_EQ(got(idle->read(series_.id, kEver, 100)), rows);
  EXPECT_EQ(idle->write({series_.id, api(), rows, {}, kLater}).error().kind, ErrorKind::kLocked);
}

TEST_P(StoreTest, AReaderNeverWrites) {
  auto reader = place_->open(Role::kReader);
  EXPECT_EQ(reader->write({series_.id, api(), {}, {}, kLater}).error().kind, ErrorKind::kReadOnly);
  EXPECT_EQ(got(reader->list()).size(), 1U);
}

// What throws in the middle, as memory that is refused does, takes no reader's place with it.
TEST_P(StoreTest, AReadThatEndsByAnExceptionGivesItsPlaceBack) {
  const auto database = open_database();
  const auto fail = [](Connection& connection) -> Status {
    static_cast<void>(connection.counts());
    throw std::bad_alloc();
  };
  for (const bool is_one_state : {false, true}) {
    for (int n = 0; n < 10; ++n) {  // more often than there are places
      EXPECT_THROW(static_cast<void>(database->read(is_one_state, fail)), std::bad_alloc);
    }
  }
  EXPECT_TRUE(database->read(true, [](Connection& connection) {
    return connection.counts() ? Status(Done{}) : Status(Error{});
  }));
}

TEST_P(StoreTest, AWriteThatEndsByAnExceptionChangesNothingAndEndsItsTurn) {
  const auto database = open_database();
  const auto make = [](Connection& connection, const char* symbol) {
    return Status(connection.create(new_series(symbol), kLater) ? Status(Done{}) : Status(Error{}));
  };
  EXPECT_THROW(static_cast<void>(database->write(
                   [&](Connection& connection) -> Status {
                     EXPECT_TRUE(make(connection, "ETHUSDT"));
                     throw std::bad_alloc();
                   },
                   false)),
               std::bad_alloc);
  EXPECT_TRUE(
      database->write([&](Connection& connection) { return make(connection, "SOLUSDT"); }, false));
  const auto rows = candles(kNewYear, kNewYear + kHour);
  EXPECT_EQ(got(store_->write({series_.id, api(), rows, {}, kLater})).added, 60U);
  std::vector<std::string> symbols;
  for (const Series& series : got(store_->list())) symbols.push_back(series.key.symbol);
  EXPECT_THAT(symbols, testing::UnorderedElementsAre("BTCUSDT", "SOLUSDT"));
}

// T15, and two who write in turn: no "locked" reaches anyone, and no row comes twice or not at all.
TEST_P(StoreTest, ATaskWritesBesideTheServerAndReadersSeeWholePages) {
  auto task = place_->open(Role::kTask);
  const Series theirs = got(task->create(new_series("ETHUSDT")));
  constexpr int kPages = 40;
  std::atomic<int> failures = 0, torn = 0, finished = 0;
  const auto write = [&](Store& store, const Series& series) {
    for (int page = 0; page < kPages; ++page) {
      const Millis from = kNewYear + page * kHour;
      const auto rows = candles(from, from + kHour);
      const std::vector<Mark> marks{{{from, from + kHour}, State::kKnown}};
      failures += !store.write({series.id, api(), rows, marks, kLater});
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ++finished;
  };
  std::thread server([&] { write(*store_, series_); });
  std::thread beside([&] { write(*task, theirs); });
  while (finished < 2) {
    for (const SeriesId id : {series_.id, theirs.id}) {
      const auto rows = store_->read(id, kEver, 100'000);
      failures += !rows;
      torn += rows && rows->size() % 60 != 0;
    }
  }
  server.join();
  beside.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(torn, 0);
  for (const SeriesId id : {series_.id, theirs.id}) {
    EXPECT_EQ(got(store_->read(id, kEver, 100'000)), candles(kNewYear, kNewYear + kPages * kHour));
  }
  expect_sound();
}

// ---- kill -9

/// Writes pages of an hour for ever, and says of each that it is kept once it is.
[[noreturn]] void backfill(const Place& place, int pipe) {
  auto store = place.open(Role::kTask);
  const Series series = got(store->create(new_series()));
  const std::uint64_t rows = got(store->status(kLater)).at(0).rows;
  for (Millis from = kNewYear + static_cast<Millis>(rows / 60) * kHour;; from += kHour) {
    keep(*store, series, {from, from + kHour}, candles(from, from + kHour));
    if (::write(pipe, &from, sizeof from) != sizeof from) ::_exit(1);
  }
}

TEST_P(StoreTest, KilledAtAnyMomentWhatWasToldAsKeptIsThereOnceAndWhole) {
  store_.reset();
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Millis acknowledged = kNewYear;
  for (int n = 0; n < 25; ++n) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      try {
        backfill(*place_, ends[1]);
      } catch (const std::exception&) {
        ::_exit(2);
      }
    }
    ::close(ends[1]);
    Millis page = 0;
    const int pages = std::uniform_int_distribution(1, 4)(random);
    for (int i = 0; i < pages && ::read(ends[0], &page, sizeof page) == sizeof page; ++i) {
      acknowledged = page + kHour;
    }
    ::usleep(std::uniform_int_distribution<useconds_t>(0, 6'000)(random));
    ::kill(child, SIGKILL);
    while (::read(ends[0], &page, sizeof page) == sizeof page) acknowledged = page + kHour;
    ::close(ends[0]);
    int how = 0;
    ASSERT_EQ(::waitpid(child, &how, 0), child);
    ASSERT_TRUE(WIFSIGNALED(how)) << "the writer failed by itself";
    store_ = place_->open(Role::kTask);
    const SeriesStatus now = status();
    ASSERT_GE(now.known->to, acknowledged);
    ASSERT_EQ(now.known->from, kNewYear);
    ASSERT_EQ(now.gaps, 0U);
    ASSERT_EQ(read({kNewYear, kMillisMax}, 1'000'000), candles(kNewYear, now.known->to));
    expect_sound();
    store_.reset();
  }
  EXPECT_GT(acknowledged, kNewYear + 24 * kHour);
}

}  // namespace
}  // namespace bourse::history
