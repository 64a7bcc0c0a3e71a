// SPDX-License-Identifier: MIT
//
// The built plugin, asked through the contract; the markets are made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bourse/market.h"
#include "bourse/plugin.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Values by column; a missing one, or a decimal "", is null.
using Market = std::map<std::string, std::string>;

ReportPtr symbol_report(const std::vector<Market>& markets,
                        const std::vector<std::pair<std::string, std::string>>& notes) {
  return make_report([&](const Call& call) {
    TableBuilder table("symbols", "Symbols");
    for (const bourse_field* field : bourse_symbols_fields) {
      std::vector<std::optional<std::string_view>> texts;
      std::vector<std::optional<Decimal>> decimals;
      for (const Market& market : markets) {
        const auto found = market.find(field->name);
        const bool there = found != market.end();
        texts.push_back(there ? std::optional<std::string_view>(found->second) : std::nullopt);
        decimals.push_back(there ? Decimal::parse(found->second) : std::nullopt);
      }
      if (field->type == BOURSE_TYPE_TEXT) {
        table.column(Field(*field), texts);
      } else {
        table.column(Field(*field), decimals);
      }
    }
    call.add(table);
    for (const auto& [code, text] : notes) call.warn(code, text);
    call.as_of(Time{77});
  });
}

class SymbolsPlugin : public testing::Test {
 protected:
  Component component{"symbols.so", "symbols"};
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
  std::optional<host::Failure> failure;
  std::map<std::string, std::string> asked;

  host::Result<ReportPtr> run(const Texts& params) {
    asked.clear();
    return component.run(
        params,
        [this](std::string_view dataset,
               const std::map<std::string, host::Value>& args) -> host::Result<ReportPtr> {
          EXPECT_EQ(dataset, "symbols");
          for (const auto& [name, value] : args) asked[name] = value.canonical();
          if (failure) return *failure;
          return symbol_report(markets, notes);
        });
  }
  ReportPtr answered(const Texts& params = {}) {
    auto report = run(params);
    EXPECT_TRUE(report.ok()) << report.failure().message;
    return *report;
  }
};

TEST_F(SymbolsPlugin, ShowsEveryColumnOfTheDatasetExactly) {
  const auto report = answered();
  const bourse_report& wire = report->wire();
  EXPECT_THAT(asked, IsEmpty());  // all markets
  for (const bourse_field* field : bourse_symbols_fields) {
    EXPECT_EQ(column_texts(wire, "symbols", field->name).size(), 3u) << field->name;
  }
  EXPECT_THAT(column_texts(wire, "symbols", "tick_size"),
              ElementsAre("0.01000000", "0.00001000", "null"));
  EXPECT_THAT(column_texts(wire, "symbols", "order_types"),
              ElementsAre("LIMIT MARKET", "LIMIT", "null"));
  EXPECT_EQ(wire.as_of, 77);
  EXPECT_THAT(note_codes(wire), IsEmpty());
}

TEST_F(SymbolsPlugin, SummarisesWhatIsShown) {
  const auto all = answered();
  EXPECT_EQ(scalar_text(all->wire(), "summary.total"), "3");
  EXPECT_EQ(scalar_text(all->wire(), "summary.trading"), "2");
  EXPECT_EQ(scalar_text(all->wire(), "summary.base_assets"), "3");
  EXPECT_EQ(scalar_text(all->wire(), "summary.quote_assets"), "2");
  const auto some = answered({{"status", "BREAK"}});
  EXPECT_EQ(scalar_text(some->wire(), "summary.total"), "1");
  EXPECT_EQ(scalar_text(some->wire(), "summary.trading"), "0");
}

TEST_F(SymbolsPlugin, StatusFiltersInUpperAndLowerCase) {
  for (const char* status : {"TRADING", "trading"}) {
    const auto report = answered({{"status", status}});
    EXPECT_THAT(column_texts(report->wire(), "symbols", "symbol"),
                ElementsAre("BTCUSDT", "ETHBTC"));
  }
}

TEST_F(SymbolsPlugin, AStatusThatNoneHasIsAnEmptyTableAndAHint) {
  const auto report = answered({{"status", "TRADE"}});
  const bourse_report& wire = report->wire();
  EXPECT_THAT(column_texts(wire, "symbols", "symbol"), IsEmpty());
  EXPECT_EQ(scalar_text(wire, "summary.total"), "0");
  ASSERT_THAT(note_codes(wire), ElementsAre("no_match"));
  EXPECT_THAT(std::string(view(wire.notes[0]->text)), HasSubstr("BREAK, TRADING"));
}

TEST_F(SymbolsPlugin, AMarketWithoutAStatusMatchesNone) {
  markets[0].erase("status");
  const auto report = answered({{"status", "TRADING"}});
  EXPECT_THAT(column_texts(report->wire(), "symbols", "symbol"), ElementsAre("ETHBTC"));
}

TEST_F(SymbolsPlugin, WhatNoMarketSaysIsNotCountedAsNone) {
  for (Market& market : markets) {  // a recording without rules
    market.erase("status");
    market.erase("base_asset");
  }
  const auto report = answered();
  EXPECT_EQ(scalar_text(report->wire(), "summary.total"), "3");
  EXPECT_EQ(scalar_text(report->wire(), "summary.trading"), "null");
  EXPECT_EQ(scalar_text(report->wire(), "summary.base_assets"), "null");
  EXPECT_EQ(scalar_text(report->wire(), "summary.quote_assets"), "2");
  const auto none = answered({{"status", "TRADING"}});
  EXPECT_EQ(scalar_text(none->wire(), "summary.trading"), "0") << "of no rows";
  ASSERT_THAT(note_codes(none->wire()), ElementsAre("no_match"));
  EXPECT_THAT(std::string(view(none->wire().notes[0]->text)), HasSubstr("does not say the status"));
}

TEST_F(SymbolsPlugin, EachSymbolIsAskedOnce) {
  answered({{"symbols", "BTCUSDT,ETHBTC,BTCUSDT,LUNAUSDT"}});
  EXPECT_EQ(asked["symbols"], "BTCUSDT,ETHBTC,LUNAUSDT");
}

TEST_F(SymbolsPlugin, AnUnknownSymbolIsSaidOnceAndTheRestAnswered) {
  notes = {{"symbol_unavailable", "There is no market \"NOPE\"."}};
  const auto said = answered({{"symbols", "BTCUSDT,NOPE"}});
  EXPECT_THAT(note_codes(said->wire()), ElementsAre("symbol_unavailable"));
  notes.clear();  // a source that drops it in silence
  const auto silent = answered({{"symbols", "BTCUSDT,NOPE"}});
  ASSERT_THAT(note_codes(silent->wire()), ElementsAre("symbol_unavailable"));
  EXPECT_THAT(std::string(view(silent->wire().notes[0]->text)), HasSubstr("NOPE"));
}

TEST_F(SymbolsPlugin, ANoteAboutALongerNameIsNotAboutThisOne) {
  notes = {{"unreadable_row", "ABTC-2 is left out: it has an odd status."}};
  const auto report = answered({{"symbols", "BTCUSDT,BTC"}});
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("unreadable_row", "symbol_unavailable"));
  EXPECT_THAT(std::string(view(report->wire().notes[1]->text)), HasSubstr("BTC is left out"));
}

TEST_F(SymbolsPlugin, WhenNoneIsKnownItIsNotFound) {
  markets.clear();
  auto report = run({{"symbols", "NOPE"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_NOT_FOUND);
  EXPECT_EQ(report.failure().code, "symbol_not_found");
  failure = {.status = BOURSE_NOT_FOUND, .code = "symbol_not_found", .message = "No NOPE."};
  report = run({{"symbols", "NOPE"}});
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().message, "No NOPE.");
}

TEST_F(SymbolsPlugin, ASourceWithoutMarketsIsAnEmptyTable) {
  markets.clear();
  const auto report = answered();
  EXPECT_EQ(scalar_text(report->wire(), "summary.total"), "0");
  EXPECT_THAT(note_codes(report->wire()), IsEmpty());
}

}  // namespace
}  // namespace bourse::test
