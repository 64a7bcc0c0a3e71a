// SPDX-License-Identifier: MIT
//
// correlation, liquidity, prices and symbols on the synthetic source.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "bourse/interval.hpp"
#include "bourse/market.h"
#include "tests/plugins/analyses/finite.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::IsEmpty;
using testing::Ne;
using testing::Not;
using testing::SizeIs;

/// What the built analysis answers; the source stays loaded while the report is read.
class OnSynthetic : public testing::Test {
 protected:
  Component source{"synthetic.so", "synthetic"};

  ReportPtr run(const std::string& id, const Texts& params = {}) {
    const Component component(id + ".so", id);
    auto result = component.run(params, Component::from(source));
    EXPECT_TRUE(result.ok()) << result.failure().message;
    if (!result.ok()) return make_report([](const Call&) {});
    expect_finite((*result)->wire());
    return *result;
  }
};

TEST_F(OnSynthetic, CorrelationServesItsDefaults) {
  const auto report = run("correlation");
  const bourse_report& wire = report->wire();
  EXPECT_EQ(scalar_text(wire, "summary.observations"), "30");
  EXPECT_THAT(column_texts(wire, "matrix", "correlation"), SizeIs(64));
  EXPECT_THAT(column_texts(wire, "pairs", "p_value"), Each(Ne("null")));
  EXPECT_THAT(note_codes(wire), Not(Contains("rows_dropped")));
  EXPECT_THAT(note_codes(wire), Not(Contains("insufficient_history")));
}

TEST_F(OnSynthetic, CorrelationServesEveryIntervalThatFitsTheDays) {
  for (const char* const* interval = bourse_intervals; *interval != nullptr; ++interval) {
    const Interval length = Interval::parse(*interval).value();
    const bool seconds = length.name() == "1s";  // two days are too many of them
    const std::int64_t days = length < Interval::parse("1d") ? 2 : 90;
    const Component component("correlation.so", "correlation");
    const auto result = component.run(
        {{"symbols", "BTCUSDT,ETHUSDT"}, {"interval", *interval}, {"days", std::to_string(days)}},
        Component::from(source));
    EXPECT_EQ(result.ok(), !seconds) << *interval;
  }
}

TEST_F(OnSynthetic, CorrelationNamesAnUnknownMarketAndAnswersTheRest) {
  const auto report = run("correlation", {{"symbols", "BTCUSDT,NOSUCH,ETHUSDT"}});
  EXPECT_THAT(note_codes(report->wire()), Contains("symbol_unavailable"));
  EXPECT_THAT(column_texts(report->wire(), "assets", "asset"), SizeIs(2));
}

TEST_F(OnSynthetic, LiquidityServesItsDefaultsAndItsDeepestBook) {
  const auto shallow = run("liquidity", {{"symbol", "BTCUSDT"}});
  EXPECT_THAT(column_texts(shallow->wire(), "levels", "price"), Not(IsEmpty()));
  EXPECT_NE(scalar_text(shallow->wire(), "spread.classification"), "null");
  EXPECT_NE(scalar_text(shallow->wire(), "liquidity.score"), "0");
  const auto deep = run("liquidity", {{"symbol", "BTCUSDT"}, {"depth_limit", "5000"}});
  EXPECT_GE(*scalar_real(deep->wire(), "liquidity.score"),
            *scalar_real(shallow->wire(), "liquidity.score"));
}

TEST_F(OnSynthetic, PricesServesItsDefaults) {
  const auto report = run("prices");
  EXPECT_THAT(column_texts(report->wire(), "prices", "price"), SizeIs(5));
  EXPECT_THAT(column_texts(report->wire(), "prices", "spread_basis_points"), Each(Ne("null")));
  EXPECT_THAT(note_codes(report->wire()), Not(Contains("symbol_unavailable")));
}

TEST_F(OnSynthetic, PricesSaysAnUnknownMarketOnce) {
  const auto report = run("prices", {{"symbols", "BTCUSDT,NOSUCH"}});
  const auto codes = note_codes(report->wire());
  EXPECT_EQ(std::count(codes.begin(), codes.end(), "symbol_unavailable"), 1);
}

TEST_F(OnSynthetic, SymbolsServesAllOfThem) {
  const auto report = run("symbols");
  EXPECT_THAT(column_texts(report->wire(), "symbols", "symbol"), Contains("BTCUSDT"));
  EXPECT_NE(scalar_text(report->wire(), "summary.trading"), "0");
}

}  // namespace
}  // namespace bourse::test
