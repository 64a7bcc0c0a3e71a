// SPDX-License-Identifier: MIT
//
// The built plugin over answers made by hand: what a history of no matter which source would say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bourse/market.h"
#include "bourse/testing.hpp"

namespace {

using namespace bourse::testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CoveragePlugin : public ::testing::Test {
 protected:
  /// `n` series of one whole day, 24 candles each.
  Result run(int n, const Texts& params = {}) {
    Cells symbols, intervals, froms, tos, counts, none;
    for (int i = 0; i < n; ++i) {
      symbols.emplace_back("M" + std::to_string(i));
      intervals.emplace_back("1h");
      froms.push_back(times({"2026-01-01"})[0]);
      tos.push_back(times({"2026-01-01T23:59:59.999Z"})[0]);
      counts.emplace_back(24);
      none.emplace_back(0);
    }
    host.answer("coverage", {{bourse_coverage_symbol, symbols},
                             {bourse_coverage_interval, intervals},
                             {bourse_coverage_from, froms},
                             {bourse_coverage_to, tos},
                             {bourse_coverage_candles, counts},
                             {bourse_coverage_gaps, none},
                             {bourse_coverage_unknown, none},
                             {bourse_coverage_empty, none},
                             {bourse_coverage_conflicts, none},
                             {bourse_coverage_behind, none}});
    host.answer("coverage_spans",
                {{bourse_coverage_spans_symbol, symbols},
                 {bourse_coverage_spans_interval, intervals},
                 {bourse_coverage_spans_from, froms},
                 {bourse_coverage_spans_to, tos},
                 {bourse_coverage_spans_state, Cells(symbols.size(), Cell("known"))},
                 {bourse_coverage_spans_origin, Cells(symbols.size(), Cell("api"))},
                 {bourse_coverage_spans_asked, tos}});
    return component.run(params);
  }
  Host host;
  Plugin plugin{host, BOURSE_BINARY_DIR "/plugins/coverage.so"};
  Component component = plugin.component("coverage");
};

TEST_F(CoveragePlugin, SumsAllSeries) {
  const Result result = run(3);
  ASSERT_TRUE(result.ok()) << result.failure.text();
  EXPECT_EQ(result.scalar("summary.series"), 3);
  EXPECT_EQ(result.scalar("summary.candles"), 72);
  EXPECT_EQ(result.scalar("summary.gaps"), 0);
  EXPECT_EQ(result.table("coverage")["symbol"], (Cells{"M0", "M1", "M2"}));
  EXPECT_EQ(result.table("spans").rows(), 3U);
  EXPECT_EQ(result.table("timeline").rows(), 3U * 48) << "48 parts of the time of each";
}

TEST_F(CoveragePlugin, AThicketOfSeriesIsNotDrawnWhole) {
  EXPECT_THAT(run(40).note_codes(), IsEmpty());
  const Result result = run(41);
  EXPECT_EQ(result.table("coverage").rows(), 41U);
  EXPECT_EQ(result.table("timeline").rows(), 40U * 48) << "of the first forty";
  EXPECT_THAT(result.note_codes(), ElementsAre("not_drawn"));
}

TEST_F(CoveragePlugin, OfNothingThereIsNoChart) {
  const Result result = run(0);
  ASSERT_TRUE(result.ok()) << result.failure.text();
  EXPECT_THAT(result.report().charts, IsEmpty());
  EXPECT_THAT(result.note_codes(), Contains("nothing_kept"));
}

TEST_F(CoveragePlugin, WhatIsAskedIsPassedOn) {
  const Result result = run(1, {{"symbols", "M0"}, {"intervals", "1h,1d"}});
  ASSERT_EQ(result.asked.size(), 2U);
  for (const Asked& asked : result.asked) {
    EXPECT_EQ(asked["symbols"], Cell::list({"M0"})) << asked.dataset;
    EXPECT_EQ(asked["intervals"], Cell::list({"1h", "1d"})) << asked.dataset;
  }
}

TEST_F(CoveragePlugin, AFailureOfTheHistoryIsTheAnswer) {
  static_cast<void>(run(1));
  host.answer("coverage", {BOURSE_UNAVAILABLE, "database_away", "It is not there."});
  EXPECT_EQ(component.run().failure.code, "database_away");
}

}  // namespace
