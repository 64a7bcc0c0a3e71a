// SPDX-License-Identifier: MIT
//
// The report, and what is refused.
#include <cmath>
#include <set>

#include "tests/plugins/analyses/correlation/source.hpp"

namespace bourse::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(CorrelationPlugin, AnswersWhatSciPySays) {
  use_reference();
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok()) << report.failure().message;
  const bourse_report& wire = (*report)->wire();
  EXPECT_EQ(wire.n_notes, 0u) << notes_text(wire);
  double sum = 0.0;
  for (const double r : reference::kPearson) sum += r;
  EXPECT_NEAR(*scalar_real(wire, "portfolio.average_correlation"), sum / 10.0, 1e-14);
  EXPECT_NEAR(*scalar_real(wire, "portfolio.diversification_score"), 1.0 - sum / 10.0, 1e-14);
  EXPECT_NEAR(*scalar_real(wire, "portfolio.max_correlation"), reference::kPearson[0], 1e-14);
  EXPECT_NEAR(*scalar_real(wire, "portfolio.min_correlation"), reference::kPearson[2], 1e-14);
  EXPECT_NEAR(*scalar_real(wire, "portfolio.first_component_share"),
              reference::kEigenvalues.back() / 5.0, 1e-14);
  EXPECT_NEAR(*scalar_real(wire, "portfolio.equal_weight_volatility"),
              100.0 * reference::kHolding[0] * std::sqrt(365.0), 1e-12);
  EXPECT_EQ(scalar_text(wire, "regime.correlation_regime"), "diversified");
  EXPECT_EQ(scalar_text(wire, "summary.observations"), "60");
  EXPECT_EQ(scalar_text(wire, "summary.to"), std::to_string(kToday));
  // Of what is used, not of the source's clock.
  EXPECT_EQ(wire.as_of, kToday + kDay - kMillisecond);
  expect_finite(wire);
}

TEST_F(CorrelationPlugin, TheMatrixIsLongAndHasItsDiagonal) {
  use_reference();
  const auto report = run({{"symbols", "S0,S1"}, {"days", "60"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_THAT(column_texts(wire, "matrix", "asset_1"), ElementsAre("S0", "S0", "S1", "S1"));
  EXPECT_THAT(column_texts(wire, "matrix", "asset_2"), ElementsAre("S0", "S1", "S0", "S1"));
  const auto r = column_texts(wire, "matrix", "correlation");
  EXPECT_EQ(r[0], "1");
  EXPECT_EQ(r[1], r[2]);
  EXPECT_EQ(r[3], "1");
}

TEST_F(CorrelationPlugin, PairsAreStrongestFirstOfEitherSign) {
  use_reference();
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  // kPearson: -0.958 is (0, 3), 0.925 is (0, 1), 0.192 is (2, 4).
  const auto first = column_texts(wire, "pairs", "asset_1");
  const auto second = column_texts(wire, "pairs", "asset_2");
  ASSERT_EQ(first.size(), 10u);
  EXPECT_EQ(first[0] + second[0], "S0S3");
  EXPECT_EQ(first[1] + second[1], "S0S1");
  EXPECT_EQ(first[9] + second[9], "S2S4");
  EXPECT_THAT(column_texts(wire, "pairs", "observations"), Each("60"));
  EXPECT_EQ(column_texts(wire, "strongest_pairs", "pair")[0], "S0 / S3");
}

TEST_F(CorrelationPlugin, ClustersEndWithTheMostNegativeNotTheWeakest) {
  use_reference();
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_THAT(column_texts(wire, "clusters", "class"),
              ElementsAre("high", "moderate", "moderate", "low", "low", "low", "negative",
                          "negative", "negative", "negative"));
  EXPECT_EQ(column_texts(wire, "clusters", "asset_2").back(), "S3");
  EXPECT_EQ(column_texts(wire, "clusters", "asset_1").back(), "S0");
}

TEST_F(CorrelationPlugin, ClustersCanBeLeftOut) {
  use_reference();
  Texts params = kAll;
  params.emplace_back("include_clusters", "false");
  const auto report = run(params);
  ASSERT_TRUE(report.ok());
  std::set<std::string_view> names;
  for (std::size_t t = 0; t < (*report)->wire().n_tables; ++t) {
    names.insert((*report)->wire().tables[t]->name);
  }
  EXPECT_THAT(names, Not(Contains("clusters")));
  EXPECT_THAT(names, Contains("pairs"));
}

TEST_F(CorrelationPlugin, AsksForTheReturnsItNeedsAndLeavesTheFormingCandleAlone) {
  use_reference();
  const auto before = run(kAll);
  for (auto& [symbol, candles] : market) candles.push_back({kToday + kDay, 5.0, false});
  const auto after = run(kAll);
  ASSERT_TRUE(before.ok() && after.ok());
  ASSERT_THAT(asked, SizeIs(5));
  EXPECT_EQ(asked[0]["interval"], "1d");
  EXPECT_EQ(asked[0]["limit"], "62");  // 60 returns of 61 candles, and one that is forming
  EXPECT_EQ(column_texts((*before)->wire(), "pairs", "correlation"),
            column_texts((*after)->wire(), "pairs", "correlation"));
  EXPECT_EQ(scalar_text((*after)->wire(), "summary.to"), std::to_string(kToday));
}

TEST_F(CorrelationPlugin, ADayTooManyFromASourceIsNotUsed) {
  use_reference();
  manner.minds_limit = false;
  Texts params = kAll;
  params.back().second = "10";
  const auto report = run(params);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(scalar_text((*report)->wire(), "summary.observations"), "10");
}

TEST_F(CorrelationPlugin, AnUnknownSymbolIsNamedAndTheRestAnswered) {
  use_reference();
  const auto report = run({{"symbols", "S0,NOPE,S1"}, {"days", "60"}});
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(note_codes((*report)->wire()), ElementsAre("symbol_unavailable"));
  EXPECT_THAT(notes_text((*report)->wire()), HasSubstr("NOPE is left out"));
  EXPECT_THAT(column_texts((*report)->wire(), "assets", "asset"), ElementsAre("S0", "S1"));
}

TEST_F(CorrelationPlugin, AFailedSymbolIsNamedWithTheReason) {
  use_reference();
  failures["S1"] = {.status = BOURSE_UPSTREAM, .code = "upstream", .message = "It timed out."};
  const auto report = run({{"symbols", "S0,S1,S2"}, {"days", "60"}});
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(notes_text((*report)->wire()),
              HasSubstr("symbol_unavailable: S1 is left out: It timed out."));
}

TEST_F(CorrelationPlugin, WhenAllAreUnknownItIsNotFound) {
  const auto report = run({{"symbols", "NOPE,NADA"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_NOT_FOUND);
  EXPECT_EQ(report.failure().code, "symbol_not_found");
  EXPECT_THAT(report.failure().message, HasSubstr("NOPE"));
}

TEST_F(CorrelationPlugin, OneMarketIsTooFew) {
  use_reference();
  for (const char* symbols : {"S0,NOPE", "S0,S0"}) {
    const auto report = run({{"symbols", symbols}});
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.failure().status, BOURSE_UNPROCESSABLE) << symbols;
    EXPECT_EQ(report.failure().code, "too_few_symbols");
    EXPECT_EQ(report.failure().parameter, "symbols");
  }
}

TEST_F(CorrelationPlugin, ASourcesFailureIsNotBlamedOnTheClient) {
  use_reference();
  failures["S1"] = {.status = BOURSE_TOO_MANY, .code = "rate_limited", .message = "Wait."};
  const auto report = run({{"symbols", "S0,S1"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_TOO_MANY);
  EXPECT_EQ(report.failure().code, "rate_limited");
}

TEST_F(CorrelationPlugin, MarketsWithoutACommonTimeAreRefusedWithASentence) {
  market["A"] = daily({1, 2, 3, 4});
  market["B"] = daily({1, 2, 3, 4});
  for (Candle& c : market["B"]) c.time += kDay / 2;
  const auto report = run({{"symbols", "A,B"}, {"days", "3"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_UNPROCESSABLE);
}

TEST_F(CorrelationPlugin, TwoReturnsAreRefusedAsTheyAreAlwaysOneOrMinusOne) {
  market["A"] = daily({1, 2, 3});
  market["B"] = daily({1, 3, 2});
  const auto report = run({{"symbols", "A,B"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_UNPROCESSABLE);
  EXPECT_EQ(report.failure().code, "insufficient_history");
  EXPECT_THAT(report.failure().message, HasSubstr("2 returns in common"));
  EXPECT_THAT(report.failure().message,
              HasSubstr("needs at least 3: that of two is always 1 or -1"));
  EXPECT_THAT(report.failure().message, HasSubstr("A: its history begins 2024-10-02T00:00:00Z"));
}

TEST_F(CorrelationPlugin, ThreeReturnsAreTheFewest) {
  market["A"] = daily({1, 2, 3, 4});
  market["B"] = daily({1, 3, 2, 5});
  const auto report = run({{"symbols", "A,B"}, {"days", "3"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_THAT(note_codes(wire), ElementsAre("few_observations"));
  EXPECT_THAT(column_texts(wire, "pairs", "p_value"), Each(Not("null")));
  EXPECT_EQ(scalar_text(wire, "portfolio.correlation_deviation"), "null");  // of one pair
  expect_finite(wire);
}

TEST_F(CorrelationPlugin, FewerThanTenReturnsAreSaidToBeFew) {
  use_reference();
  for (const auto& [days, few] : {std::pair("9", true), std::pair("10", false)}) {
    const auto report = run({{"symbols", "S0,S1"}, {"days", days}});
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(note_codes((*report)->wire()) == std::vector<std::string>{"few_observations"}, few);
    EXPECT_EQ((*report)->wire().n_notes, few ? 1u : 0u);
  }
}

TEST_F(CorrelationPlugin, EachSymbolIsAskedOnce) {
  use_reference();
  const auto report = run({{"symbols", "S0,S1,S0,S1,S2"}, {"days", "60"}});
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(asked, SizeIs(3));
  EXPECT_THAT(column_texts((*report)->wire(), "assets", "asset"), ElementsAre("S0", "S1", "S2"));
}

TEST_F(CorrelationPlugin, AFlatSeriesIsNullAndNamed) {
  use_reference();
  market["USDCUSDT"] = daily(std::vector<double>(61, 1.0));
  const auto report = run({{"symbols", "S0,USDCUSDT,S1"}, {"days", "60"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_THAT(note_codes(wire), ElementsAre("flat_series"));
  EXPECT_THAT(notes_text(wire), HasSubstr("USDCUSDT"));
  EXPECT_EQ(column_texts(wire, "matrix", "correlation")[4], "null");
  EXPECT_EQ(column_texts(wire, "pairs", "correlation")[2], "null");
  EXPECT_EQ(column_texts(wire, "pairs", "p_value")[2], "null");
  EXPECT_THAT(column_texts(wire, "clusters", "class"), ElementsAre("high"));
  EXPECT_THAT(column_texts(wire, "strongest_pairs", "pair"), ElementsAre("S0 / S1"));
  EXPECT_EQ(column_texts(wire, "assets", "annualised_volatility_percent")[1], "0");
  expect_finite(wire);
}

TEST_F(CorrelationPlugin, OnlyFlatSeriesHaveNoAverageAndNoRegime) {
  market["A"] = market["B"] = daily({1, 1, 1, 1});
  const auto report = run({{"symbols", "A,B"}, {"days", "3"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_EQ(scalar_text(wire, "portfolio.average_correlation"), "null");
  EXPECT_EQ(scalar_text(wire, "portfolio.diversification_ratio"), "null");
  EXPECT_EQ(scalar_text(wire, "regime.systemic_risk"), "null");
  EXPECT_THAT(column_texts(wire, "strongest_pairs", "pair"), IsEmpty());
  expect_finite(wire);
}

TEST_F(CorrelationPlugin, TooManyOrTooFewCandlesBlameTheInterval) {
  use_reference();
  const auto refused = [this](const char* days, const char* interval) {
    const auto report = run({{"symbols", "S0,S1"}, {"days", days}, {"interval", interval}});
    return !report.ok() && report.failure().status == BOURSE_BAD_PARAM &&
           report.failure().parameter == "interval" && asked.empty();
  };
  EXPECT_TRUE(refused("2", "1d"));
  EXPECT_TRUE(refused("2", "1s"));
  EXPECT_TRUE(refused("35", "1m"));  // 50400
  EXPECT_TRUE(refused("8", "3d"));   // 2
  EXPECT_TRUE(refused("89", "1M"));
  EXPECT_FALSE(refused("34", "1m"));
  EXPECT_FALSE(refused("9", "3d"));
  EXPECT_FALSE(refused("90", "1M"));
  EXPECT_EQ(asked[0]["limit"], "5");  // 3 months of returns
}

TEST_F(CorrelationPlugin, CandlesOutOfOrderArePutInOrderAndTold) {
  use_reference();
  const auto sound = run(kAll);
  ASSERT_TRUE(sound.ok());
  std::swap(market["S2"][3], market["S2"][9]);
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(notes_text((*report)->wire()),
            "odd_candle: Candles did not come in the order of their open times, and have been put "
            "in it: S2.\n");
  for (const char* column : {"asset_1", "asset_2", "correlation", "p_value", "observations"}) {
    EXPECT_EQ(column_texts((*report)->wire(), "pairs", column),
              column_texts((*sound)->wire(), "pairs", column));
  }
}

TEST_F(CorrelationPlugin, ARepeatedCandleIsLeftOutAloneAndTold) {
  use_reference();
  const auto sound = run(kAll);
  ASSERT_TRUE(sound.ok());
  Candles& candles = market["S1"];
  const Candle repeated{candles[20].time, 1.0};  // the first of the two is the one
  candles.insert(candles.begin() + 21, repeated);
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(
      notes_text((*report)->wire()),
      "unreadable_row: Rows of the source's answers are left out. S1: 1 row, the first opened "
      "2024-08-25T00:00:00Z, of one because another candle has its open time.\n");
  EXPECT_EQ(column_texts((*report)->wire(), "pairs", "correlation"),
            column_texts((*sound)->wire(), "pairs", "correlation"));
}

TEST_F(CorrelationPlugin, AMarketThatDoesNotTradeIsToldThoughItsCandlesAreFresh) {
  use_reference();
  manner.statuses = {{"S1", "HALT"}, {"S2", "TRADING"}, {"S3", "BREAK"}};
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(notes_text((*report)->wire()),
            "not_trading: Not trading now: S1 (HALT), S3 (BREAK).\n");
  Texts past = kAll;
  past.emplace_back("end", "2024-10-01");  // of another time than the status
  const auto of_past = run(past);
  ASSERT_TRUE(of_past.ok());
  EXPECT_THAT(note_codes((*of_past)->wire()), Not(Contains("not_trading")));
}

TEST_F(CorrelationPlugin, AListOfMarketsInANoteEnds) {
  use_reference();
  std::string symbols;
  const Candles like = market["S0"];
  for (int i = 0; i < 12; ++i) {
    const std::string symbol = "M" + std::to_string(i);
    symbols += (i == 0 ? "" : ",") + symbol;
    market[symbol] = like;
    market[symbol].erase(market[symbol].begin() + 30);
    for (std::size_t row = 0; row < market[symbol].size(); row += 2) {
      *market[symbol][row].close += i;
    }
    if (i < 11) manner.notes[symbol] = "1 candle has a close time outside of itself.";
  }
  const auto report = run({{"symbols", symbols}, {"days", "60"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  const std::string notes = notes_text((*report)->wire());
  EXPECT_THAT(notes, HasSubstr("odd_candle: M0, M1, M2, M3, M4 and 6 more: 1 candle"));
  EXPECT_THAT(notes, HasSubstr("; M4: "));
  EXPECT_THAT(notes, HasSubstr(" and 7 more."));
  EXPECT_THAT(notes, Not(HasSubstr("M5: ")));
}

TEST_F(CorrelationPlugin, ACandleWithoutAPriceIsNoRow) {
  use_reference();
  market["S0"][30].close = std::nullopt;
  market["S1"].clear();
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(note_codes((*report)->wire()), ElementsAre("insufficient_history", "gaps"));
  EXPECT_THAT(notes_text((*report)->wire()), HasSubstr("S1 is left out: it has no candle"));
  EXPECT_THAT(notes_text((*report)->wire()), HasSubstr("S0: 2 returns (1 without a price)"));
  expect_finite((*report)->wire());
}

TEST_F(CorrelationPlugin, WhatEverySourceAnswerSaysIsSaidOnce) {
  use_reference();
  manner.note = "These prices are made up.";
  manner.notes["S2"] = manner.notes["S4"] = "1 candle has a close time outside of itself.";
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(notes_text((*report)->wire()),
            "synthetic_data: These prices are made up.\n"
            "odd_candle: S2, S4: 1 candle has a close time outside of itself.\n");
}

TEST_F(CorrelationPlugin, ChartsNameColumnsThatAreThere) {
  use_reference();
  const auto report = run({{"symbols", "S0,S1"}, {"include_clusters", "false"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  ASSERT_EQ(wire.n_charts, 2u);
  EXPECT_EQ(wire.charts[0]->kind, BOURSE_CHART_HEATMAP);
  EXPECT_EQ(wire.charts[0]->range[0], -1.0);
  EXPECT_EQ(wire.charts[0]->range[1], 1.0);
  for (std::size_t c = 0; c < wire.n_charts; ++c) {
    for (std::size_t i = 0; i < wire.charts[c]->n_channels; ++i) {
      EXPECT_THAT(column_texts(wire, wire.charts[c]->table, wire.charts[c]->channels[i]->field),
                  Not(IsEmpty()));
    }
  }
}

}  // namespace
}  // namespace bourse::test
