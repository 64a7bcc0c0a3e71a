// SPDX-License-Identifier: MIT
//
// The built plugin, asked through the contract; balances and prices are made by hand, values are
// arithmetic by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bourse/market.h"
#include "bourse/testing.hpp"
#include "plugins/analyses/account/valuation.hpp"
#include "tests/plugins/analyses/finite.hpp"

namespace {

using bourse::Decimal;
using bourse::Time;
using namespace bourse::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Row {
  std::string asset, free, locked;  ///< "" is null
};
struct Market {
  std::string symbol, base, quote, status = "TRADING";
};

/// Of the prices.
constexpr Time kPriced{1'700'000'000'000'000'000};
constexpr std::int64_t kMinute = 60'000'000'000;

Report account_report(const std::vector<Row>& rows, const std::set<std::string>& unsaid = {}) {
  Cells assets, free, locked;
  for (const Row& row : rows) {
    assets.emplace_back(row.asset);
    free.emplace_back(Decimal::parse(row.free));
    locked.emplace_back(Decimal::parse(row.locked));
  }
  Report report;
  report.with_table({"account",
                     "Account",
                     {{bourse_account_asset, assets},
                      {bourse_account_free, free},
                      {bourse_account_locked, locked}}});
  const auto say = [&](const char* key, const Cell& said) {
    if (!unsaid.contains(key)) report.with_meta(key, said);
  };
  say("account_type", "SPOT");
  say("permissions", "SPOT TRD_GRP_261");
  say("can_trade", true);
  say("can_withdraw", false);
  say("can_deposit", true);
  say("maker_commission", Decimal::from("0.00100000"));
  say("taker_commission", Decimal::from("0.00150000"));
  return report;
}

Report market_report(const std::vector<Market>& markets) {
  Cells symbols, bases, quotes, statuses;
  for (const Market& market : markets) {
    symbols.emplace_back(market.symbol);
    bases.emplace_back(market.base);
    quotes.emplace_back(market.quote);
    statuses.push_back(market.status.empty() ? Cell() : Cell(market.status));
  }
  return Report().with_table({"symbols",
                              "Symbols",
                              {{bourse_symbols_symbol, symbols},
                               {bourse_symbols_status, statuses},
                               {bourse_symbols_base_asset, bases},
                               {bourse_symbols_quote_asset, quotes}}});
}

class AccountPlugin : public ::testing::Test {
 protected:
  Host host;
  Plugin plugin{host, BOURSE_BINARY_DIR "/plugins/account.so"};
  Component component = plugin.component("account");
  std::vector<Row> rows = {{"USDT", "100.00000000", "0.50000000"},
                           {"BTC", "0.10000000", "0.02000000"},
                           {"TRY", "343.00000000", "0.00000000"},
                           {"SHIB", "1000000.00", "0.00"}};
  std::map<std::string, std::string> prices = {
      {"BTCUSDT", "70292.01000000"}, {"USDTTRY", "34.30000000"}, {"SHIBUSDT", "0.00003391"}};
  /// What the source says there is; empty: it does not offer the dataset.
  std::vector<Market> markets = {{"BTCUSDT", "BTC", "USDT"},
                                 {"USDTTRY", "USDT", "TRY"},
                                 {"SHIBUSDT", "SHIB", "USDT"},
                                 {"ETHUSDT", "ETH", "USDT"}};
  std::map<std::string, Time> times;  ///< of prices; without any, there is no such column
  std::set<std::string> unsaid;       ///< metas that the account leaves out
  Time clock = kPriced;
  std::optional<Failure> account_failure, price_failure;
  std::vector<std::string> asked;  ///< prices, each question

  Answer prices_of(const Asked& question) {
    asked.push_back(question["symbols"].shown());
    if (price_failure) return *price_failure;
    Cells symbols, values, made;
    const std::string list = "," + asked.back() + ",";
    for (const auto& [symbol, price] : prices) {
      if (list.find("," + symbol + ",") == std::string::npos) continue;
      symbols.emplace_back(symbol);
      values.emplace_back(Decimal::from(price));
      const auto time = times.find(symbol);
      made.push_back(time == times.end() ? Cell() : Cell(time->second));
    }
    std::vector<Column> columns = {{bourse_prices_symbol, symbols}, {bourse_prices_price, values}};
    if (!times.empty()) columns.emplace_back(bourse_prices_time, made);
    return Report()
        .with_table({"prices", "Prices", columns})
        .with_as_of(kPriced)
        .with_meta("clock", clock)
        .with_note("symbol_unavailable", "half of them");  // expected, and no news to anybody
  }
  Result run(const Texts& params = {}) {
    asked.clear();
    host.answer("prices", [this](const Asked& question) { return prices_of(question); });
    host.answer("symbols", [this](const Asked&) -> Answer {
      if (markets.empty()) {
        return Failure{BOURSE_UNPROCESSABLE, "dataset_not_offered", "There are none."};
      }
      return market_report(markets);
    });
    host.answer("account", [this](const Asked&) -> Answer {
      if (account_failure) return *account_failure;
      return account_report(rows, unsaid);
    });
    return component.run(params);
  }
  Result answered(const Texts& params = {}) {
    Result result = run(params);
    EXPECT_TRUE(result.ok()) << result.failure.text();
    // Whatever it says, it says what it has declared: all of it, nothing else, of these types.
    EXPECT_GT(component.wire().n_scalars, 0U);
    EXPECT_THAT(result.differences, IsEmpty());
    bourse::test::expect_finite(WireReport(result.said).get());
    return result;
  }
};

TEST_F(AccountPlugin, ValuesEveryBalanceExactly) {
  const auto report = answered();
  // 0.12 x 70292.01 = 8435.0412; 100.5 x 1; 1000000 x 0.00003391 = 33.91; 343 / 34.3 = 10.
  EXPECT_THAT(report.table("balances").shown("asset"), ElementsAre("BTC", "USDT", "SHIB", "TRY"));
  EXPECT_THAT(report.table("balances").shown("total"),
              ElementsAre("0.12000000", "100.50000000", "1000000.00000000", "343.00000000"));
  EXPECT_THAT(report.table("balances").shown("value"),
              ElementsAre("8435.04120000", "100.50000000", "33.91000000", "10.00000000"));
  EXPECT_EQ(report.scalar("value.total").shown(), "8579.45120000");  // their sum
  EXPECT_EQ(report.scalar("value.quote").shown(), "USDT");
  EXPECT_EQ(report.scalar("assets.held").shown(), "4");
  EXPECT_EQ(report.scalar("assets.hidden").shown(), "0");
  // 1 / 34.3 = 0.029154518950437317..., rounded to 16 decimals.
  EXPECT_EQ(report.table("balances").shown("price")[3], "0.0291545189504373");
  EXPECT_NEAR(std::stod(report.table("balances").shown("share_percent")[1]), 10050.0 / 8579.4512,
              1e-12);
  EXPECT_THAT(report.note_codes(), IsEmpty());
}

std::string note_text(const Result& result, std::string_view code) {
  for (const Note& note : result.report().notes) {
    if (note.code == code) return note.text;
  }
  return "";
}

// Every answer of these tests is held against that, too; here is what it is.
TEST_F(AccountPlugin, DeclaresWhatItsReportsHold) {
  std::vector<std::string> scalars, columns;
  for (std::size_t i = 0; i < component.wire().n_scalars; ++i) {
    scalars.emplace_back(component.wire().scalars[i]->name);
  }
  EXPECT_THAT(scalars,
              ElementsAre("account_type", "permissions.groups", "permissions.trade",
                          "permissions.withdraw", "permissions.deposit", "fees.maker", "fees.taker",
                          "value.quote", "value.total", "assets.held", "assets.hidden"));
  ASSERT_EQ(component.wire().n_tables, 1U);
  const bourse_table& table = *component.wire().tables[0];
  for (std::size_t i = 0; i < table.n_fields; ++i) columns.emplace_back(table.fields[i]->name);
  EXPECT_THAT(columns, ElementsAre("asset", "free", "locked", "total", "price", "value",
                                   "share_percent", "route"));
  EXPECT_STREQ(table.name, "balances");
}

TEST_F(AccountPlugin, WhatTheSourceDoesNotSayIsNullNeverZero) {
  unsaid = {"maker_commission", "taker_commission", "can_withdraw", "account_type"};
  const auto report = answered();
  for (const char* name : {"fees.maker", "fees.taker", "permissions.withdraw", "account_type"}) {
    EXPECT_EQ(report.scalar(name).shown(), "null") << name;
  }
  EXPECT_EQ(report.scalar("permissions.trade").shown(), "true");
  EXPECT_THAT(note_text(report, "values_unavailable"),
              HasSubstr("account_type, can_withdraw, maker_commission, taker_commission."));
}

TEST_F(AccountPlugin, ABalanceOfWhichAPartIsNotSaidHasNoTotal) {
  rows[1].locked = "";  // of BTC
  const auto report = answered({{"hide_below", "50"}});
  EXPECT_THAT(report.table("balances").shown("asset"), ElementsAre("USDT", "BTC"));
  EXPECT_EQ(report.table("balances").shown("free")[1], "0.10000000");
  for (const char* column : {"locked", "total", "value", "share_percent"}) {
    EXPECT_EQ(report.table("balances").shown(column)[1], "null") << column;
  }
  EXPECT_EQ(report.table("balances").shown("price")[1], "70292.01000000");
  EXPECT_THAT(report.note_codes(), ElementsAre("balance_unknown"));
  EXPECT_EQ(report.scalar("value.total").shown(), "144.41000000");  // 100.5 + 33.91 + 10
}

TEST_F(AccountPlugin, ConvertsOverTwoMarkets) {
  rows = {{"TRY", "1000000.00000000", "0.00000000"}};
  markets = {{"BTCTRY", "BTC", "TRY"}, {"BTCEUR", "BTC", "EUR"}};
  prices = {{"BTCTRY", "2411015.94300000"}, {"BTCEUR", "64321.55000000"}};
  const auto report = answered({{"quote", "EUR"}});
  // Python's decimal: 1000000 x 64321.55 / 2411015.943, half to even; and of one to 16 decimals.
  EXPECT_EQ(report.scalar("value.total").shown(), "26678.19355851");
  EXPECT_EQ(report.table("balances").shown("price")[0], "0.0266781935585069");
  EXPECT_THAT(report.table("balances").shown("route"), ElementsAre("BTCTRY BTCEUR"));
  EXPECT_THAT(report.note_codes(), IsEmpty());
}

TEST_F(AccountPlugin, ConvertsOverThreeMarketsAndNoMore) {
  rows = {{"A", "3.00000000", "0"}, {"Z", "1", "0"}, {"USDT", "1", "0"}};
  markets = {{"ZA", "Z", "A"}, {"AB", "A", "B"}, {"BC", "B", "C"}, {"CUSDT", "C", "USDT"}};
  prices = {{"ZA", "2"}, {"AB", "0.1"}, {"BC", "0.2"}, {"CUSDT", "0.3"}};
  const auto report = answered();
  EXPECT_THAT(report.table("balances").shown("asset"), ElementsAre("USDT", "A", "Z"));
  EXPECT_THAT(report.table("balances").shown("value"),
              ElementsAre("1.00000000", "0.01800000", "null"));  // 3 x 0.006
  EXPECT_THAT(report.table("balances").shown("price"), ElementsAre("1.000", "0.006", "null"));
  EXPECT_THAT(report.table("balances").shown("route"), ElementsAre("null", "AB BC CUSDT", "null"));
  EXPECT_THAT(note_text(report, "value_unknown"), HasSubstr("or of 3 in a row"));
  EXPECT_THAT(note_text(report, "value_unknown"), HasSubstr(": Z."));
}

TEST_F(AccountPlugin, AValueOverSeveralMarketsIsRoundedOnce) {
  rows = {{"X", "1.00000000", "0"}};
  markets = {{"YX", "Y", "X"}, {"USDTY", "USDT", "Y"}};
  prices = {{"YX", "3.00000000"}, {"USDTY", "3.00000000"}};
  EXPECT_EQ(answered().scalar("value.total").shown(), "0.11111111");  // 1 / 9
  rows = {{"X", "3000000000.00000000", "0"}};
  // By way of 0.3333333333333333 it would be 333333333.33333330.
  EXPECT_EQ(answered().scalar("value.total").shown(), "333333333.33333333");
}

TEST_F(AccountPlugin, AMarketIsWhatTheSourceSaysNotWhatItsNameLooksLike) {
  rows = {{"AD", "1.00000000", "0"}};
  markets = {{"ADAEUR", "ADA", "EUR"}};
  prices = {{"ADAEUR", "0.43000000"}};
  const auto report = answered({{"quote", "AEUR"}});
  EXPECT_EQ(report.scalar("value.total").shown(), "0.00000000");
  EXPECT_THAT(report.note_codes(), ElementsAre("value_unknown"));
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(AccountPlugin, WithoutTheListOfMarketsItTriesTheirNamesAndSaysSo) {
  markets.clear();
  const auto report = answered();
  EXPECT_EQ(report.scalar("value.total").shown(), "8579.45120000");
  EXPECT_THAT(report.note_codes(), ElementsAre("markets_unavailable"));
  EXPECT_THAT(asked, ElementsAre("BTCUSDT,SHIBUSDT,TRYUSDT,USDTBTC,USDTSHIB,USDTTRY"));
}

TEST_F(AccountPlugin, AsksForOneMarketOfEachStepAndForAnotherWhereThatHasNoPrice) {
  rows = {{"BTC", "1", "0"}, {"ETH", "1", "0"}};
  markets.push_back({"ETHBTC", "ETH", "BTC"});
  prices["ETHBTC"] = "0.05000000";  // and none of ETHUSDT
  const auto report = answered();
  EXPECT_THAT(asked, ElementsAre("BTCUSDT,ETHUSDT", "ETHBTC"));
  EXPECT_THAT(report.table("balances").shown("route"), ElementsAre("BTCUSDT", "ETHBTC BTCUSDT"));
  EXPECT_EQ(report.table("balances").shown("value")[1], "3514.60050000");
}

TEST_F(AccountPlugin, OldPricesAndHaltedMarketsAreSaid) {
  rows = {{"BTC", "1", "0"}, {"SHIB", "1", "0"}, {"USDT", "1", "0"}};
  markets[2].status = "BREAK";
  markets[0].status = "";  // not known
  const auto halted = answered();
  EXPECT_THAT(halted.note_codes(), ElementsAre("not_trading"));
  EXPECT_THAT(note_text(halted, "not_trading"), HasSubstr(": SHIBUSDT (BREAK)."));
  clock = Time{kPriced.ns + 5 * kMinute + 1};
  const auto old = answered();
  EXPECT_THAT(note_text(old, "stale_data"), HasSubstr("BTCUSDT: newest of"));
  EXPECT_THAT(note_text(old, "stale_data"), HasSubstr("SHIBUSDT: newest of"));
  EXPECT_EQ(old.report().as_of, kPriced);
}

TEST_F(AccountPlugin, ListsInNotesEnd) {
  rows = {{"USDT", "1", "0"}};
  for (char c = 'A'; c <= 'Z'; ++c) {
    const std::string asset = std::string("C") + c;
    rows.push_back({asset, "1", "0"});
    if (c > 'L') continue;  // the others have no market
    markets.push_back({asset + "USDT", asset, "USDT", "HALT"});
    prices[asset + "USDT"] = "2";
  }
  const auto report = answered();
  EXPECT_THAT(note_text(report, "not_trading"),
              HasSubstr(": CAUSDT (HALT), CBUSDT (HALT), CCUSDT (HALT), CDUSDT (HALT), "
                        "CEUSDT (HALT) and 7 more."));
  EXPECT_THAT(note_text(report, "value_unknown"), HasSubstr(": CM, CN, CO, CP, CQ and 9 more."));
}

TEST_F(AccountPlugin, APriceThatHasNoTimeOfItsOwnIsNotAsOfTheOthers) {
  rows = {{"BTC", "1", "0"}, {"SHIB", "1", "0"}};
  clock = Time{kPriced.ns + 5 * kMinute + 1};
  times = {{"BTCUSDT", kPriced}};
  const auto report = answered();
  EXPECT_THAT(note_text(report, "stale_data"), HasSubstr("BTCUSDT: newest of"));
  EXPECT_THAT(note_text(report, "stale_data"), Not(HasSubstr("SHIBUSDT")));
}

TEST_F(AccountPlugin, AValueBeyond38DigitsIsSaidToBe) {
  rows = {{"BTC", "12345678901234567890.123456789012345678", "0"}};
  prices["BTCUSDT"] = "12345678901234567890.1";
  const auto report = answered();
  EXPECT_EQ(report.table("balances").shown("value")[0], "null");
  EXPECT_THAT(report.note_codes(), ElementsAre("value_too_long"));
}

TEST_F(AccountPlugin, TellsFeesAndPermissions) {
  const auto report = answered();
  EXPECT_EQ(report.scalar("account_type").shown(), "SPOT");
  EXPECT_EQ(report.scalar("permissions.groups").shown(), "SPOT TRD_GRP_261");
  EXPECT_EQ(report.scalar("permissions.trade").shown(), "true");
  EXPECT_EQ(report.scalar("permissions.withdraw").shown(), "false");
  EXPECT_EQ(report.scalar("fees.maker").shown(), "0.00100000");
  EXPECT_EQ(report.scalar("fees.taker").shown(), "0.00150000");
}

TEST_F(AccountPlugin, AnInverseMarketDividesBeforeItRounds) {
  rows = {{"TRY", "1.00000000", "0.00000000"}};
  prices = {{"USDTTRY", "3.00000000"}};
  // 1 / 3 to 8 decimals; not 1 x 0.3333333333333333 by way of a rounded price.
  EXPECT_EQ(answered().scalar("value.total").shown(), "0.33333333");
}

TEST_F(AccountPlugin, HidesWhatIsWorthLessButCountsIt) {
  const auto report = answered({{"hide_below", "33.92"}});
  EXPECT_THAT(report.table("balances").shown("asset"), ElementsAre("BTC", "USDT"));
  EXPECT_EQ(report.scalar("value.total").shown(), "8579.45120000");
  EXPECT_EQ(report.scalar("assets.hidden").shown(), "2");
}

TEST_F(AccountPlugin, AnAssetWithoutAMarketIsSaidAndNeverHidden) {
  rows.push_back({"NOPE", "7.00000000", "0.00000000"});
  const auto report = answered({{"hide_below", "50"}});
  EXPECT_THAT(report.table("balances").shown("asset"), ElementsAre("BTC", "USDT", "NOPE"));
  EXPECT_EQ(report.table("balances").shown("value")[2], "null");
  EXPECT_EQ(report.table("balances").shown("price")[2], "null");
  ASSERT_THAT(report.note_codes(), ElementsAre("value_unknown"));
  EXPECT_THAT(report.report().notes[0].text, HasSubstr("NOPE"));
}

TEST_F(AccountPlugin, AMarketWithoutAPriceIsNone) {
  prices["BTCUSDT"] = "0.00000000";
  EXPECT_THAT(answered().note_codes(), ElementsAre("value_unknown"));
}

TEST_F(AccountPlugin, CountsInAnyAsset) {
  const auto report = answered({{"quote", "BTC"}});
  EXPECT_EQ(report.scalar("value.quote").shown(), "BTC");
  EXPECT_EQ(report.table("balances").columns[5].name, "value");
  EXPECT_EQ(report.table("balances").columns[5].unit, "BTC");
  EXPECT_EQ(report.table("balances").shown("value")[0], "0.12000000");
  // 100.5 / 70292.01 to 8 decimals, by Python's decimal.
  EXPECT_EQ(report.table("balances").shown("asset")[1], "USDT");
  EXPECT_EQ(report.table("balances").shown("value")[1], "0.00142975");
  EXPECT_EQ(report.table("balances").shown("asset")[0], "BTC");
}

TEST_F(AccountPlugin, AsksAtMostFiveHundredMarketsAtATime) {
  rows.clear();
  markets.clear();
  for (int i = 0; i < 300; ++i) rows.push_back({"A" + std::to_string(i), "1.00000000", "0"});
  const auto report = answered();
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(std::ranges::count(asked[0], ','), 499);
  EXPECT_EQ(std::ranges::count(asked[1], ','), 99);
  EXPECT_THAT(note_text(report, "value_unknown"), HasSubstr("and 295 more"));
}

TEST_F(AccountPlugin, AnEmptyAccountIsWorthNothing) {
  rows.clear();
  const auto report = answered();
  EXPECT_EQ(report.scalar("value.total").shown(), "0.00000000");
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(AccountPlugin, WithoutPricesTheBalancesAreStillThere) {
  price_failure = Failure{BOURSE_UPSTREAM, "upstream", "It timed out."};
  const auto report = answered();
  EXPECT_THAT(report.note_codes(), ElementsAre("prices_unavailable", "value_unknown"));
  EXPECT_EQ(report.scalar("value.total").shown(), "100.50000000");
}

TEST_F(AccountPlugin, WithoutTheAccountTheFailureIsTheAnswer) {
  account_failure = Failure{BOURSE_UPSTREAM, "bad_key", "The key is wrong."};
  const Result report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure.code, "bad_key");
}

TEST(AccountMarkets, TheShortestRouteAndThenTheOneOverTheLargerHub) {
  bourse::account::Markets markets;
  markets.add("USDTTRY", "USDT", "TRY");
  markets.add("BTCTRY", "BTC", "TRY");
  markets.add("ATRY", "A", "TRY");
  markets.add("AEUR", "A", "EUR");
  markets.add("BTCEUR", "BTC", "EUR");
  markets.add("EURUSDT", "EUR", "USDT");
  const auto route = [&markets](const char* from, const char* to) {
    const bourse::account::Routes routes = markets.routes_to(to);
    const auto found = routes.find(from);
    return found == routes.end() ? "none" : bourse::account::text_of(found->second);
  };
  // A, BTC and USDT have two markets each: the first by name.
  EXPECT_EQ(route("TRY", "EUR"), "ATRY AEUR");
  markets.add("BTCUSDT", "BTC", "USDT");
  EXPECT_EQ(route("TRY", "EUR"), "BTCTRY BTCEUR");
  markets.add("ETHUSDT", "ETH", "USDT");
  EXPECT_EQ(route("TRY", "EUR"), "USDTTRY EURUSDT");
  markets.add("EURTRY", "EUR", "TRY");
  EXPECT_EQ(route("TRY", "EUR"), "EURTRY");
  markets.add("TRYEUR", "TRY", "EUR");
  EXPECT_EQ(route("TRY", "EUR"), "TRYEUR") << "which need not be divided by";
  markets.remove({"TRYEUR"});
  EXPECT_EQ(route("TRY", "EUR"), "EURTRY");
  EXPECT_EQ(route("ETH", "TRY"), "ETHUSDT USDTTRY");
  EXPECT_EQ(route("NOPE", "TRY"), "none");
  EXPECT_EQ(route("TRY", "TRY"), "");
}

TEST(AccountMarkets, MarketsThatDoNotTradeAreUsedOnlyWhereNoOthersLead) {
  bourse::account::Markets markets;
  markets.add("ETHEUR", "ETH", "EUR", "BREAK");
  markets.add("ETHBTC", "ETH", "BTC");
  markets.add("BTCEUR", "BTC", "EUR");
  markets.add("LUNAEUR", "LUNA", "EUR", "BREAK");
  const bourse::account::Routes routes = markets.routes_to("EUR");
  EXPECT_EQ(bourse::account::text_of(routes.at("ETH")), "ETHBTC BTCEUR");
  EXPECT_EQ(bourse::account::text_of(routes.at("LUNA")), "LUNAEUR");
  EXPECT_FALSE(routes.at("LUNA").front().trading());
}

TEST(AccountValuation, ARepeatedAssetIsOneBalance) {
  const WireReport report(
      account_report({{"BTC", "1.00000000", "0.5"}, {"BTC", "2.00000000", "0.5"}}));
  const auto balances = bourse::account::read_balances(bourse::TableView(*report.get().tables[0]));
  ASSERT_EQ(balances.size(), 1u);
  EXPECT_EQ(balances[0].total, std::optional(Decimal::of(4)));
}

}  // namespace
