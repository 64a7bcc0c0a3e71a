// SPDX-License-Identifier: MIT
//
// The built plugin, asked through the contract; balances and prices are made by hand, values are
// arithmetic by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bourse/market.h"
#include "bourse/plugin.hpp"
#include "plugins/analyses/account/valuation.hpp"
#include "tests/plugins/analyses/finite.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Row {
  std::string asset, free, locked;
};

ReportPtr account_report(const std::vector<Row>& rows) {
  return make_report([&](const Call& call) {
    std::vector<std::string_view> assets;
    std::vector<std::optional<Decimal>> free, locked;
    for (const Row& row : rows) {
      assets.emplace_back(row.asset);
      free.push_back(Decimal::from(row.free));
      locked.push_back(Decimal::from(row.locked));
    }
    TableBuilder table("account", "Account");
    table.column(Field(bourse_account_asset), assets)
        .column(Field(bourse_account_free), free)
        .column(Field(bourse_account_locked), locked);
    call.add(table);
    call.meta("account_type", value(std::string_view("SPOT")));
    call.meta("permissions", value(std::string_view("SPOT TRD_GRP_261")));
    call.meta("can_trade", value(true));
    call.meta("can_withdraw", value(false));
    call.meta("can_deposit", value(true));
    call.meta("maker_commission", value(Decimal::from("0.00100000")));
    call.meta("taker_commission", value(Decimal::from("0.00150000")));
  });
}

class AccountPlugin : public testing::Test {
 protected:
  Component component{"account.so", "account"};
  std::vector<Row> rows = {{"USDT", "100.00000000", "0.50000000"},
                           {"BTC", "0.10000000", "0.02000000"},
                           {"TRY", "343.00000000", "0.00000000"},
                           {"SHIB", "1000000.00", "0.00"}};
  std::map<std::string, std::string> markets = {
      {"BTCUSDT", "70292.01000000"}, {"USDTTRY", "34.30000000"}, {"SHIBUSDT", "0.00003391"}};
  std::optional<host::Failure> account_failure, price_failure;
  std::vector<std::string> asked;

  host::Result<ReportPtr> prices_of(const std::map<std::string, host::Value>& args) {
    asked.push_back(args.at("symbols").canonical());
    if (price_failure) return *price_failure;
    return make_report([&](const Call& call) {
      std::vector<std::string_view> symbols;
      std::vector<std::optional<Decimal>> prices;
      std::string list = asked.back() + ",";
      for (const auto& [symbol, price] : markets) {
        if (("," + list).find("," + symbol + ",") == std::string::npos) continue;
        symbols.emplace_back(symbol);
        prices.push_back(Decimal::from(price));
      }
      TableBuilder table("prices", "Prices");
      table.column(Field(bourse_prices_symbol), symbols).column(Field(bourse_prices_price), prices);
      call.add(table);
      call.warn("symbol_unavailable", "half of them");  // expected, and no news to anybody
    });
  }
  host::Result<ReportPtr> run(const Texts& params = {}) {
    return component.run(
        params,
        [this](std::string_view dataset,
               const std::map<std::string, host::Value>& args) -> host::Result<ReportPtr> {
          if (dataset == "prices") return prices_of(args);
          if (account_failure) return *account_failure;
          return account_report(rows);
        });
  }
  ReportPtr answered(const Texts& params = {}) {
    auto report = run(params);
    EXPECT_TRUE(report.ok()) << report.failure().message;
    if (!report.ok()) return nullptr;
    expect_finite((*report)->wire());
    return *report;
  }
};

TEST_F(AccountPlugin, ValuesEveryBalanceExactly) {
  const auto report = answered();
  const bourse_report& wire = report->wire();
  // 0.12 x 70292.01 = 8435.0412; 100.5 x 1; 1000000 x 0.00003391 = 33.91; 343 / 34.3 = 10.
  EXPECT_THAT(column_texts(wire, "balances", "asset"), ElementsAre("BTC", "USDT", "SHIB", "TRY"));
  EXPECT_THAT(column_texts(wire, "balances", "total"),
              ElementsAre("0.12000000", "100.50000000", "1000000.00000000", "343.00000000"));
  EXPECT_THAT(column_texts(wire, "balances", "value"),
              ElementsAre("8435.04120000", "100.50000000", "33.91000000", "10.00000000"));
  EXPECT_EQ(scalar_text(wire, "value.total"), "8579.45120000");  // their sum
  EXPECT_EQ(scalar_text(wire, "value.quote"), "USDT");
  EXPECT_EQ(scalar_text(wire, "assets.held"), "4");
  EXPECT_EQ(scalar_text(wire, "assets.hidden"), "0");
  // 1 / 34.3 = 0.029154518950437317..., rounded to 16 decimals.
  EXPECT_EQ(column_texts(wire, "balances", "price")[3], "0.0291545189504373");
  EXPECT_NEAR(std::stod(column_texts(wire, "balances", "share_percent")[1]), 10050.0 / 8579.4512,
              1e-12);
  EXPECT_THAT(note_codes(wire), IsEmpty());
}

TEST_F(AccountPlugin, TellsFeesAndPermissions) {
  const auto report = answered();
  const bourse_report& wire = report->wire();
  EXPECT_EQ(scalar_text(wire, "account_type"), "SPOT");
  EXPECT_EQ(scalar_text(wire, "permissions.groups"), "SPOT TRD_GRP_261");
  EXPECT_EQ(scalar_text(wire, "permissions.trade"), "true");
  EXPECT_EQ(scalar_text(wire, "permissions.withdraw"), "false");
  EXPECT_EQ(scalar_text(wire, "fees.maker"), "0.00100000");
  EXPECT_EQ(scalar_text(wire, "fees.taker"), "0.00150000");
}

TEST_F(AccountPlugin, AnInverseMarketDividesBeforeItRounds) {
  rows = {{"TRY", "1.00000000", "0.00000000"}};
  markets = {{"USDTTRY", "3.00000000"}};
  // 1 / 3 to 8 decimals; not 1 x 0.3333333333333333 by way of a rounded price.
  EXPECT_EQ(scalar_text(answered()->wire(), "value.total"), "0.33333333");
}

TEST_F(AccountPlugin, HidesWhatIsWorthLessButCountsIt) {
  const auto report = answered({{"hide_below", "33.92"}});
  const bourse_report& wire = report->wire();
  EXPECT_THAT(column_texts(wire, "balances", "asset"), ElementsAre("BTC", "USDT"));
  EXPECT_EQ(scalar_text(wire, "value.total"), "8579.45120000");
  EXPECT_EQ(scalar_text(wire, "assets.hidden"), "2");
}

TEST_F(AccountPlugin, AnAssetWithoutAMarketIsSaidAndNeverHidden) {
  rows.push_back({"NOPE", "7.00000000", "0.00000000"});
  const auto report = answered({{"hide_below", "50"}});
  const bourse_report& wire = report->wire();
  EXPECT_THAT(column_texts(wire, "balances", "asset"), ElementsAre("BTC", "USDT", "NOPE"));
  EXPECT_EQ(column_texts(wire, "balances", "value")[2], "null");
  EXPECT_EQ(column_texts(wire, "balances", "price")[2], "null");
  ASSERT_THAT(note_codes(wire), ElementsAre("value_unknown"));
  EXPECT_THAT(std::string(view(wire.notes[0]->text)), HasSubstr("NOPE"));
}

TEST_F(AccountPlugin, AMarketWithoutAPriceIsNone) {
  markets["BTCUSDT"] = "0.00000000";
  EXPECT_THAT(note_codes(answered()->wire()), ElementsAre("value_unknown"));
}

TEST_F(AccountPlugin, CountsInAnyAsset) {
  const auto report = answered({{"quote", "BTC"}});
  EXPECT_EQ(scalar_text(report->wire(), "value.quote"), "BTC");
  EXPECT_STREQ(report->wire().tables[0]->fields[5]->name, "value");
  EXPECT_STREQ(report->wire().tables[0]->fields[5]->unit, "BTC");
  EXPECT_EQ(column_texts(report->wire(), "balances", "value")[0], "0.12000000");
  // 100.5 / 70292.01 to 8 decimals, by Python's decimal.
  EXPECT_EQ(column_texts(report->wire(), "balances", "asset")[1], "USDT");
  EXPECT_EQ(column_texts(report->wire(), "balances", "value")[1], "0.00142975");
  EXPECT_EQ(column_texts(report->wire(), "balances", "asset")[0], "BTC");
}

TEST_F(AccountPlugin, AsksAtMostFiveHundredMarketsAtATime) {
  rows.clear();
  for (int i = 0; i < 300; ++i) rows.push_back({"A" + std::to_string(i), "1.00000000", "0"});
  const auto report = answered();
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(std::ranges::count(asked[0], ','), 499);
  EXPECT_EQ(std::ranges::count(asked[1], ','), 99);
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)), HasSubstr("and 280 more"));
}

TEST_F(AccountPlugin, AnEmptyAccountIsWorthNothing) {
  rows.clear();
  const auto report = answered();
  EXPECT_EQ(scalar_text(report->wire(), "value.total"), "0.00000000");
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(AccountPlugin, WithoutPricesTheBalancesAreStillThere) {
  price_failure = {.status = BOURSE_UPSTREAM, .code = "upstream", .message = "It timed out."};
  const auto report = answered();
  EXPECT_THAT(note_codes(report->wire()), ElementsAre("prices_unavailable", "value_unknown"));
  EXPECT_EQ(scalar_text(report->wire(), "value.total"), "100.50000000");
}

TEST_F(AccountPlugin, WithoutTheAccountTheFailureIsTheAnswer) {
  account_failure = {.status = BOURSE_UPSTREAM, .code = "bad_key", .message = "The key is wrong."};
  const auto report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().code, "bad_key");
}

TEST(AccountValuation, ARepeatedAssetIsOneBalance) {
  const auto report = account_report({{"BTC", "1.00000000", "0.5"}, {"BTC", "2.00000000", "0.5"}});
  const auto balances = account::read_balances(TableView(*report->wire().tables[0]));
  ASSERT_EQ(balances.size(), 1u);
  EXPECT_EQ(balances[0].total, Decimal::of(4));
}

}  // namespace
}  // namespace bourse::test
