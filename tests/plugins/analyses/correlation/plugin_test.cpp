// SPDX-License-Identifier: MIT
//
// The built plugin, asked through the contract; candles are made by hand.
#include "bourse/plugin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "bourse/market.h"
#include "tests/plugins/analyses/correlation/reference.hpp"
#include "tests/plugins/analyses/finite.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

namespace reference = correlation::reference;

constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr std::int64_t kToday = 20'000 * kDay;

struct Candle {
  std::int64_t time;
  std::optional<double> close;
  bool closed = true;
};
using Candles = std::vector<Candle>;

/// Newest last, the newest closed one opened `kToday`.
Candles daily(const std::vector<double>& closes) {
  Candles out;
  const auto n = static_cast<std::int64_t>(closes.size());
  for (std::int64_t i = 0; i < n; ++i) {
    out.push_back({kToday - (n - 1 - i) * kDay, closes[static_cast<std::size_t>(i)]});
  }
  return out;
}

/// The columns that the analysis reads; notes as a source would say them.
ReportPtr answer(const Candles& candles, std::string note = {}) {
  return make_report([&](const Call& call) {
    std::vector<std::int64_t> times;
    std::vector<std::optional<Decimal>> closes;
    std::vector<std::uint8_t> closed;
    for (const Candle& c : candles) {
      times.push_back(c.time);
      closes.push_back(c.close ? std::optional(Decimal::nearest(*c.close, 8)) : std::nullopt);
      closed.push_back(c.closed ? 1 : 0);
    }
    TableBuilder table("candles", "Candles");
    table.column(Field(bourse_candles_open_time), times)
        .column(Field(bourse_candles_close), closes)
        .column(Field(bourse_candles_closed), closed);
    call.add(table);
    if (!note.empty()) call.note(BOURSE_LEVEL_INFO, "synthetic_data", note);
    if (!times.empty()) call.as_of(Time{times.back() + 1});
  });
}

host::Failure no_such_symbol(const std::string& symbol) {
  return {.status = BOURSE_NOT_FOUND,
          .code = "symbol_not_found",
          .message = "There is no market \"" + symbol + "\"."};
}

class CorrelationPlugin : public testing::Test {
 protected:
  Component component{"correlation.so", "correlation"};
  std::map<std::string, Candles> market;
  std::map<std::string, host::Failure> failures;
  std::string source_note;
  std::vector<std::map<std::string, std::string>> asked;

  host::Result<ReportPtr> run(const Texts& params) {
    asked.clear();
    return component.run(
        params,
        [this](std::string_view dataset,
               const std::map<std::string, host::Value>& args) -> host::Result<ReportPtr> {
          EXPECT_EQ(dataset, "candles");
          auto& texts = asked.emplace_back();
          for (const auto& [name, value] : args) texts[name] = value.canonical();
          const std::string& symbol = texts["symbol"];
          if (const auto failure = failures.find(symbol); failure != failures.end()) {
            return failure->second;
          }
          const auto found = market.find(symbol);
          if (found == market.end()) return no_such_symbol(symbol);
          return answer(found->second, source_note);
        });
  }
  /// The market of reference.hpp: symbols S0 ... S4.
  void use_reference() {
    for (std::size_t m = 0; m < reference::kMarkets; ++m) {
      const auto* first = reference::kCloses.data() + m * reference::kTimes;
      market["S" + std::to_string(m)] = daily({first, first + reference::kTimes});
    }
  }
};

const Texts kAll = {{"symbols", "S0,S1,S2,S3,S4"}, {"days", "60"}};

std::string notes_text(const bourse_report& report) {
  std::string out;
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    out += std::string(view(report.notes[i]->code)) + ": " +
           std::string(view(report.notes[i]->text)) + "\n";
  }
  return out;
}

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
  EXPECT_EQ(wire.as_of, kToday + 1);
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
  Texts params = kAll;
  params.back().second = "10";
  const auto report = run(params);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(scalar_text((*report)->wire(), "summary.observations"), "10");
}

TEST_F(CorrelationPlugin, JoinsByTimeAndSaysWhatItDropped) {
  market["A"] = daily({100, 110, 99, 120, 90, 130});
  market["B"] = daily({200, 220, 198, 240, 180, 260});
  market["B"].erase(market["B"].begin() + 2);
  market["C"] = daily({10, 20, 10, 20, 10, 20});
  market["C"][4].close = 0.0;  // no trades yet: no price, so no row
  const auto report = run({{"symbols", "A,B,C"}, {"days", "5"}});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  const bourse_report& wire = (*report)->wire();
  EXPECT_THAT(note_codes(wire), ElementsAre("rows_dropped"));
  EXPECT_THAT(notes_text(wire), HasSubstr("2 of 6 candles"));
  // B is twice A at equal times. By position, B would be shifted by a row.
  EXPECT_EQ(column_texts(wire, "pairs", "asset_2")[0], "B");
  EXPECT_NEAR(*scalar_real(wire, "portfolio.max_correlation"), 1.0, 1e-15);
  EXPECT_EQ(scalar_text(wire, "summary.observations"), "3");
}

TEST_F(CorrelationPlugin, AShortHistoryIsLeftOutAndNamed) {
  use_reference();
  market["NEWUSDT"] = daily({1, 2, 3, 2, 1});
  const auto report = run({{"symbols", "S0,NEWUSDT,S1,S2"}, {"days", "60"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_THAT(note_codes(wire), ElementsAre("insufficient_history"));
  EXPECT_THAT(notes_text(wire), HasSubstr("NEWUSDT is left out: it has 5 of the 61 candles"));
  EXPECT_EQ(scalar_text(wire, "summary.observations"), "60");
  EXPECT_THAT(column_texts(wire, "assets", "asset"), ElementsAre("S0", "S1", "S2"));
}

TEST_F(CorrelationPlugin, AHistoryShorterThanAskedIsUsedAndSaid) {
  use_reference();
  const auto report = run({{"symbols", "S0,S1"}, {"days", "365"}});
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(note_codes((*report)->wire()), ElementsAre("insufficient_history"));
  EXPECT_THAT(notes_text((*report)->wire()), HasSubstr("61 candles of 366"));
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

TEST_F(CorrelationPlugin, TwoCommonCandlesAreOneReturnAndTooFew) {
  market["A"] = daily({1, 2});
  market["B"] = daily({1, 3});
  const auto report = run({{"symbols", "A,B"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().code, "insufficient_history");
  EXPECT_THAT(report.failure().message, HasSubstr("2 closed candles in common"));
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
  market["A"] = market["B"] = daily({1, 1, 1});
  const auto report = run({{"symbols", "A,B"}, {"days", "2"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_EQ(scalar_text(wire, "portfolio.average_correlation"), "null");
  EXPECT_EQ(scalar_text(wire, "portfolio.diversification_ratio"), "null");
  EXPECT_EQ(scalar_text(wire, "regime.systemic_risk"), "null");
  EXPECT_THAT(column_texts(wire, "strongest_pairs", "pair"), IsEmpty());
  expect_finite(wire);
}

TEST_F(CorrelationPlugin, TwoReturnsHaveACorrelationButNoPValue) {
  market["A"] = daily({1, 2, 3});
  market["B"] = daily({1, 3, 2});
  const auto report = run({{"symbols", "A,B"}, {"days", "2"}});
  ASSERT_TRUE(report.ok());
  const bourse_report& wire = (*report)->wire();
  EXPECT_NEAR(*scalar_real(wire, "portfolio.average_correlation"), 1.0, 1e-15);
  EXPECT_THAT(column_texts(wire, "pairs", "p_value"), ElementsAre("null"));
  EXPECT_EQ(scalar_text(wire, "portfolio.correlation_deviation"), "null");
  expect_finite(wire);
}

TEST_F(CorrelationPlugin, TooManyOrTooFewCandlesBlameTheInterval) {
  use_reference();
  const auto refused = [this](const char* days, const char* interval) {
    const auto report = run({{"symbols", "S0,S1"}, {"days", days}, {"interval", interval}});
    return !report.ok() && report.failure().status == BOURSE_BAD_PARAM &&
           report.failure().parameter == "interval" && asked.empty();
  };
  EXPECT_TRUE(refused("365", "1h"));  // 8760
  EXPECT_TRUE(refused("2", "1s"));
  EXPECT_TRUE(refused("4", "1m"));  // 5760
  EXPECT_TRUE(refused("5", "3d"));  // 1
  EXPECT_TRUE(refused("59", "1M"));
  EXPECT_FALSE(refused("3", "1m"));  // 4320
  EXPECT_FALSE(refused("6", "3d"));
  EXPECT_FALSE(refused("60", "1M"));
  EXPECT_EQ(asked[0]["limit"], "4");  // 2 months of returns
}

TEST_F(CorrelationPlugin, CandlesOutOfOrderLeaveTheirMarketOut) {
  use_reference();
  std::swap(market["S2"][3], market["S2"][9]);
  const auto report = run({{"symbols", "S0,S1,S2"}, {"days", "60"}});
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(notes_text((*report)->wire()), HasSubstr("S2 is left out"));
}

TEST_F(CorrelationPlugin, ACandleWithoutAPriceIsNoRow) {
  use_reference();
  market["S0"][30].close = std::nullopt;
  market["S1"].clear();
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(note_codes((*report)->wire()), ElementsAre("insufficient_history", "rows_dropped"));
  EXPECT_THAT(notes_text((*report)->wire()), HasSubstr("S1 is left out: it has no closed candle"));
  expect_finite((*report)->wire());
}

TEST_F(CorrelationPlugin, WhatEverySourceAnswerSaysIsSaidOnce) {
  use_reference();
  source_note = "These prices are made up.";
  const auto report = run(kAll);
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(note_codes((*report)->wire()), ElementsAre("synthetic_data"));
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
