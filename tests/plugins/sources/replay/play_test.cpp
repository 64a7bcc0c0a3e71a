// SPDX-License-Identifier: MIT
//
// The built plugin playing a recording: at each step it must say what it says with `now` at that
// time, which is another way to the same answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

#include "bourse/pulse.hpp"
#include "bourse/words.hpp"
#include "tests/plugins/sources/replay/folder.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kHours = 3'600'000'000'000;
constexpr std::int64_t kFirst = 1'735'689'600'000'000'000;  // 2025-01-01T00:00:00Z

std::string ms(std::int64_t hours, std::int64_t more = 0) {
  return std::to_string((kFirst + hours * kHours) / 1'000'000 + more);
}
std::string ticker(const char* price, std::int64_t hour) {
  return std::string(R"({"symbol":"BUSDT","lastPrice":")") + price +
         R"(","openPrice":"1","highPrice":"9",)" +
         R"("lowPrice":"1","volume":"4","quoteVolume":"8","openTime":)" + ms(hour - 24) +
         ",\"closeTime\":" + ms(hour, 1) + ",\"count\":5}";
}
std::string info(const char* status, std::int64_t hour) {
  return R"({"serverTime":)" + ms(hour) + R"(,"symbols":[{"symbol":"AUSDT","status":")" + status +
         R"(","baseAsset":"A","quoteAsset":"USDT","filters":[]}]})";
}

/// Thirty hours of one market, ten of another with a finer interval, tickers, a book, rules.
void record(Folder& folder) {
  std::string a, b;
  for (std::int64_t hour = 0; hour < 30; ++hour) {
    const std::string price = std::to_string(100 + hour);
    a += ms(hour) + "," + price + "," + price + "," + price + "," + price + ",2," +
         ms(hour + 1, -1) + ",200,3,1,100,0\n";
  }
  for (std::int64_t quarter = 0; quarter < 40; ++quarter) {
    const std::int64_t open = (kFirst + quarter * kHours / 4) / 1'000'000;
    b += std::to_string(open) + ",1,2,1,1.5,2," + std::to_string(open + 899'999) + ",3,3,1,1,0\n";
  }
  folder.with("AUSDT-1h.csv", a)
      .with("BUSDT-15m.csv", b)
      .with("ticker_24h_1.json", ticker("5", 2))
      .with("ticker_24h_2.json", ticker("6", 7))
      .with("depth_AUSDT.json",
            R"({"E":)" + ms(5) + R"(,"lastUpdateId":7,"bids":[["2","1"]],"asks":[["3","4"]]})")
      .with("exchangeInfo_1.json", info("TRADING", 3))
      .with("exchangeInfo_2.json", info("BREAK", 20));
}

/// Everything that an answer says, in one text.
std::string all_of(const host::Result<ReportPtr>& answer) {
  if (!answer.ok()) return "failed: " + answer.failure().message;
  const bourse_report& report = (*answer)->wire();
  std::string text = "as_of " + std::to_string(report.as_of) + "\n";
  for (std::size_t t = 0; t < report.n_tables; ++t) {
    const bourse_table& table = *report.tables[t];
    for (std::size_t f = 0; f < table.n_fields; ++f) {
      const std::string name = table.fields[f]->name;
      text += name + ":";
      for (const std::string& cell : column_texts(report, table.name, name)) {
        text += ' ' + cell;
      }
      text += '\n';
    }
  }
  for (const std::string& code : note_codes(report)) text += code + '\n';
  return text;
}

const std::vector<std::pair<const char*, Texts>> kQuestions = {
    {"candles", {{"symbol", "AUSDT"}, {"interval", "1h"}}},
    {"candles", {{"symbol", "AUSDT"}, {"interval", "4h"}, {"limit", "3"}}},
    {"candles", {{"symbol", "BUSDT"}, {"interval", "15m"}, {"limit", "5"}}},
    {"candles", {{"symbol", "BUSDT"}, {"interval", "1h"}}},
    {"candles", {{"symbol", "AUSDT"}, {"interval", "1d"}}},
    {"ticker_24h", {{"symbols", "AUSDT,BUSDT"}}},
    {"prices", {{"symbols", "AUSDT,BUSDT"}}},
    {"book_ticker", {{"symbols", "AUSDT"}}},
    {"order_book", {{"symbol", "AUSDT"}}},
    {"symbols", {}},
};

TEST(ReplayPlay, EachStepIsWhatWasKnownAtThatTime) {
  Folder folder;
  record(folder);
  const std::string path = folder.path().string();
  Component playing("replay.so", "replay",
                    {{"folder", path}, {"speed", "60x"}, {"from", "2025-01-01T00:30:00Z"}});
  const Time started = Pulse::time_of_day();
  for (std::int64_t hour = 1; hour <= 30; ++hour) {
    // In the middle of a step of a quarter of an hour: 7.5 seconds of ours on either side.
    playing.set_now(Time{started.ns + (hour * kHours - kHours / 2 + kHours / 8) / 60});
    Said said;
    const auto first = playing.fetch("prices", {{"symbols", "AUSDT"}}, {}, &said);
    const Time clock{ReportView((*first)->wire()).meta("clock")->as.i64};
    // Tickers, books and rules came at whole hours, the first ticker a millisecond after one.
    EXPECT_GE(clock.ns, kFirst + hour * kHours);
    EXPECT_LT(clock.ns, kFirst + hour * kHours + kHours / 4);
    const Component still("replay.so", "replay", {{"folder", path}, {"now", time_text(clock)}});
    for (const auto& [dataset, params] : kQuestions) {
      std::string expected = all_of(still.fetch(dataset, params));
      if (hour == 30) expected += "recording_ended\n";
      EXPECT_EQ(all_of(playing.fetch(dataset, params)), expected) << dataset << " at " << hour;
    }
    const bool has_ended = hour == 30;
    EXPECT_EQ(said.fresh_until->ns == std::numeric_limits<std::int64_t>::max(), has_ended);
  }
}

TEST(ReplayPlay, RepeatShowsTheBeginAgainAsItWas) {
  Folder folder;
  record(folder);
  const Component still("replay.so", "replay",
                        {{"folder", folder.path().string()}, {"now", "2025-01-01T02:00:00Z"}});
  Component playing("replay.so", "replay",
                    {{"folder", folder.path().string()},
                     {"speed", "60x"},
                     {"from", "2025-01-01T00:00:00Z"},
                     {"repeat", "true"}});
  const Time started = Pulse::time_of_day();
  for (const std::int64_t round : {0, 1, 5}) {
    // A round is 30 hours, and one more: as long as the last candle.
    playing.set_now(Time{started.ns + (round * 31 * kHours + 2 * kHours + kHours / 8) / 60});
    const auto& [dataset, params] = kQuestions[0];
    EXPECT_EQ(all_of(playing.fetch(dataset, params)), all_of(still.fetch(dataset, params)));
  }
}

/// At a million times a candle of a quarter of an hour is a millisecond: watches are told at most
/// fifty times a second.
TEST(ReplayPlay, WatchesAreToldAndEndWhereTheyShould) {
  Folder folder;
  record(folder);
  struct Sink {
    std::mutex mutex;
    std::condition_variable called;
    int calls = 0;
  } sink;
  const auto changed = [](void* told) {
    auto& self = *static_cast<Sink*>(told);
    const std::lock_guard lock(self.mutex);
    ++self.calls;
    self.called.notify_all();
  };
  const Component playing(
      "replay.so", "replay",
      {{"folder", folder.path().string()}, {"speed", "1000000x"}, {"repeat", "true"}});
  const auto token = playing.watch("prices", {{"symbols", "AUSDT"}}, &sink, changed);
  ASSERT_TRUE(token.ok());
  {
    std::unique_lock lock(sink.mutex);
    sink.called.wait(lock, [&] { return sink.calls >= 3; });
  }
  playing.unwatch(*token);
  const Component still("replay.so", "replay", {{"folder", folder.path().string()}});
  const auto never = still.watch("prices", {{"symbols", "AUSDT"}}, &sink, changed);
  ASSERT_TRUE(never.ok());
  still.unwatch(*never);
}

TEST(ReplayPlay, SettingsThatContradictEachOtherAreRefusedWithARemedy) {
  Folder folder;
  record(folder);
  const auto refused = [&](const Texts& more) -> std::string {
    Texts config{{"folder", folder.path().string()}};
    config.insert(config.end(), more.begin(), more.end());
    try {
      const Component component("replay.so", "replay", config);
      return "accepted";
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  };
  EXPECT_THAT(refused({{"now", "2025-01-01T12:00:00Z"}, {"speed", "60x"}}),
              HasSubstr("has no fixed time; say from instead"));
  EXPECT_THAT(refused({{"speed", "fast"}}),
              HasSubstr("speed: expected such as 60x or 0.5x, from 0.001x to 1000000x, got "
                        "\"fast\""));
  EXPECT_THAT(refused({{"from", "2025-01-03T00:00:00Z"}}),
              HasSubstr("is not before the end of the recording, 2025-01-02T06:00:00Z"));
  EXPECT_EQ(refused({{"repeat", "true"}}), "accepted");
}

}  // namespace
}  // namespace bourse::test
