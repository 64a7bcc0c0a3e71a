// SPDX-License-Identifier: MIT
#include "plugins/sources/synthetic/candles.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace bourse::synthetic {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kNow = 1'735'732'923;  // 2025-01-01T12:02:03Z, a Wednesday

Interval interval(const char* name) { return Interval::parse(name).value(); }
Time at(std::int64_t second) { return Time{second * kSecondNs}; }

class Candles : public testing::Test {
 protected:
  std::vector<Candle> ask(const CandleQuery& query, std::size_t symbol = 0) const {
    return candles(market_, market_.symbols()[symbol], query, kNow);
  }
  Market market_{42};
};

void expect_equal(const Bar& a, const Bar& b, const std::string& where) {
  EXPECT_EQ(a.open, b.open) << where;
  EXPECT_EQ(a.high, b.high) << where;
  EXPECT_EQ(a.low, b.low) << where;
  EXPECT_EQ(a.close, b.close) << where;
  EXPECT_EQ(a.trades, b.trades) << where;
  EXPECT_EQ(a.buy.lots, b.buy.lots) << where;
  EXPECT_EQ(a.buy.value, b.buy.value) << where;
  EXPECT_EQ(a.sell.lots, b.sell.lots) << where;
  EXPECT_EQ(a.sell.value, b.sell.value) << where;
}

TEST_F(Candles, LongerOnesAreExactlyTheSumsOfShorterOnes) {
  for (const char* const name : {"BTCUSDT", "XRPUSDT", "SOLUSDT", "ETHBTC"}) {
    const std::size_t symbol = market_.find(name).value();
    const Time first = at(market_.symbols()[symbol].first_second);
    for (const Interval each : Interval::all()) {
      const Interval longer = each.anchored(first);
      for (const Interval shorter : Interval::all()) {
        if (!(shorter < longer) || !shorter.divides(longer)) continue;
        const auto fine = ask({shorter, 3000, {}, {}}, symbol);
        std::map<std::int64_t, Bar> sums;
        for (const Candle& c : fine) {
          const std::int64_t start = longer.floor(c.open_time).ns;
          if (start < fine.front().open_time.ns) continue;  // not whole
          const auto [entry, fresh] = sums.emplace(start, c.bar);
          if (!fresh) entry->second.append(c.bar);
        }
        const auto coarse = ask({longer, 3000, {}, {}}, symbol);
        ASSERT_FALSE(coarse.empty());
        std::size_t compared = 0;
        for (const Candle& c : coarse) {
          const auto sum = sums.find(c.open_time.ns);
          if (sum == sums.end()) continue;
          ++compared;
          expect_equal(c.bar, sum->second,
                       std::string(name) + ": " + std::string(longer.name()) + " of " +
                           std::string(shorter.name()));
        }
        EXPECT_EQ(compared, sums.size());
      }
    }
  }
}

TEST_F(Candles, WithoutStartAreTheNewest) {
  const auto rows = ask({interval("1h"), 5, {}, {}});
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows.back().open_time, at(1'735'732'800));  // 12:00
  EXPECT_EQ(rows.front().open_time, at(1'735'732'800 - 4 * 3600));
  EXPECT_EQ(rows.back().close_time.ns, (1'735'736'400 * kSecondNs) - 1'000'000);
}

TEST_F(Candles, OnlyTheLastOneIsStillForming) {
  for (const Interval each : Interval::all()) {
    const auto rows = ask({each, 50, {}, {}});
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) EXPECT_TRUE(rows[i].closed) << each.name();
    EXPECT_EQ(rows.back().closed, each == interval("1s")) << each.name();
  }
  const auto whole =
      candles(market_, market_.symbols()[0], {interval("1h"), 3, {}, {}}, 1'735'732'800);
  EXPECT_TRUE(whole.back().closed) << "at 12:00:00 the candle of 12:00 has not begun to fill";
  EXPECT_EQ(whole.back().open_time, at(1'735'729'200));
}

TEST_F(Candles, TheFormingOneGrowsIntoTheClosedOne) {
  const Symbol& symbol = market_.symbols()[0];
  const CandleQuery hour{interval("1h"), 1, at(1'735'732'800), {}};
  const Bar early = candles(market_, symbol, hour, kNow)[0].bar;
  const Bar later = candles(market_, symbol, hour, kNow + 60)[0].bar;
  const Candle done = candles(market_, symbol, hour, kNow + 7200)[0];
  EXPECT_TRUE(done.closed);
  EXPECT_EQ(early.open, done.bar.open);
  EXPECT_LT(early.trades, later.trades);
  EXPECT_LT(later.trades, done.bar.trades);
  EXPECT_LE(early.high, later.high);
  EXPECT_LE(later.high, done.bar.high);
}

TEST_F(Candles, StartAndEndAreInclusiveAndComparedWithTheOpenTime) {
  const std::int64_t ten = 1'735'725'600;  // 10:00
  const auto open_times = [&](const CandleQuery& q) {
    std::vector<std::int64_t> out;
    for (const Candle& c : ask(q)) out.push_back(c.open_time.ns / kSecondNs);
    return out;
  };
  using Times = std::vector<std::int64_t>;
  EXPECT_EQ(open_times({interval("1h"), 2, at(ten), {}}), (Times{ten, ten + 3600}));
  EXPECT_EQ(open_times({interval("1h"), 2, Time{at(ten).ns + 1}, {}}),
            (Times{ten + 3600, ten + 7200}));
  EXPECT_EQ(open_times({interval("1h"), 2, {}, at(ten)}), (Times{ten - 3600, ten}));
  EXPECT_EQ(open_times({interval("1h"), 2, {}, Time{at(ten).ns - 1}}),
            (Times{ten - 7200, ten - 3600}));
  EXPECT_EQ(open_times({interval("1h"), 9, at(ten), at(ten + 3600)}), (Times{ten, ten + 3600}));
  EXPECT_EQ(open_times({interval("1h"), 1, at(ten), at(ten + 3600)}), (Times{ten}));
  EXPECT_EQ(open_times({interval("1h"), 9, at(ten), at(ten)}), (Times{ten}));
}

TEST_F(Candles, NothingIsLeftOfAnEmptySpan) {
  const std::int64_t ten = 1'735'725'600;
  EXPECT_TRUE(ask({interval("1h"), 9, at(ten), at(ten - 1)}).empty());
  EXPECT_TRUE(ask({interval("1h"), 9, at(kNow + 1), {}}).empty());
  EXPECT_TRUE(ask({interval("1h"), 9, {}, at(kFirstSecond - 1)}).empty());
  EXPECT_TRUE(ask({interval("1M"), 9, Time{std::numeric_limits<std::int64_t>::max()}, {}}).empty());
  EXPECT_TRUE(ask({interval("1w"), 9, {}, Time{std::numeric_limits<std::int64_t>::min()}}).empty());
}

TEST_F(Candles, PagesJoinWithoutGapOrOverlap) {
  for (const char* name : {"1m", "3d", "1M"}) {
    const auto all = ask({interval(name), 300, at(kFirstSecond), {}});
    std::vector<Candle> paged;
    Time start = at(kFirstSecond - 40 * kDaySeconds);
    while (paged.size() < all.size()) {
      const auto page = ask({interval(name), 7, start, {}});
      if (page.empty()) break;
      paged.insert(paged.end(), page.begin(), page.end());
      start = Time{page.back().open_time.ns + 1};
    }
    std::size_t skip = 0;  // the candle around the first second opens before it
    while (skip < paged.size() && paged[skip].open_time < all.front().open_time) ++skip;
    ASSERT_GE(paged.size(), all.size()) << name;
    for (std::size_t i = 0; i + skip < paged.size() && i < all.size(); ++i) {
      EXPECT_EQ(paged[i + skip].open_time, all[i].open_time) << name;
      expect_equal(paged[i + skip].bar, all[i].bar, name);
    }
  }
}

TEST_F(Candles, HistoryBeginsOnTheFirstDay) {
  const auto days = ask({interval("1d"), 1, Time{0}, {}});
  ASSERT_EQ(days.size(), 1u);
  EXPECT_EQ(days[0].open_time, at(kFirstSecond));
  const auto weeks = ask({interval("1w"), 1, Time{0}, {}});
  EXPECT_EQ(weeks[0].open_time, at(1'502'668'800));  // Monday 2017-08-14
  const auto months = ask({interval("1M"), 5000, {}, {}});
  EXPECT_EQ(months.front().open_time, at(1'501'545'600));  // 2017-08-01
  EXPECT_EQ(months.size(), 90u);                           // August 2017 to January 2025
}

// The days of each market are counted here, without Interval.
TEST_F(Candles, OfThreeDaysCountFromTheMarketsFirstDay) {
  std::set<std::int64_t> residues;
  for (std::size_t symbol = 0; symbol < market_.symbols().size(); ++symbol) {
    const auto days = ask({interval("1d"), 5000, {}, {}}, symbol);
    const auto threes = ask({interval("3d"), 5000, {}, {}}, symbol);
    ASSERT_EQ(threes.size(), (days.size() + 2) / 3);
    for (std::size_t i = 0; i < threes.size(); ++i) {
      Bar sum = days[3 * i].bar;
      for (std::size_t d = 3 * i + 1; d < std::min(days.size(), 3 * i + 3); ++d) {
        sum.append(days[d].bar);
      }
      EXPECT_EQ(threes[i].open_time, days[3 * i].open_time);
      EXPECT_EQ(threes[i].close_time.ns,
                threes[i].open_time.ns + 3 * kDaySeconds * kSecondNs - 1'000'000);
      expect_equal(threes[i].bar, sum, std::string(market_.symbols()[symbol].listing->symbol));
    }
    residues.insert(threes[0].open_time.ns / kSecondNs / kDaySeconds % 3);
  }
  EXPECT_EQ(residues, (std::set<std::int64_t>{0, 1, 2}));
}

// As the real exchange's candles of these markets do, in days since 1970.
TEST_F(Candles, OfThreeDaysStartOnTheDaysOnWhichTheRealOnesDo) {
  const auto day = [&](const char* name) {
    const auto rows = ask({interval("3d"), 1, {}, {}}, market_.find(name).value());
    return rows[0].open_time.ns / kSecondNs / kDaySeconds;
  };
  for (const char* const name : {"BTCUSDT", "ETHUSDT", "BNBUSDT", "ADAUSDT", "DOGEUSDT"}) {
    EXPECT_EQ(day(name) % 3, 1) << name;
  }
  for (const char* const name : {"XRPUSDT", "DOTUSDT", "ATOMUSDT"}) {
    EXPECT_EQ(day(name) % 3, 0) << name;
  }
  for (const char* const name : {"SOLUSDT", "AVAXUSDT", "LINKUSDT", "LTCUSDT"}) {
    EXPECT_EQ(day(name) % 3, 2) << name;
  }
  // BTCUSDT: 2025-12-30, 2026-01-02, 2026-01-05.
  const auto rows = candles(market_, market_.symbols()[0], {interval("3d"), 3, {}, {}},
                            1'767'600'000 + 9 * 3'600);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].open_time, at(1'767'052'800));
  EXPECT_EQ(rows[1].open_time, at(1'767'312'000));
  EXPECT_EQ(rows[2].open_time, at(1'767'571'200));
}

TEST_F(Candles, EndWhereTradingEnded) {
  constexpr std::int64_t kEnd = 1'708'398'000;  // 2024-02-20T03:00:00Z
  const std::size_t symbol = market_.find("XMRUSDT").value();
  const auto hours = ask({interval("1h"), 3, {}, {}}, symbol);
  const auto days = ask({interval("1d"), 1, {}, {}}, symbol);
  ASSERT_EQ(hours.size(), 3u);
  EXPECT_EQ(hours.back().open_time, at(kEnd - 3'600));
  EXPECT_TRUE(hours.back().closed);
  ASSERT_EQ(days.size(), 1u);
  EXPECT_EQ(days[0].open_time, at(kEnd - 3 * 3'600));
  Bar sum = hours[0].bar;
  sum.append(hours[1].bar);
  sum.append(hours[2].bar);
  expect_equal(days[0].bar, sum, "the last day has three hours");
  EXPECT_TRUE(ask({interval("1h"), 3, at(kEnd), {}}, symbol).empty());
  const Symbol& stopped = market_.symbols()[symbol];
  const CandleQuery newest_hours{interval("1h"), 3, {}, {}}, newest_day{interval("1d"), 1, {}, {}};
  EXPECT_FALSE(is_over(stopped, newest_hours, kEnd - 1));
  EXPECT_TRUE(is_over(stopped, newest_hours, kEnd));
  EXPECT_FALSE(is_over(stopped, newest_day, kEnd)) << "the day is not over";
  EXPECT_TRUE(is_over(stopped, newest_day, kEnd + 21 * 3'600));
}

TEST_F(Candles, OpenWhereTheOneBeforeClosed) {
  for (const char* name : {"1s", "1m", "1h", "1d"}) {
    const auto rows = ask({interval(name), 3000, {}, {}}, 5);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      ASSERT_EQ(rows[i].bar.open, rows[i - 1].bar.close) << name << ' ' << i;
    }
  }
}

/// Rows as far as they can be told apart: what a later second would change.
std::string text_of(const std::vector<Candle>& rows) {
  std::string text;
  for (const Candle& c : rows) {
    text += std::to_string(c.open_time.ns) + ":" + std::to_string(c.bar.close) + ":" +
            std::to_string(c.bar.trades) + (c.closed ? "; " : "? ");
  }
  return text;
}

// is_over says what a later look finds, for bounds on all sides of now.
TEST_F(Candles, AreOverWhenNoLaterSecondChangesThem) {
  constexpr std::int64_t kHour = 3'600;
  const std::int64_t hour = kNow / kHour * kHour;
  std::vector<std::optional<Time>> bounds = {std::nullopt, at(kFirstSecond - 1)};
  for (const std::int64_t offset : {-5, -2, -1, 0, 1, 5})
    bounds.push_back(at(hour + offset * kHour));
  std::size_t over = 0, open = 0;
  for (const auto& start : bounds) {
    for (const auto& end : bounds) {
      for (const std::int64_t limit : {1, 2, 100}) {
        const CandleQuery query{interval("1h"), limit, start, end};
        const std::string now = text_of(ask(query));
        bool changes = false;
        for (const std::int64_t later : {1, 30, 3'600, 7'200, 86'400}) {
          changes = changes ||
                    now != text_of(candles(market_, market_.symbols()[0], query, kNow + later));
        }
        EXPECT_EQ(is_over(market_.symbols()[0], query, kNow), !changes)
            << limit << " " << (start ? start->ns : 0) << " " << (end ? end->ns : 0);
        ++(changes ? open : over);
      }
    }
  }
  EXPECT_GT(over, 20u);
  EXPECT_GT(open, 20u);
}

TEST_F(Candles, AreOverAtTheirLastSecondAndNotBefore) {
  const CandleQuery hour{interval("1h"), 1, std::nullopt, at(kNow / 3'600 * 3'600)};
  const std::int64_t end = kNow / 3'600 * 3'600 + 3'600;
  EXPECT_FALSE(is_over(market_.symbols()[0], hour, end - 1));
  EXPECT_TRUE(is_over(market_.symbols()[0], hour, end));
}

}  // namespace
}  // namespace bourse::synthetic
