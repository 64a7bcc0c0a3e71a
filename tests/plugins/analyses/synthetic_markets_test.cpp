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

/// Stopped trading in February 2024.
constexpr const char* kStopped = "XMRUSDT";

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
  EXPECT_THAT(note_codes(wire), Not(Contains("gaps")));
  EXPECT_THAT(note_codes(wire), Not(Contains("stale_data")));
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

// BTCUSDT and ETHUSDT were listed on one day, XRPUSDT two days later.
TEST_F(OnSynthetic, CorrelationOfThreeDaysIsOfMarketsWithOneGrid) {
  const Texts three = {{"interval", "3d"}, {"days", "300"}};
  Texts same = three, other = three;
  same.emplace_back("symbols", "BTCUSDT,ETHUSDT");
  other.emplace_back("symbols", "BTCUSDT,ETHUSDT,XRPUSDT");
  const auto one_grid = run("correlation", same), two_grids = run("correlation", other);
  EXPECT_THAT(note_codes(one_grid->wire()), Not(Contains("other_grid")));
  EXPECT_THAT(note_codes(two_grids->wire()), Contains("other_grid"));
  EXPECT_EQ(scalar_text(two_grids->wire(), "summary.observations"),
            scalar_text(one_grid->wire(), "summary.observations"))
      << "the third market does not take away what the two have in common";
}

TEST_F(OnSynthetic, EveryAnalysisSaysThatAMarketStoppedLongAgo) {
  const Texts one = {{"symbol", kStopped}},
              several = {{"symbols", std::string("BTCUSDT,") + kStopped}};
  EXPECT_THAT(note_codes(run("technical", one)->wire()), Contains("stale_data"));
  for (const char* const analysis : {"prices", "market-statistics"}) {
    EXPECT_THAT(note_codes(run(analysis, several)->wire()), Contains("stale_data")) << analysis;
    EXPECT_THAT(note_codes(run(analysis, {{"symbols", "BTCUSDT,ETHUSDT"}})->wire()),
                Not(Contains("stale_data")))
        << analysis;
  }
  EXPECT_THAT(note_codes(run("liquidity", {{"symbol", "BTCUSDT"}})->wire()),
              Not(Contains("stale_data")));
}

TEST_F(OnSynthetic, EveryAnalysisTakesANameThatIsNotAscii) {
  const char* const name = "币安人生USDT";
  EXPECT_THAT(column_texts(run("technical", {{"symbol", name}})->wire(), "series", "close"),
              SizeIs(100));
  EXPECT_THAT(column_texts(run("liquidity", {{"symbol", name}})->wire(), "levels", "price"),
              Not(IsEmpty()));
  for (const char* const analysis : {"prices", "symbols"}) {
    EXPECT_THAT(column_texts(run(analysis, {{"symbols", name}})->wire(), analysis, "symbol"),
                Contains(name));
  }
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
