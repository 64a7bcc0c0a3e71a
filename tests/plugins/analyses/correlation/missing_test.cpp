// SPDX-License-Identifier: MIT
//
// What markets lack, why, and what that costs: holes, short and old histories, other grids.
#include <cmath>

#include "tests/plugins/analyses/correlation/gaps_reference.hpp"
#include "tests/plugins/analyses/correlation/source.hpp"

namespace bourse::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

namespace gaps = correlation::gaps_reference;

TEST_F(CorrelationPlugin, JoinsByTimeAndCountsWhatEachMarketCost) {
  market["A"] = daily({100, 110, 99, 120, 90, 130, 100, 110, 120});
  market["B"] = daily({200, 220, 198, 240, 180, 260, 200, 220, 240});
  market["B"].erase(market["B"].begin() + 2);
  market["C"] = daily({10, 20, 10, 20, 10, 20, 10, 20, 30});
  market["C"][4].close = 0.0;  // no trades yet: no price, so no row
  const auto report = run({{"symbols", "A,B,C"}, {"days", "8"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  const bourse_report& wire = (*report)->wire();
  // Days 0 1 | 3 | 5 6 7 8: what is left is 1, and 3, of days 5 to 8.
  EXPECT_THAT(note_codes(wire), ElementsAre("gaps", "few_observations"));
  EXPECT_THAT(notes_text(wire), HasSubstr("4 of the 8 returns of the window are compared"));
  EXPECT_THAT(notes_text(wire),
              HasSubstr("B: 2 returns (1 candle in 1 gap, from 2024-09-28T00:00:00Z to "
                        "2024-09-28T00:00:00Z); C: 2 returns (1 without a price)."));
  EXPECT_THAT(notes_text(wire), Not(HasSubstr("A: ")));
  // B is twice A at equal times. By position, B would be shifted by a row.
  EXPECT_EQ(column_texts(wire, "pairs", "asset_2")[0], "B");
  EXPECT_NEAR(*scalar_real(wire, "portfolio.max_correlation"), 1.0, 1e-15);
  EXPECT_EQ(scalar_text(wire, "summary.observations"), "4");
  EXPECT_EQ(scalar_text(wire, "summary.missing_returns"), "4");
  EXPECT_THAT(column_texts(wire, "assets", "missing_candles"), ElementsAre("0", "1", "1"));
  EXPECT_THAT(column_texts(wire, "assets", "missing_returns"), ElementsAre("0", "2", "2"));
  // A's, by hand: 0.1, 10 / 100 and so on: (130 -> 100, 100 -> 110, 110 -> 120), and 100 -> 110.
  EXPECT_NEAR(std::stod(column_texts(wire, "assets", "mean_return_percent")[0]),
              100.0 * (0.1 - 30.0 / 130.0 + 0.1 + 1.0 / 11.0) / 4.0, 1e-13);
}

/// A market that was taken off the exchange for 163 days, as BTCUSDC was, seen from 2023-03-20 with
/// days=300. A return over the hole would be one of 164 days.
class AcrossAHole : public CorrelationPlugin {
 protected:
  void SetUp() override {
    const auto history = [](const auto& closes) {
      Candles out = daily({closes.begin(), closes.end()});
      for (Candle& c : out) c.time += gaps::kNewestDay * kDay - kToday;
      return out;
    };
    market["BTCUSDT"] = history(gaps::kWhole);
    market["BTCUSDC"] = history(gaps::kHoled);
    take_out(market["BTCUSDC"], gaps::kHoleFirst, gaps::kHoleLast);
    // The source knows what was before the window: it is no short history.
    for (std::int64_t day = 1; day <= 400; ++day) {
      for (auto& [symbol, candles] : market) {
        const Candle first = candles.front();
        const double close = 100.0 + static_cast<double>(day % 3);
        candles.insert(candles.begin(), {first.time - kDay, close});
      }
    }
    manner.clock = Time{(gaps::kNewestDay + 1) * kDay + kHour};
  }
  void expect_reference(const bourse_report& wire) {
    EXPECT_EQ(scalar_text(wire, "summary.observations"), std::to_string(gaps::kReturns));
    EXPECT_EQ(scalar_text(wire, "summary.missing_returns"), "164");
    for (std::size_t m = 0; m < 2; ++m) {
      const auto value = [&](const char* column) {
        return std::stod(column_texts(wire, "assets", column)[m]);
      };
      EXPECT_NEAR(value("mean_return_percent"), gaps::kMeans[m], 1e-13);
      EXPECT_GT(std::abs(value("mean_return_percent") - gaps::kMeansOver[m]), 0.01);
      EXPECT_NEAR(value("annualised_volatility_percent"), gaps::kVolatilities[m], 1e-11);
      EXPECT_NEAR(value("total_return_percent"), gaps::kTotals[m], 1e-11);
      EXPECT_NEAR(value("max_drawdown_percent"), gaps::kDrawdowns[m], 1e-11);
    }
    EXPECT_NEAR(*scalar_real(wire, "portfolio.average_correlation"), gaps::kCorrelation, 1e-13);
  }
};

TEST_F(AcrossAHole, NoReturnSpansItAndTheReasonIsSaid) {
  const auto report = run({{"symbols", "BTCUSDT,BTCUSDC"}, {"days", "300"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  const bourse_report& wire = (*report)->wire();
  expect_reference(wire);
  EXPECT_THAT(note_codes(wire), ElementsAre("gaps"));
  EXPECT_THAT(notes_text(wire), HasSubstr("136 of the 300 returns of the window are compared"));
  EXPECT_THAT(notes_text(wire),
              HasSubstr("BTCUSDC: 164 returns (163 candles in 1 gap, from 2022-09-30T00:00:00Z to "
                        "2023-03-11T00:00:00Z)."));
  EXPECT_THAT(notes_text(wire), Not(HasSubstr("shorter")));
  EXPECT_THAT(column_texts(wire, "assets", "missing_candles"), ElementsAre("0", "163"));
  EXPECT_THAT(column_texts(wire, "assets", "missing_returns"), ElementsAre("0", "164"));
  EXPECT_EQ(wire.as_of, (gaps::kNewestDay + 1) * kDay - kMillisecond);
}

TEST_F(AcrossAHole, TheSameWindowByItsEndsSaysTheSame) {
  // 2022-05-23 to 2023-03-19, with what came later there as well.
  for (auto& [symbol, candles] : market) {
    for (int i = 0; i < 20; ++i) candles.push_back({candles.back().time + kDay, 7.0 + i % 2});
  }
  manner.clock.ns += 20 * kDay;
  const auto report = run({{"symbols", "BTCUSDT,BTCUSDC"},
                           {"start", "2022-05-23T00:00:00Z"},
                           {"end", "2023-03-19T23:59:59Z"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  expect_reference((*report)->wire());
  EXPECT_THAT(note_codes((*report)->wire()), ElementsAre("gaps"));  // not old: it was asked for
  EXPECT_THAT(asked, SizeIs(2));
  EXPECT_EQ(asked[0]["start"], "2022-05-23T00:00:00Z");
  EXPECT_EQ(asked[0]["end"], "2023-03-19T23:59:59Z");
}

TEST_F(AcrossAHole, AWindowInsideTheHoleNamesWhatIsBeforeIt) {
  const auto report = run({{"symbols", "BTCUSDT,BTCUSDC"},
                           {"start", "2022-11-01T00:00:00Z"},
                           {"end", "2022-12-31T00:00:00Z"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_UNPROCESSABLE);
  EXPECT_EQ(report.failure().code, "too_few_symbols");
  EXPECT_THAT(
      report.failure().message,
      HasSubstr(
          "BTCUSDC is left out: its newest candle before the start is of 2022-09-29T00:00:00Z"));
}

TEST_F(AcrossAHole, AMarketWithoutCandlesInTheWindowIsLeftOutForItsReason) {
  market["ETHUSDT"] = market["BTCUSDT"];
  const auto report = run({{"symbols", "BTCUSDT,BTCUSDC,ETHUSDT"},
                           {"start", "2022-11-01T00:00:00Z"},
                           {"end", "2022-12-31T00:00:00Z"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  EXPECT_THAT(note_codes((*report)->wire()), ElementsAre("gaps"));
  EXPECT_THAT(notes_text((*report)->wire()),
              HasSubstr("BTCUSDC is left out: its newest candle is of 2022-09-29T00:00:00Z, before "
                        "the window, 2022-11-01T00:00:00Z to 2022-12-31T00:00:00Z."));
  EXPECT_EQ(scalar_text((*report)->wire(), "summary.observations"), "60");
}

TEST_F(CorrelationPlugin, AShortHistoryIsLeftOutAndNamed) {
  use_reference();
  market["NEWUSDT"] = daily({1, 2, 3, 2, 1});
  const auto report = run({{"symbols", "S0,NEWUSDT,S1,S2"}, {"days", "60"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_THAT(note_codes(wire), ElementsAre("insufficient_history"));
  EXPECT_THAT(notes_text(wire), HasSubstr("NEWUSDT is left out: it has 5 of the 61 candles"));
  EXPECT_THAT(notes_text(wire),
              HasSubstr("its history begins 2024-09-30T00:00:00Z, 56 candles after the window"));
  EXPECT_EQ(scalar_text(wire, "summary.observations"), "60");
  EXPECT_THAT(column_texts(wire, "assets", "asset"), ElementsAre("S0", "S1", "S2"));
}

TEST_F(CorrelationPlugin, AMarketFullOfHolesIsLeftOutForThatReason) {
  use_reference();
  market["S1"].front().time -= 300 * kDay;  // it is old
  take_out(market["S1"], 19'950, 19'990);
  const auto report = run({{"symbols", "S0,S1,S2"}, {"days", "60"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_THAT(note_codes(wire), ElementsAre("gaps"));
  EXPECT_THAT(notes_text(wire), HasSubstr("S1 is left out: it has 19 of the 61 candles"));
  EXPECT_THAT(notes_text(wire), HasSubstr("it lacks 42 candles in 2 gaps, the first from "));
  EXPECT_THAT(notes_text(wire), Not(HasSubstr("history begins")));
}

TEST_F(CorrelationPlugin, AHistoryShorterThanAskedIsUsedAndSaid) {
  use_reference();
  const auto report = run({{"symbols", "S0,S1"}, {"days", "365"}});
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(note_codes((*report)->wire()), ElementsAre("insufficient_history"));
  EXPECT_THAT(notes_text((*report)->wire()),
              HasSubstr("shorter than was asked for: S0: its history begins 2024-08-05T00:00:00Z, "
                        "305 candles after the window does; S1: "));
  EXPECT_THAT(notes_text((*report)->wire()), HasSubstr("60 of the 365 returns"));
}

TEST_F(CorrelationPlugin, FromAStartOnTheSourceIsAskedWhatWasBefore) {
  use_reference();
  const Texts since = {{"symbols", "S0,S1"}, {"start", "2024-07-01T00:00:00Z"}};
  const auto new_ones = run(since);
  ASSERT_TRUE(new_ones.ok()) << new_ones.failure().message;
  EXPECT_THAT(note_codes((*new_ones)->wire()), ElementsAre("insufficient_history"));
  ASSERT_THAT(asked, SizeIs(4));
  EXPECT_EQ(asked[2]["limit"], "1");
  EXPECT_EQ(asked[2]["end"], "2024-06-30T23:59:59.999Z");
  // With a candle of May the same hole is a gap.
  for (auto& [symbol, candles] : market) candles.insert(candles.begin(), {19'850 * kDay, 100.0});
  const auto old_ones = run(since);
  ASSERT_TRUE(old_ones.ok());
  EXPECT_THAT(note_codes((*old_ones)->wire()), ElementsAre("gaps"));
  EXPECT_THAT(notes_text((*old_ones)->wire()),
              HasSubstr("S0: 35 returns (35 candles in 1 gap, from 2024-07-01T00:00:00Z to "
                        "2024-08-04T00:00:00Z)"));
}

TEST_F(CorrelationPlugin, AWindowThatEndsInThePastIsNotOld) {
  use_reference();
  const auto report = run({{"symbols", "S0,S1"}, {"days", "20"}, {"end", "2024-09-04T15:00:00Z"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  const bourse_report& wire = (*report)->wire();
  EXPECT_EQ(wire.n_notes, 0u) << notes_text(wire);
  EXPECT_EQ(scalar_text(wire, "summary.observations"), "20");
  EXPECT_EQ(scalar_text(wire, "summary.to"), std::to_string(kToday - 30 * kDay));
  EXPECT_EQ(wire.as_of, kToday - 29 * kDay - kMillisecond);
  EXPECT_EQ(asked[0]["end"], "2024-09-04T15:00:00Z");
}

TEST_F(CorrelationPlugin, AMarketThatLagsCostsItsReturnAndSaysSo) {
  use_reference();
  market["S1"].pop_back();
  const auto report = run({{"symbols", "S0,S1"}, {"days", "60"}});
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(notes_text((*report)->wire()),
              HasSubstr("S1: 1 return (1 candle after its newest, of 2024-10-03T00:00:00Z)"));
  EXPECT_EQ(scalar_text((*report)->wire(), "summary.observations"), "59");
}

TEST_F(CorrelationPlugin, ADeadMarketIsOldAndLeftOutAndTheAnswerIsOfTheLiving) {
  use_reference();
  for (Candle& c : market["S1"]) c.time -= 400 * kDay;
  manner.statuses["S1"] = "BREAK";
  const auto report = run({{"symbols", "S0,S1,S2"}, {"days", "30"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_THAT(note_codes(wire), ElementsAre("stale_data", "not_trading", "gaps"));
  EXPECT_THAT(notes_text(wire), HasSubstr("S1: newest of 2023-08-31T23:59:59.999Z"));
  EXPECT_THAT(notes_text(wire), HasSubstr("status BREAK"));
  EXPECT_THAT(notes_text(wire),
              HasSubstr("S1 is left out: its newest candle is of 2023-08-31T00:00:00Z"));
  EXPECT_EQ(wire.as_of, kToday + kDay - kMillisecond);
}

TEST_F(CorrelationPlugin, OnlyDeadMarketsAreAnsweredAsOfTheirDay) {
  use_reference();
  manner.clock.ns += 700 * kDay;
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(note_codes((*report)->wire()), ElementsAre("stale_data"));
  EXPECT_EQ((*report)->wire().as_of, kToday + kDay - kMillisecond);
}

TEST_F(CorrelationPlugin, ThreeDaysCompareMarketsOfOneGrid) {
  const auto every_third_day = [](std::int64_t newest) {
    Candles out;
    for (std::int64_t i = 19; i >= 0; --i) {
      out.push_back({(newest - 3 * i) * kDay, 100.0 + static_cast<double>(i * i % 7)});
    }
    return out;
  };
  market["BTCUSDT"] = market["ETHUSDT"] = every_third_day(19'999);
  for (Candle& c : market["ETHUSDT"]) c.close = 3.0 * *c.close;
  market["SOLUSDT"] = every_third_day(19'998);
  market["XRPUSDT"] = every_third_day(19'997);
  for (const char* symbols :
       {"BTCUSDT,SOLUSDT,ETHUSDT,XRPUSDT", "SOLUSDT,XRPUSDT,BTCUSDT,ETHUSDT"}) {
    const auto report = run({{"symbols", symbols}, {"interval", "3d"}, {"days", "45"}});
    ASSERT_TRUE(report.ok()) << report.failure().message;
    const bourse_report& wire = (*report)->wire();
    EXPECT_THAT(note_codes(wire), ElementsAre("other_grid", "other_grid"));
    EXPECT_THAT(notes_text(wire), HasSubstr("SOLUSDT is left out: its candles of 3d begin on other "
                                            "days than those of BTCUSDT"));
    EXPECT_EQ(scalar_text(wire, "summary.observations"), "15");
    EXPECT_NEAR(*scalar_real(wire, "portfolio.average_correlation"), 1.0, 1e-15);
    EXPECT_EQ(wire.as_of, 20'002 * kDay - kMillisecond);
  }
  const auto none = run({{"symbols", "BTCUSDT,SOLUSDT"}, {"interval", "3d"}, {"days", "45"}});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.failure().status, BOURSE_UNPROCESSABLE);
  EXPECT_THAT(none.failure().message, HasSubstr("begin on other days"));
}

TEST_F(CorrelationPlugin, AMissingCandleOfThreeDaysIsAGapOnTheMarketsOwnGrid) {
  for (const std::int64_t newest : {19'997, 19'998, 19'999}) {
    Candles candles;
    for (std::int64_t i = 25; i >= 0; --i) {
      if (i == 9 || i == 10) continue;
      candles.push_back({(newest - 3 * i) * kDay, 100.0 + static_cast<double>(i * i % 7)});
    }
    market["A"] = market["B"] = candles;
    const auto report = run({{"symbols", "A,B"}, {"interval", "3d"}, {"days", "60"}});
    ASSERT_TRUE(report.ok()) << report.failure().message;
    EXPECT_EQ(scalar_text((*report)->wire(), "summary.observations"), "17");
    EXPECT_THAT(notes_text((*report)->wire()), HasSubstr("A: 3 returns (2 candles in 1 gap"));
    EXPECT_THAT(note_codes((*report)->wire()), ElementsAre("gaps"));
  }
}

}  // namespace
}  // namespace bourse::test
