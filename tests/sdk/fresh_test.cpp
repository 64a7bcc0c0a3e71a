// SPDX-License-Identifier: MIT
#include "bourse/fresh.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sdk/fake_host.hpp"

namespace bourse {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
constexpr Time kNoon{1'733'054'400 * kSecond};  // 2024-12-01T12:00:00Z

Time before(std::int64_t ns) { return Time{kNoon.ns - ns}; }

TEST(Stale, CandlesAreAfterTwoIntervalsAndFiveMinutes) {
  const Interval hour = Interval::parse("1h").value(), second = Interval::parse("1s").value();
  const Interval month = Interval::parse("1M").value();
  EXPECT_FALSE(stale_candles(before(2 * kHour), hour, kNoon));
  EXPECT_TRUE(stale_candles(before(2 * kHour + 1), hour, kNoon));
  EXPECT_FALSE(stale_candles(before(5 * kMinute), second, kNoon));
  EXPECT_TRUE(stale_candles(before(5 * kMinute + 1), second, kNoon));
  EXPECT_FALSE(stale_candles(before(62 * 24 * kHour), month, kNoon));
  EXPECT_TRUE(stale_candles(before(62 * 24 * kHour + 1), month, kNoon));
  EXPECT_FALSE(stale_candles(Time{kNoon.ns + kHour}, hour, kNoon));  // still forming
}

TEST(Stale, TickersAreAfterAnHourBooksAfterFiveMinutes) {
  EXPECT_FALSE(stale_ticker(before(kHour), kNoon));
  EXPECT_TRUE(stale_ticker(before(kHour + 1), kNoon));
  EXPECT_FALSE(stale_book(before(5 * kMinute), kNoon));
  EXPECT_TRUE(stale_book(before(5 * kMinute + 1), kNoon));
  EXPECT_TRUE(stale_book(Time{INT64_MIN}, Time{INT64_MAX}));
  EXPECT_FALSE(stale_book(Time{INT64_MAX}, Time{INT64_MIN}));
}

/// What the note says of one market of this age.
std::string said_of(std::int64_t age) {
  FakeHost host;
  StaleNote stale;
  stale.add("BTCUSDT", before(age), kNoon);
  stale.say(Call(host.wire(), host.call()));
  const std::string note = host.notes.at(0);
  const std::size_t at = note.find("Z, ") + 3;
  return note.substr(at, note.find(" before") - at);
}

TEST(StaleNote, SaysTheAgeInTheLargestUnitThatTwoFitInto) {
  EXPECT_EQ(said_of(10 * kMinute), "10 minutes");
  EXPECT_EQ(said_of(119 * kMinute), "119 minutes");
  EXPECT_EQ(said_of(120 * kMinute), "2 hours");
  EXPECT_EQ(said_of(47 * kHour), "47 hours");
  EXPECT_EQ(said_of(48 * kHour), "2 days");
  EXPECT_EQ(said_of(729 * 24 * kHour), "729 days");
  EXPECT_EQ(said_of(730 * 24 * kHour), "2 years");
  EXPECT_EQ(said_of(kSecond), "1 second");
}

TEST(StaleNote, IsOneForAllMarketsAndNamesFive) {
  FakeHost host;
  const Call call(host.wire(), host.call());
  StaleNote stale;
  stale.say(call);
  EXPECT_TRUE(host.notes.empty());
  stale.add("FTMUSDT", before(3 * kHour), kNoon, "BREAK");
  for (const char* symbol : {"B", "C", "D", "E", "F", "G"}) stale.add(symbol, before(kHour), kNoon);
  EXPECT_EQ(stale.markets(), 7U);
  stale.say(call);
  ASSERT_EQ(host.notes.size(), 1U);
  EXPECT_NE(host.notes[0].find("stale_data"), std::string::npos) << host.notes[0];
  EXPECT_NE(host.notes[0].find("FTMUSDT: newest of 2024-12-01T09:00:00Z, 3 hours before "
                               "2024-12-01T12:00:00Z, status BREAK; B: newest of"),
            std::string::npos)
      << host.notes[0];
  EXPECT_NE(host.notes[0].find(" and 2 more."), std::string::npos) << host.notes[0];
  EXPECT_EQ(host.notes[0].find("F: newest"), std::string::npos) << host.notes[0];
}

TEST(NotTradingNote, NamesWhatIsKnownNotToTrade) {
  FakeHost host;
  const Call call(host.wire(), host.call());
  NotTradingNote note;
  note.add("BTCUSDT", "TRADING");
  note.add("ETHUSDT", "");
  note.say(call);
  EXPECT_TRUE(host.notes.empty());
  note.add("FTMUSDT", "BREAK");
  note.add("XMRUSDT", "HALT");
  note.say(call);
  ASSERT_EQ(host.notes.size(), 1U);
  EXPECT_NE(host.notes[0].find("not_trading"), std::string::npos);
  EXPECT_NE(host.notes[0].find("Not trading now: FTMUSDT (BREAK), XMRUSDT (HALT)."),
            std::string::npos)
      << host.notes[0];
}

TEST(ClockOf, IsTheSourcesOrElseTheCalls) {
  FakeHost host;
  host.time = kNoon.ns;
  const Call call(host.wire(), host.call());
  bourse_report report{};
  report.size = sizeof report;
  EXPECT_EQ(clock_of(call, ReportView(report)), kNoon);
  EXPECT_EQ(status_of(ReportView(report)), "");

  const bourse_meta clock{sizeof(bourse_meta), 0, borrow("clock"), value(before(kHour))};
  const bourse_meta status{sizeof(bourse_meta), 0, borrow("status"), value("BREAK")};
  const std::vector<const bourse_meta*> both = {&clock, &status};
  report.n_meta = both.size();
  report.meta = both.data();
  EXPECT_EQ(clock_of(call, ReportView(report)), before(kHour));
  EXPECT_EQ(status_of(ReportView(report)), "BREAK");

  // Of another type they are not what market.h says.
  const bourse_meta text{sizeof(bourse_meta), 0, borrow("clock"), value("now")};
  const std::vector<const bourse_meta*> wrong = {&text};
  report.n_meta = wrong.size();
  report.meta = wrong.data();
  EXPECT_EQ(clock_of(call, ReportView(report)), kNoon);
}

}  // namespace
}  // namespace bourse
