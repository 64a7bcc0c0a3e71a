// SPDX-License-Identifier: MIT
//
// The layer over sources whose answers are known: what is shown is what the source below would say,
// and what is known is not asked again.
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "bourse/interval.hpp"
#include "tests/plugins/sources/history/fixture.hpp"

namespace bourse::history {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(Layer, WhatIsOverIsAskedOnce) {
  const Texts january{{"interval", "1h"},
                      {"start", "2025-01-01"},
                      {"end", "2025-01-31T23:00:00Z"},
                      {"limit", "1000"}};
  expect_same(january);
  EXPECT_THAT(asked_, ElementsAre("2025-01-01T00:00:00Z..2025-01-31T23:00:00Z 1000"));
  expect_same(january);
  EXPECT_THAT(asked_, IsEmpty());
  expect_same({{"interval", "1h"}, {"end", "2025-01-20T05:30:00Z"}, {"limit", "24"}});
  EXPECT_THAT(asked_, IsEmpty());
  open_again();
  expect_same(january);
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(Layer, OnlyTheHoleIsAsked) {
  const auto month = [](const char* from, const char* to) {
    return Texts{{"interval", "1h"}, {"start", from}, {"end", to}, {"limit", "5000"}};
  };
  expect_same(month("2025-01-01", "2025-01-31T23:00:00Z"));
  expect_same(month("2025-03-01", "2025-03-31T23:00:00Z"));
  expect_same(month("2025-01-15", "2025-03-15"));
  EXPECT_THAT(asked_,
              ElementsAre(testing::StartsWith("2025-02-01T00:00:00Z..2025-02-28T23:59:59.999")));
  expect_same({{"interval", "1h"}, {"end", "2025-03-31T23:00:00Z"}, {"limit", "2000"}});
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(Layer, OfTheNewestOnlyThoseAreAskedThatClosedSince) {
  const Texts newest{{"interval", "1m"}, {"limit", "500"}};
  expect_same(newest);
  set_now(kNoon + Duration(30 * kSecond));
  expect_same(newest);
  ASSERT_EQ(asked_.size(), 1U);
  EXPECT_THAT(asked_[0], HasSubstr("2025-12-31T11:5"));  // the newest are asked once more
  set_now(kNoon + Duration(10 * kMinute + 5 * kSecond));
  expect_same(newest);
  ASSERT_EQ(asked_.size(), 1U);
  EXPECT_THAT(asked_[0], HasSubstr("Z.. 1"));
  expect_same({{"interval", "1m"}, {"start", "2025-12-31T11:00:00Z"}, {"limit", "5000"}});
  expect_same({{"interval", "1m"}, {"start", "2025-12-31T12:10:00Z"}});
  expect_same({{"interval", "1m"}, {"limit", "1"}});
}

TEST_F(Layer, WhatStillFormsIsShownAndNotKept) {
  set_now(kNoon + Duration(30 * kSecond));
  expect_same({{"interval", "1m"}, {"limit", "3"}});
  EXPECT_EQ(
      column_texts(shown({{"interval", "1m"}, {"limit", "3"}})->wire(), "candles", "closed").back(),
      "false");
  set_now(kNoon + Duration(75 * kSecond));
  const Texts that{
      {"interval", "1m"}, {"start", "2025-12-31T12:00:00Z"}, {"end", "2025-12-31T12:00:00Z"}};
  expect_same(that);
  EXPECT_EQ(asked_.size(), 1U) << "it was not known";
  EXPECT_THAT(column_texts(shown(that)->wire(), "candles", "closed"), ElementsAre("true"));
}

// T4
TEST_F(Layer, BeforeTheListingThereIsNothingAndThatIsRemembered) {
  const Texts all{{"interval", "1d"}, {"start", "2010-01-01"}, {"limit", "5000"}};
  expect_same(all);
  const Texts old{
      {"interval", "1d"}, {"start", "2010-01-01"}, {"end", "2017-12-31"}, {"limit", "5000"}};
  expect_same(old);
  EXPECT_THAT(asked_, IsEmpty());
  const Texts oldest{{"interval", "1d"}, {"end", "2017-09-30"}, {"limit", "500"}};
  expect_same(oldest);
  EXPECT_EQ(asked_.size(), 1U) << "of what was before 2010";
  expect_same(oldest);
  EXPECT_THAT(asked_, IsEmpty());
  expect_same({{"interval", "1d"}, {"start", "2010-01-01"}, {"end", "2012-01-01"}});
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(Layer, AnyQuestionIsAnsweredAsTheSourceWould) {
  std::mt19937_64 random(20251231);
  const auto draw = [&random](std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random);
  };
  const char* const intervals[] = {"1m", "15m", "1h", "1d", "3d", "1w", "1M"};
  Time now = kNoon;
  for (int i = 0; i < 150; ++i) {
    if (draw(0, 3) == 0) now = now + Duration(draw(1, 3 * 3600) * kSecond);
    set_now(now);
    if (draw(0, 20) == 0) open_again();
    const std::string interval = intervals[draw(0, 6)];
    const std::int64_t length = Interval::parse(interval)->length().value_or(30 * 24 * kHour);
    Texts params{{"interval", interval},
                 {"limit", std::to_string(draw(0, 2) != 0 ? draw(1, 40) : draw(1, 5000))}};
    const auto moment = [&] { return time_text(now + Duration(-draw(-3, 600) * length / 3)); };
    if (draw(0, 1) == 0) params.emplace_back("start", moment());
    if (draw(0, 1) == 0) params.emplace_back("end", moment());
    std::string what;
    for (const auto& [name, text] : params) what += name + "=" + text + " ";
    SCOPED_TRACE(std::to_string(i) + ": " + what + "at " + time_text(now));
    expect_same(params);
    if (HasFatalFailure()) return;
    EXPECT_THAT(note_codes(shown(params)->wire()), Not(Contains("not_kept")));
  }
}

TEST_F(Layer, WithoutTheSourceWhatIsKeptIsShown) {
  const Texts newest{{"interval", "1h"}, {"limit", "48"}};
  const auto before = cells(shown(newest));
  fails_ = true;
  const auto known = shown({{"interval", "1h"}, {"end", "2025-12-31T09:00:00Z"}, {"limit", "24"}});
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_THAT(note_codes(known->wire()), Not(Contains("source_failed")));
  const auto kept = shown(newest);
  EXPECT_THAT(note_codes(kept->wire()), Contains("source_failed"));
  const auto opens = column_texts(kept->wire(), "candles", "open_time");
  EXPECT_GE(opens.size(), 45U);
  for (const std::string& open : opens) EXPECT_THAT(before.at("open_time"), Contains(open));
  const auto nothing = ask({{"interval", "5m"}, {"limit", "3"}});
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.failure().code, "down");
}

// A desk that keeps minutes up to now, and hours of long ago: with the source gone its newest hours
// were those of long ago.
TEST_F(Layer, WithoutTheSourceTheNewestAreMadeWhereShorterOnesAreKept) {
  set_now(Time{kNoon.ns + 5 * kMinute});
  shown({{"interval", "1m"}, {"limit", "180"}});  // 09:05 to now
  const auto old = cells(shown(
      {{"interval", "1h"}, {"start", "2025-12-01T04:00:00Z"}, {"end", "2025-12-01T05:00:00Z"}}));
  const auto said = [this](const Texts& params) {
    const auto report = shown(params);
    EXPECT_THAT(note_codes(report->wire()), Contains("source_failed"));
    return cells(report);
  };
  fails_ = true;
  const auto newest = said({{"interval", "1h"}, {"limit", "3"}});
  const std::int64_t ten = kNoon.ns - 2 * kHour, eleven = kNoon.ns - kHour;
  EXPECT_THAT(newest.at("open_time"),
              ElementsAre(old.at("open_time").back(), std::to_string(ten), std::to_string(eleven)));
  const auto forwards = said({{"interval", "1h"},
                              {"start", "2025-12-01T04:00:00Z"},
                              {"end", "2025-12-31T11:00:00Z"},
                              {"limit", "10"}});
  EXPECT_THAT(forwards.at("open_time"),
              ElementsAre(old.at("open_time").front(), old.at("open_time").back(),
                          std::to_string(ten), std::to_string(eleven)));
  fails_ = false;
  const auto asked = cells(*below_.fetch("candles", Texts{{"symbol", "BTCUSDT"},
                                                          {"interval", "1h"},
                                                          {"start", "2025-12-31T10:00:00Z"},
                                                          {"end", "2025-12-31T11:00:00Z"}}));
  EXPECT_EQ(asked.at("close"),
            (std::vector<std::string>{newest.at("close")[1], newest.at("close")[2]}));
}

TEST_F(Layer, WithoutADatabaseTheSourceAnswersAndANoteSaysWhy) {
  open_at(uses_postgres() ? PostgresServer::shared().url("none")
                          : "sqlite:" + (folder_ / "none/h.db"));
  const Texts question{{"interval", "1h"}, {"limit", "5"}};
  expect_same(question);
  const auto report = shown(question);
  EXPECT_THAT(note_codes(report->wire()), Contains("not_kept"));
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(Layer, AnAddressThatIsNoneIsRefused) {
  for (const char* const address : {"history.db", "sqlite:relative.db", "mysql://a/b", "sqlite:"}) {
    try {
      const Component refused("history.so", "history", Texts{{"database", address}});
      ADD_FAILURE() << address;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr("database")) << address;
    }
  }
}

TEST_F(Layer, LongerCandlesAreMadeOfKeptOnes) {
  for (const char* const day : {"2025-06-01", "2025-06-02", "2025-06-03"}) {
    expect_same({{"interval", "1m"}, {"start", day}, {"limit", "1440"}});
  }
  for (const char* const interval : {"5m", "1h", "4h", "1d"}) {
    const Texts question{{"interval", interval},
                         {"start", "2025-06-01"},
                         {"end", "2025-06-02T23:59:00Z"},
                         {"limit", "5000"}};
    expect_same(question);
    EXPECT_THAT(asked_, IsEmpty()) << interval;
  }
}

TEST_F(Layer, WithoutTheSourceLongerCandlesAreMadeOfWhatIsKept) {
  // Two days of minutes, and between them half a day of which nothing is known.
  for (const char* const from : {"2025-06-01", "2025-06-02T12:30:00Z"}) {
    expect_same({{"interval", "1m"}, {"start", from}, {"limit", "1440"}});
  }
  const auto direct = below_.fetch("candles", Texts{{"symbol", "BTCUSDT"},
                                                    {"interval", "1h"},
                                                    {"start", "2025-06-01"},
                                                    {"end", "2025-06-03T11:00:00Z"},
                                                    {"limit", "60"}});
  ASSERT_TRUE(direct);
  auto hours = column_texts((*direct)->wire(), "candles", "open_time");
  auto closes = column_texts((*direct)->wire(), "candles", "close");
  ASSERT_EQ(hours.size(), 60U);
  for (auto* const column : {&hours, &closes}) {  // 13 of them are not whole
    column->erase(column->begin() + 24, column->begin() + 37);
  }
  fails_ = true;
  for (const Texts& question :
       {Texts{{"start", "2025-05-30"}, {"end", "2025-06-04"}, {"limit", "5000"}},
        Texts{{"end", "2025-06-04"}, {"limit", "500"}}, Texts{{"start", "2025-06-01"}},
        Texts{{"limit", "500"}}, Texts{{"end", "2025-06-03T11:00:00Z"}, {"limit", "500"}},
        Texts{{"start", "2025-05-31T23:30:00Z"}, {"end", "2025-06-03T11:30:00Z"}}}) {
    Texts hourly{{"interval", "1h"}};
    hourly.insert(hourly.end(), question.begin(), question.end());
    const auto kept = shown(hourly);
    ASSERT_TRUE(kept);
    EXPECT_EQ(asked_.size(), 1U);
    EXPECT_EQ(column_texts(kept->wire(), "candles", "open_time"), hours);
    EXPECT_EQ(column_texts(kept->wire(), "candles", "close"), closes);
    EXPECT_THAT(note_codes(kept->wire()),
                testing::IsSupersetOf({"source_failed", "unknown_parts"}));
  }
  EXPECT_THAT(column_texts((*layer_->perform("status", {}))->wire(), "kept", "interval"),
              ElementsAre("1m"))
      << "hours were shown and not kept";
  // As many as were asked for, the newest or the oldest of them.
  const auto newest = shown({{"interval", "1h"}, {"limit", "30"}});
  EXPECT_EQ(column_texts(newest->wire(), "candles", "open_time"),
            std::vector<std::string>(hours.end() - 30, hours.end()));
  const auto oldest = shown({{"interval", "1h"}, {"start", "2025-05-01"}, {"limit", "30"}});
  EXPECT_EQ(column_texts(oldest->wire(), "candles", "open_time"),
            std::vector<std::string>(hours.begin(), hours.begin() + 30));
}

TEST_F(Layer, WhatTheSourceHasNoCandlesOfIsAGapAndNotAskedAgain) {
  // An outage: 40 minutes of a day are not there.
  const Time from{1'748'736'000 * kSecond};  // 2025-06-01
  change_ = [&](const ReportPtr& report) -> host::Result<ReportPtr> {
    return edited(
        report, now_,
        [from](Time time) {
          const std::int64_t minute = (time.ns - from.ns) / kMinute;
          return minute < 100 || minute >= 140;
        },
        [](Time, Decimal close) { return close; });
  };
  const Texts day{{"interval", "1m"},
                  {"start", "2025-06-01"},
                  {"end", "2025-06-01T23:59:00Z"},
                  {"limit", "5000"}};
  const auto first = shown(day);
  EXPECT_EQ(column_texts(first->wire(), "candles", "open_time").size(), 1400U);
  EXPECT_THAT(note_codes(first->wire()), Contains("gaps"));
  const auto again = shown(day);
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_EQ(cells(first), cells(again));
  EXPECT_THAT(note_codes(again->wire()), Contains("gaps"));
  const auto notes = ReportView(again->wire()).notes();
  EXPECT_THAT(std::string(view(notes[0]->text)),
              HasSubstr("1 part: 2025-06-01T01:40:00Z to 2025-06-01T02:19:59.999Z"));
}

TEST_F(Layer, ACandleThatDiffersIsToldAndBothAreKept) {
  const Texts hour{{"interval", "1m"}, {"start", "2025-12-31T11:00:00Z"}, {"limit", "60"}};
  const auto before = shown(hour);
  // 11:58 is asked once more, since it had closed only a minute before; now it is another.
  set_now(kNoon + Duration(90 * kSecond));
  change_ = [&](const ReportPtr& report) {
    return edited(
        report, now_, [](Time) { return true; },
        [](Time time, Decimal close) {
          return time.ns == kNoon.ns - 2 * kMinute ? *Decimal::parse("1.5") : close;
        });
  };
  const auto after = shown(hour);
  EXPECT_THAT(note_codes(after->wire()), Contains("revised"));
  EXPECT_EQ(column_texts(after->wire(), "candles", "close")[58], "1.50000000");
  EXPECT_NE(column_texts(before->wire(), "candles", "close")[58], "1.50000000");
  const auto again = shown(hour);
  EXPECT_EQ(column_texts(again->wire(), "candles", "close")[58], "1.50000000");
  EXPECT_THAT(note_codes(again->wire()), Not(Contains("revised"))) << "it is told when it is found";
}

TEST_F(Layer, ManyWhoWantTheSameAskForItOnce) {
  const Texts month{{"symbol", "BTCUSDT"},
                    {"interval", "1h"},
                    {"start", "2025-01-01"},
                    {"end", "2025-01-31T23:00:00Z"},
                    {"limit", "1000"}};
  std::atomic<int> asked{0};
  const Component::Ask slowly = [&](std::string_view dataset, const Args& args) {
    ++asked;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return below_.fetch(dataset, args);
  };
  std::vector<std::thread> many;
  std::vector<std::size_t> rows(8);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    many.emplace_back([&, i] {
      const auto report = layer_->fetch("candles", month, slowly);
      if (report) rows[i] = (*report)->wire().tables[0]->n_rows;
    });
  }
  for (std::thread& one : many) one.join();
  EXPECT_THAT(rows, testing::Each(744U));
  EXPECT_EQ(asked, 1);
}

TEST_F(Layer, OtherDatasetsPassThrough) {
  const auto direct = below_.fetch("prices", Texts{{"symbols", "BTCUSDT"}});
  const auto layered =
      layer_->fetch("prices", Texts{{"symbols", "BTCUSDT"}}, Component::from(below_));
  ASSERT_TRUE(direct);
  ASSERT_TRUE(layered);
  EXPECT_EQ(column_texts((*direct)->wire(), "prices", "price"),
            column_texts((*layered)->wire(), "prices", "price"));
}

}  // namespace
}  // namespace bourse::history
