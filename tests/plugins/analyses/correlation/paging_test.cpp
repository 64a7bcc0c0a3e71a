// SPDX-License-Identifier: MIT
//
// Windows that are longer than a query, or too long.
#include "bourse/fresh.hpp"
#include "tests/plugins/analyses/correlation/source.hpp"

namespace bourse::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Hours, in `count` candles up to the 2024-10-04T23:00Z.
Candles hourly(std::int64_t count) {
  Candles out;
  for (std::int64_t i = count - 1; i >= 0; --i) {
    out.push_back({kToday + 23 * kHour - i * kHour, 100.0 + static_cast<double>(i * i % 101)});
  }
  return out;
}

TEST_F(CorrelationPlugin, LongWindowsAreReadPageByPageAndGivenBack) {
  market["A"] = market["B"] = hourly(12'100);
  const auto newest = run({{"symbols", "A,B"}, {"interval", "1h"}, {"days", "500"}});
  ASSERT_TRUE(newest.ok()) << newest.failure().message;
  EXPECT_EQ(scalar_text((*newest)->wire(), "summary.observations"), "12000");
  EXPECT_EQ((*newest)->wire().n_notes, 0u) << notes_text((*newest)->wire());
  ASSERT_THAT(asked, SizeIs(6));
  EXPECT_EQ(asked[0]["limit"], "5000");
  EXPECT_EQ(asked[4]["limit"], "2002");
  EXPECT_EQ(said.released, 6u);
  // Hour 5000 from the newest is the oldest of the first page.
  EXPECT_EQ(asked[2]["end"], "2024-03-10T15:59:59.999Z");

  const auto since =
      run({{"symbols", "A,B"}, {"interval", "1h"}, {"start", "2023-06-01T00:00:00Z"}});
  ASSERT_TRUE(since.ok()) << since.failure().message;
  // 491 days and 23 hours after it.
  EXPECT_EQ(scalar_text((*since)->wire(), "summary.observations"), "11807");
  EXPECT_THAT(asked, SizeIs(6));
  EXPECT_EQ(said.released, 6u);
}

TEST_F(CorrelationPlugin, AMarketThatFailsOnALaterPageIsLeftOutWithTheReason) {
  market["A"] = market["B"] = market["C"] = hourly(6'000);
  manner.fails_before["C"] = Time{market["C"][2'000].time};
  const auto report = run({{"symbols", "A,B,C"}, {"interval", "1h"}, {"days", "240"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  EXPECT_EQ(scalar_text((*report)->wire(), "summary.observations"), "5760");
  EXPECT_THAT(notes_text((*report)->wire()),
              HasSubstr("symbol_unavailable: C is left out: Wait a minute."));
  EXPECT_THAT(column_texts((*report)->wire(), "assets", "asset"), ElementsAre("A", "B"));
}

TEST_F(CorrelationPlugin, TenYearsOfDaysAreReadAtOnce) {
  std::vector<double> closes;
  for (int i = 0; i < 3700; ++i) closes.push_back(100.0 + i * 37 % 101);
  market["A"] = market["B"] = daily(closes);
  const auto report = run({{"symbols", "A,B"}, {"days", "3650"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  EXPECT_EQ(scalar_text((*report)->wire(), "summary.observations"), "3650");
  EXPECT_THAT(asked, SizeIs(2));
}

TEST_F(CorrelationPlugin, ASourceThatDoesNotMindTheCursorIsLeftAfterOnePageTooMany) {
  market["A"] = market["B"] = hourly(9'000);
  manner.minds_cursor = false;
  const auto report = run({{"symbols", "A,B"}, {"interval", "1h"}, {"days", "300"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  EXPECT_EQ(scalar_text((*report)->wire(), "summary.observations"), "4999");
  EXPECT_THAT(asked, SizeIs(4));
}

/// Hours, and a candle off the grid in each of the first `extra` of them.
Candles hourly_with_extra(std::int64_t count, std::size_t extra) {
  Candles out;
  for (const Candle& candle : hourly(count)) {
    out.push_back(candle);
    if (out.size() < 2 * extra) out.push_back({candle.time + kHour / 2, 3.0});
  }
  return out;
}

TEST_F(CorrelationPlugin, CandlesOffTheGridDoNotTakeThePlaceOfOthers) {
  market["A"] = market["B"] = hourly(200);
  market["C"] = hourly_with_extra(200, 60);
  const auto end = Time{market["A"].back().time};
  const auto whole = run({{"symbols", "A,B,C"},
                          {"interval", "1h"},
                          {"start", "2024-09-26T16:00:00Z"},
                          {"end", time_text(end)}});
  ASSERT_TRUE(whole.ok()) << whole.failure().message;
  EXPECT_THAT(column_texts((*whole)->wire(), "assets", "missing_candles"),
              ElementsAre("0", "0", "0"));
  EXPECT_EQ(scalar_text((*whole)->wire(), "summary.to"), std::to_string(end.ns));
  EXPECT_EQ(asked.front()["limit"], "202");

  // Up to the newest: here the extra ones come first, so they take the place of older ones.
  market["C"] = hourly(100);
  const Candles late = hourly_with_extra(100, 60);
  market["C"].clear();
  for (const Candle& candle : hourly(200)) {
    if (candle.time < late.front().time) market["C"].push_back(candle);
  }
  market["C"].insert(market["C"].end(), late.begin(), late.end());
  const auto newest = run({{"symbols", "A,B,C"}, {"interval", "1h"}, {"days", "7"}});
  ASSERT_TRUE(newest.ok()) << newest.failure().message;
  EXPECT_THAT(column_texts((*newest)->wire(), "assets", "missing_candles"),
              ElementsAre("0", "0", "0"));
  EXPECT_EQ(scalar_text((*newest)->wire(), "summary.observations"), "168");
}

TEST_F(CorrelationPlugin, AShortPageThatLeftOutARowIsNotTheLast) {
  market["A"] = market["B"] = hourly(9'000);
  manner.unreadable = Time{market["B"][6'000].time};  // on the first page
  const auto report = run({{"symbols", "A,B"}, {"interval", "1h"}, {"days", "300"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  EXPECT_EQ(scalar_text((*report)->wire(), "summary.observations"), "7198");  // 7200 less two
  EXPECT_THAT(notes_text((*report)->wire()), HasSubstr("unreadable_row"));
}

TEST_F(CorrelationPlugin, AWindowThatIsTooLongIsRefusedBeforeMuchIsRead) {
  market["A"] = market["B"] = hourly(100);
  const auto refused = [this](const Texts& window, const char* blamed) {
    Texts params = {{"symbols", "A,B"}, {"interval", "1h"}};
    params.insert(params.end(), window.begin(), window.end());
    const auto report = run(params);
    EXPECT_FALSE(report.ok());
    if (report.ok()) return std::string();
    EXPECT_EQ(report.failure().status, BOURSE_BAD_PARAM);
    EXPECT_EQ(report.failure().parameter, blamed);
    return report.failure().message;
  };
  EXPECT_THAT(refused({{"days", "3650"}}, "interval"),
              HasSubstr("3650 days are 87600 candles of 1h, and at most 49999"));
  EXPECT_THAT(asked, IsEmpty());
  // 2922 days and one candle.
  EXPECT_THAT(
      refused({{"start", "2010-01-01T00:00:00Z"}, {"end", "2018-01-01T00:00:00Z"}}, "start"),
      HasSubstr("From 2010-01-01T00:00:00Z to the end (2018-01-01T00:00:00Z) are 70129 candles of "
                "1h, and at most 50000 of a market are read"));
  EXPECT_THAT(asked, IsEmpty());
  // Without an end, the source's clock says it after the first page.
  EXPECT_THAT(refused({{"start", "2015-01-01T00:00:00Z"}}, "start"),
              HasSubstr("to now (2024-10-05"));
  EXPECT_THAT(asked, SizeIs(2));
  EXPECT_THAT(
      refused({{"start", "2024-01-02T00:00:00Z"}, {"end", "2024-01-01T00:00:00Z"}}, "start"),
      HasSubstr("is after end"));
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(CorrelationPlugin, TheOperatorNarrowsWhatIsRead) {
  market["A"] = market["B"] = hourly(300);
  const Component narrow("correlation.so", "correlation", {{"rows_max", "100"}});
  const auto run_narrow = [&](const Texts& window) {
    Texts params = {{"symbols", "A,B"}, {"interval", "1h"}};
    params.insert(params.end(), window.begin(), window.end());
    return run(narrow, params);
  };
  EXPECT_TRUE(run_narrow({{"days", "4"}}).ok());  // 97 candles
  EXPECT_FALSE(run_narrow({{"days", "5"}}).ok());
  // Up to the clock, 2024-10-05T01:00Z: 98 places, and 122.
  EXPECT_TRUE(run_narrow({{"start", "2024-10-01T00:00:00Z"}}).ok());
  EXPECT_FALSE(run_narrow({{"start", "2024-09-30T00:00:00Z"}}).ok());
}

}  // namespace
}  // namespace bourse::test
