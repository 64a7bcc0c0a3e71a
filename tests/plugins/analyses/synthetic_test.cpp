// SPDX-License-Identifier: MIT
//
// Each analysis on the synthetic source: what the default configuration serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bourse/market.h"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::Ne;
using testing::Not;

const Component& source() {
  static const Component kSource("synthetic.so", "synthetic");
  return kSource;
}

/// No NaN anywhere; `complete`: no null either.
void expect_numbers(const bourse_report& report, bool complete) {
  for (std::size_t t = 0; t < report.n_tables; ++t) {
    const bourse_table& table = *report.tables[t];
    for (std::size_t i = 0; i < table.n_fields; ++i) {
      const auto texts = column_texts(report, table.name, table.fields[i]->name);
      EXPECT_THAT(texts, Each(Ne("nan"))) << table.name << "." << table.fields[i]->name;
      if (!complete) continue;
      EXPECT_THAT(texts, Each(Ne("null"))) << table.name << "." << table.fields[i]->name;
    }
  }
}

TEST(TechnicalOnSynthetic, ServesEveryInterval) {
  const Component technical("technical.so", "technical");
  for (const char* const* interval = bourse_intervals; *interval != nullptr; ++interval) {
    const auto result =
        technical.run({{"symbol", "BTCUSDT"}, {"interval", *interval}, {"limit", "50"}},
                      Component::from(source()));
    ASSERT_TRUE(result.ok()) << *interval << ": " << result.failure().message;
    expect_numbers((*result)->wire(), false);
    EXPECT_THAT(note_codes((*result)->wire()), Not(Contains("gaps"))) << *interval;
  }
}

// Each of these has another grid of three days.
TEST(TechnicalOnSynthetic, SeesNoGapsInCandlesOfThreeDaysOnAnyGrid) {
  const Component technical("technical.so", "technical");
  for (const char* const symbol : {"BTCUSDT", "XRPUSDT", "SOLUSDT"}) {
    const auto result = technical.run({{"symbol", symbol}, {"interval", "3d"}, {"limit", "200"}},
                                      Component::from(source()));
    ASSERT_TRUE(result.ok()) << symbol << ": " << result.failure().message;
    EXPECT_THAT(note_codes((*result)->wire()), Not(Contains("gaps"))) << symbol;
    EXPECT_THAT(note_codes((*result)->wire()), Not(Contains("stale_data"))) << symbol;
  }
}

// Its last hour is that of 2024-02-20T02:00Z.
TEST(TechnicalOnSynthetic, IsAsOldAsTheLastCandleOfAMarketThatStopped) {
  const Component technical("technical.so", "technical");
  const auto result = technical.run({{"symbol", "XMRUSDT"}}, Component::from(source()));
  ASSERT_TRUE(result.ok()) << result.failure().message;
  EXPECT_EQ((*result)->wire().as_of, 1'708'398'000'000'000'000 - 1'000'000);
  EXPECT_THAT(note_codes((*result)->wire()), Contains("stale_data"));
}

TEST(TechnicalOnSynthetic, HasEveryValueAtTheDefaults) {
  const Component technical("technical.so", "technical");
  const auto result = technical.run({{"symbol", "ETHUSDT"}}, Component::from(source()));
  ASSERT_TRUE(result.ok()) << result.failure().message;
  expect_numbers((*result)->wire(), true);
  EXPECT_EQ(column_texts((*result)->wire(), "series", "close").size(), 100u);
  EXPECT_NE(scalar_text((*result)->wire(), "current.change_24h_percent"), "null");
}

TEST(TechnicalOnSynthetic, AnUnknownSymbolIsNotFound) {
  const Component technical("technical.so", "technical");
  const auto result = technical.run({{"symbol", "NOSUCH"}}, Component::from(source()));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.failure().status, BOURSE_NOT_FOUND);
  EXPECT_EQ(result.failure().code, "symbol_not_found");
}

TEST(MarketStatisticsOnSynthetic, HasEveryValueAtTheDefaults) {
  const Component statistics("market-statistics.so", "market-statistics");
  const auto result = statistics.run({}, Component::from(source()));
  ASSERT_TRUE(result.ok()) << result.failure().message;
  expect_numbers((*result)->wire(), true);
  EXPECT_EQ(scalar_text((*result)->wire(), "summary.total_symbols"), "5");
  EXPECT_EQ(column_texts((*result)->wire(), "quote_volumes", "quote_asset"),
            std::vector<std::string>{"USDT"});
}

TEST(MarketStatisticsOnSynthetic, AnUnknownSymbolAmongOthersIsANote) {
  const Component statistics("market-statistics.so", "market-statistics");
  const auto some = statistics.run({{"symbols", "BTCUSDT,NOSUCH"}}, Component::from(source()));
  ASSERT_TRUE(some.ok()) << some.failure().message;
  EXPECT_THAT(note_codes((*some)->wire()), Contains("symbol_unavailable"));
  EXPECT_EQ(scalar_text((*some)->wire(), "summary.total_symbols"), "1");
  const auto none = statistics.run({{"symbols", "NOSUCH"}}, Component::from(source()));
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.failure().status, BOURSE_NOT_FOUND);
  EXPECT_EQ(none.failure().code, "symbol_not_found");
}

}  // namespace
}  // namespace bourse::test
