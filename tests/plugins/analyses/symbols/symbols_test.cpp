// SPDX-License-Identifier: MIT
//
// The built plugin, asked through the contract; the markets are made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bourse/market.h"
#include "bourse/testing.hpp"

namespace {

using bourse::Time;
using namespace bourse::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Values by column; a missing one, or a decimal "", is null.
using Market = std::map<std::string, std::string>;

std::vector<Column> columns_of(const std::vector<Market>& markets) {
  std::vector<Column> columns;
  for (const bourse_field* field : bourse_symbols_fields) {
    Cells cells;
    for (const Market& market : markets) {
      const auto found = market.find(field->name);
      cells.push_back(found == market.end() ? Cell() : Cell(found->second));
    }
    columns.emplace_back(*field, cells);
  }
  return columns;
}

class SymbolsPlugin : public ::testing::Test {
 protected:
  Host host;
  Plugin plugin{host, BOURSE_BINARY_DIR "/plugins/symbols.so"};
  Component component = plugin.component("symbols");
  std::vector<Market> markets = {{{"symbol", "BTCUSDT"},
                                  {"status", "TRADING"},
                                  {"base_asset", "BTC"},
                                  {"quote_asset", "USDT"},
                                  {"tick_size", "0.01000000"},
                                  {"lot_step", "0.00001000"},
                                  {"minimum_quantity", "0.00001"},
                                  {"maximum_quantity", "9000"},
                                  {"minimum_notional", "5"},
                                  {"order_types", "LIMIT MARKET"}},
                                 {{"symbol", "ETHBTC"},
                                  {"status", "TRADING"},
                                  {"base_asset", "ETH"},
                                  {"quote_asset", "BTC"},
                                  {"tick_size", "0.00001"},
                                  {"order_types", "LIMIT"}},
                                 {{"symbol", "LUNAUSDT"},
                                  {"status", "BREAK"},
                                  {"base_asset", "LUNA"},
                                  {"quote_asset", "USDT"}}};
  std::vector<std::pair<std::string, std::string>> notes;
  Failure failure;
  std::string asked;  ///< the one question

  Result run(const Texts& params) {
    Report report;
    report.with_table({"symbols", "Symbols", columns_of(markets)}).with_as_of(Time{77});
    for (const auto& [code, text] : notes) report.with_note(code, text);
    if (failure.status != BOURSE_OK) {
      host.answer("symbols", failure);
    } else {
      host.answer("symbols", report);
    }
    const Result result = component.run(params);
    EXPECT_EQ(result.asked.size(), 1U);
    asked = result.asked.at(0).text();
    return result;
  }
  Result answered(const Texts& params = {}) {
    Result result = run(params);
    EXPECT_TRUE(result.ok()) << result.failure.text();
    EXPECT_THAT(result.differences, IsEmpty());
    return result;
  }
};

TEST_F(SymbolsPlugin, ShowsEveryColumnOfTheDatasetExactly) {
  const auto report = answered();
  EXPECT_EQ(asked, "symbols");  // all markets
  for (const bourse_field* field : bourse_symbols_fields) {
    EXPECT_EQ(report.table("symbols").shown(field->name).size(), 3u) << field->name;
  }
  EXPECT_THAT(report.table("symbols").shown("tick_size"),
              ElementsAre("0.01000000", "0.00001000", "null"));
  EXPECT_THAT(report.table("symbols").shown("order_types"),
              ElementsAre("LIMIT MARKET", "LIMIT", "null"));
  EXPECT_EQ(report.report().as_of, Time{77});
  EXPECT_THAT(report.note_codes(), IsEmpty());
}

TEST_F(SymbolsPlugin, SummarisesWhatIsShown) {
  const auto all = answered();
  EXPECT_EQ(all.scalar("summary.total").shown(), "3");
  EXPECT_EQ(all.scalar("summary.trading").shown(), "2");
  EXPECT_EQ(all.scalar("summary.base_assets").shown(), "3");
  EXPECT_EQ(all.scalar("summary.quote_assets").shown(), "2");
  const auto some = answered({{"status", "BREAK"}});
  EXPECT_EQ(some.scalar("summary.total").shown(), "1");
  EXPECT_EQ(some.scalar("summary.trading").shown(), "0");
}

TEST_F(SymbolsPlugin, StatusFiltersInUpperAndLowerCase) {
  for (const char* status : {"TRADING", "trading"}) {
    const auto report = answered({{"status", status}});
    EXPECT_THAT(report.table("symbols").shown("symbol"), ElementsAre("BTCUSDT", "ETHBTC"));
  }
}

TEST_F(SymbolsPlugin, AStatusThatNoneHasIsAnEmptyTableAndAHint) {
  const auto report = answered({{"status", "TRADE"}});
  EXPECT_THAT(report.table("symbols").shown("symbol"), IsEmpty());
  EXPECT_EQ(report.scalar("summary.total").shown(), "0");
  ASSERT_THAT(report.note_codes(), ElementsAre("no_match"));
  EXPECT_THAT(report.report().notes[0].text, HasSubstr("BREAK, TRADING"));
}

TEST_F(SymbolsPlugin, AMarketWithoutAStatusMatchesNone) {
  markets[0].erase("status");
  const auto report = answered({{"status", "TRADING"}});
  EXPECT_THAT(report.table("symbols").shown("symbol"), ElementsAre("ETHBTC"));
}

TEST_F(SymbolsPlugin, WhatNoMarketSaysIsNotCountedAsNone) {
  for (Market& market : markets) {  // a recording without rules
    market.erase("status");
    market.erase("base_asset");
  }
  const auto report = answered();
  EXPECT_EQ(report.scalar("summary.total").shown(), "3");
  EXPECT_EQ(report.scalar("summary.trading").shown(), "null");
  EXPECT_EQ(report.scalar("summary.base_assets").shown(), "null");
  EXPECT_EQ(report.scalar("summary.quote_assets").shown(), "2");
  const auto none = answered({{"status", "TRADING"}});
  EXPECT_EQ(none.scalar("summary.trading").shown(), "0") << "of no rows";
  ASSERT_THAT(none.note_codes(), ElementsAre("no_match"));
  EXPECT_THAT(none.report().notes[0].text, HasSubstr("does not say the status"));
}

TEST_F(SymbolsPlugin, EachSymbolIsAskedOnce) {
  answered({{"symbols", "BTCUSDT,ETHBTC,BTCUSDT,LUNAUSDT"}});
  EXPECT_EQ(asked, "symbols symbols=BTCUSDT,ETHBTC,LUNAUSDT");
}

TEST_F(SymbolsPlugin, AnUnknownSymbolIsSaidOnceAndTheRestAnswered) {
  notes = {{"symbol_unavailable", "There is no market \"NOPE\"."}};
  const auto said = answered({{"symbols", "BTCUSDT,NOPE"}});
  EXPECT_THAT(said.note_codes(), ElementsAre("symbol_unavailable"));
  notes.clear();  // a source that drops it in silence
  const auto silent = answered({{"symbols", "BTCUSDT,NOPE"}});
  ASSERT_THAT(silent.note_codes(), ElementsAre("symbol_unavailable"));
  EXPECT_THAT(silent.report().notes[0].text, HasSubstr("NOPE"));
}

TEST_F(SymbolsPlugin, ANoteAboutALongerNameIsNotAboutThisOne) {
  notes = {{"unreadable_row", "ABTC-2 is left out: it has an odd status."}};
  const auto report = answered({{"symbols", "BTCUSDT,BTC"}});
  ASSERT_THAT(report.note_codes(), ElementsAre("unreadable_row", "symbol_unavailable"));
  EXPECT_THAT(report.report().notes[1].text, HasSubstr("BTC is left out"));
}

TEST_F(SymbolsPlugin, WhenNoneIsKnownItIsNotFound) {
  markets.clear();
  auto report = run({{"symbols", "NOPE"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure.status, BOURSE_NOT_FOUND);
  EXPECT_EQ(report.failure.code, "symbol_not_found");
  failure = {BOURSE_NOT_FOUND, "symbol_not_found", "No NOPE."};
  report = run({{"symbols", "NOPE"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure.message, "No NOPE.");
}

TEST_F(SymbolsPlugin, ASourceWithoutMarketsIsAnEmptyTable) {
  markets.clear();
  const auto report = answered();
  EXPECT_EQ(report.scalar("summary.total").shown(), "0");
  EXPECT_THAT(report.note_codes(), IsEmpty());
}

}  // namespace
