// SPDX-License-Identifier: MIT
//
// account: what the owner of the source's key has and may do, and what it is worth.
#include "bourse/plugin.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bourse/market.h"
#include "bourse/reads.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/account/pricing.hpp"
#include "plugins/analyses/account/valuation.hpp"

namespace bourse::account {
namespace {

constexpr std::array kParams{
    Param("quote", BOURSE_TYPE_TEXT, "Asset in which values are counted.")
        .labelled("Counted in")
        .with_default("USDT")
        .bounds("1", "20"),
    Param("hide_below", BOURSE_TYPE_DECIMAL,
          "Balances worth less are not listed, but counted in the total; in quote.")
        .labelled("Hide below")
        .with_default("0")
        .bounds("0", nullptr),
};

constexpr Field kAccountType = Field("account_type", BOURSE_TYPE_TEXT).labelled("Account type");
constexpr Field kPermissions = Field("permissions.groups", BOURSE_TYPE_TEXT)
                                   .labelled("Permissions")
                                   .described("as the exchange names them, separated by blanks");
constexpr Field kCanTrade = Field("permissions.trade", BOURSE_TYPE_BOOL).labelled("May trade");
constexpr Field kCanWithdraw =
    Field("permissions.withdraw", BOURSE_TYPE_BOOL).labelled("May withdraw");
constexpr Field kCanDeposit =
    Field("permissions.deposit", BOURSE_TYPE_BOOL).labelled("May deposit");
constexpr Field kMaker = Field("fees.maker", BOURSE_TYPE_DECIMAL)
                             .labelled("Maker fee")
                             .described("fraction of the value: 0.001 is 0.1 %");
constexpr Field kTaker = Field("fees.taker", BOURSE_TYPE_DECIMAL)
                             .labelled("Taker fee")
                             .described("fraction of the value: 0.001 is 0.1 %");
constexpr Field kQuote =
    Field("value.quote", BOURSE_TYPE_TEXT).labelled("Counted in").described("asset of all values");
constexpr Field kTotalValue = Field("value.total", BOURSE_TYPE_DECIMAL)
                                  .scaled(kValueScale)
                                  .labelled("Total value")
                                  .described("of all balances with a price, hidden ones included");
constexpr Field kAssets = Field("assets.held", BOURSE_TYPE_I64).labelled("Assets held");
constexpr Field kHidden = Field("assets.hidden", BOURSE_TYPE_I64)
                              .labelled("Assets not listed")
                              .described("worth less than hide_below");

constexpr Field kTotal =
    Field("total", BOURSE_TYPE_DECIMAL).labelled("Total").in("{asset}").described("free + locked");
constexpr Field kPrice = Field("price", BOURSE_TYPE_DECIMAL)
                             .labelled("Price")
                             .described("of one unit; null where no markets tell");
constexpr Field kValue = Field("value", BOURSE_TYPE_DECIMAL)
                             .scaled(kValueScale)
                             .labelled("Value")
                             .described("total x exact price, rounded half to even");
constexpr Field kShare = Field("share_percent", BOURSE_TYPE_F64)
                             .labelled("Share")
                             .in("%")
                             .described("100 x value / total value");
constexpr Field kRoute = Field("route", BOURSE_TYPE_TEXT)
                             .labelled("Priced by")
                             .described(
                                 "markets that lead to the asset of all values, separated by "
                                 "blanks; null of that asset itself, and without a price");

constexpr auto kReturns =
    Returns()
        .scalar(kAccountType, kPermissions, kCanTrade, kCanWithdraw, kCanDeposit, kMaker, kTaker,
                kQuote, kTotalValue, kAssets, kHidden)
        .table("balances", "Balances", bourse_account_asset, bourse_account_free,
               bourse_account_locked, kTotal, kPrice, kValue, kShare, kRoute);

/// A scalar that is a meta of the source's answer. Returns the name of what the source does not
/// say, or says in another type; that is null then.
std::string say_scalar(const Call& call, const Field& field, ReportView account,
                       std::string_view key) {
  const auto said = account.meta(key);
  const bool usable = said && said->type == field.type;
  if (usable && said->type == BOURSE_TYPE_TEXT) {
    call.scalar(field, view(said->as.text));
  } else if (usable && said->type == BOURSE_TYPE_BOOL) {
    call.scalar(field, said->as.i64 != 0);
  } else if (usable) {
    call.scalar(field.scaled(said->scale), Decimal::from_wire(said->as.dec, said->scale));
  } else {
    call.scalar(field, std::optional<Decimal>());
    return std::string(key);
  }
  return "";
}

/// Null or what the source says, never 0 or false for what it does not.
void say_account(const Call& call, ReportView account) {
  std::string unsaid;
  for (const auto& [field, key] :
       {std::pair{kAccountType, "account_type"}, std::pair{kPermissions, "permissions"},
        std::pair{kCanTrade, "can_trade"}, std::pair{kCanWithdraw, "can_withdraw"},
        std::pair{kCanDeposit, "can_deposit"}, std::pair{kMaker, "maker_commission"},
        std::pair{kTaker, "taker_commission"}}) {
    const std::string missing = say_scalar(call, field, account, key);
    if (!missing.empty()) unsaid += (unsaid.empty() ? "" : ", ") + missing;
  }
  if (unsaid.empty()) return;
  call.note(BOURSE_LEVEL_INFO, "values_unavailable",
            "Null, because the source does not say it: " + unsaid + ".");
}

/// Names of those that fit; empty: none.
std::string names_of(const std::vector<Balance>& balances, const auto& fits) {
  NamedFew names;
  for (const Balance& balance : balances) {
    if (fits(balance)) names.add(balance.asset);
  }
  return names.text();
}

void say_unvalued(const Call& call, const std::vector<Balance>& balances,
                  const std::string& quote) {
  const std::string unknown =
      names_of(balances, [](const Balance& b) { return !b.total.has_value(); });
  if (!unknown.empty()) {
    call.warn("balance_unknown",
              "The source does not say all of what is free and locked of these, so they have no "
              "total and no value: " +
                  unknown + ".");
  }
  const std::string unpriced = names_of(balances, [](const Balance& b) { return !b.route; });
  if (!unpriced.empty()) {
    call.warn("value_unknown", "No price of a market, or of " + std::to_string(kStepsMax) +
                                   " in a row, says what these cost in " + quote +
                                   ", so the total is without them: " + unpriced + ".");
  }
  const std::string too_long =
      names_of(balances, [](const Balance& b) { return b.route && b.total && !b.value; });
  if (!too_long.empty()) {
    call.warn("value_too_long",
              "An exact value needs more than 38 digits, so the total is without "
              "these: " +
                  too_long + ".");
  }
}

double share_of(const Balance& balance, double total) {
  return balance.value && total > 0 ? 100.0 * balance.value->to_double() / total : std::nan("");
}

void say_table(const Call& call, const std::vector<Balance>& balances, const std::string& quote,
               double total) {
  std::vector<std::string_view> assets;
  std::vector<std::optional<Decimal>> free, locked, totals, prices, values;
  std::vector<double> shares;
  std::vector<std::optional<std::string>> routes;
  for (const Balance& balance : balances) {
    assets.emplace_back(balance.asset);
    free.push_back(balance.free);
    locked.push_back(balance.locked);
    totals.push_back(balance.total);
    prices.push_back(balance.price);
    values.push_back(balance.value);
    shares.push_back(share_of(balance, total));
    const bool by_markets = balance.route && !balance.route->empty();
    routes.push_back(by_markets ? std::optional(text_of(*balance.route)) : std::nullopt);
  }
  TableBuilder table("balances", "Balances");
  table.column(Field(bourse_account_asset), assets)
      .column(Field(bourse_account_free), free)
      .column(Field(bourse_account_locked), locked)
      .column(kTotal, totals)
      .column(kPrice.in(quote.c_str()), prices)
      .column(kValue.in(quote.c_str()), values)
      .column(kShare, shares)
      .column(kRoute, routes);
  call.add(table);
}

struct Account {
  static constexpr About about{
      .id = "account",
      .title = "Account",
      .doc =
          "Balances, fees and permissions of the account whose key the source has, and what "
          "they are worth. Private: its route needs access tokens.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr auto params = kParams;
  static constexpr auto returns = kReturns;
  static constexpr std::array datasets{
      &reads<"account", "asset", "free", "locked">, &reads_if<"prices", "symbol", "price", "time?">,
      &reads_if<"symbols", "symbol", "base_asset", "quote_asset", "status?">};

  void run(const Call& call, const Values& values) const {
    const std::string quote(values.text("quote"));
    const ReportView account = call.ask(Query("account"));
    if (account.tables() == 0) {
      throw Error(BOURSE_UPSTREAM, "bad_source", "The source's account has no table.");
    }
    std::vector<Balance> balances = read_balances(account.table(0));
    const Pricing pricing = ask_prices(call, balances, quote);
    value_balances(balances, pricing.routes, pricing.prices);
    sort_by_value(balances);
    const Decimal total = total_value(balances);
    const std::size_t held = balances.size();
    const Decimal hide_below = values.decimal("hide_below");
    std::erase_if(balances, [&](const Balance& b) { return b.value && *b.value < hide_below; });

    call.title("Account");
    call.notes_of(account);
    say_account(call, account);
    call.scalar(kQuote, std::string_view(quote));
    call.scalar(kTotalValue.in(quote.c_str()), total);
    call.scalar(kAssets, held);
    call.scalar(kHidden, held - balances.size());
    say_doubts(call, balances, pricing.prices);
    say_unvalued(call, balances, quote);
    say_table(call, balances, quote, total.to_double());
    call.add(Chart(BOURSE_CHART_BAR, "value", "Value by asset")
                 .of("balances")
                 .channel(BOURSE_ROLE_X, "asset")
                 .channel(BOURSE_ROLE_Y, "value"));
  }
};

}  // namespace
}  // namespace bourse::account

BOURSE_PLUGIN("bourse.account", "0.1.0", bourse::account::Account)
