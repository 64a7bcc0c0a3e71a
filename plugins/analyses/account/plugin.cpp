// SPDX-License-Identifier: MIT
//
// account: what the owner of the source's key has and may do, and what it is worth.
#include "bourse/plugin.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "bourse/market.h"
#include "bourse/reads.hpp"
#include "plugins/analyses/account/valuation.hpp"

namespace bourse::account {
namespace {

/// Markets in one query: market.h's limit.
constexpr std::size_t kMarketsMax = 500;
/// Assets named in one note.
constexpr std::size_t kNamedMax = 20;

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
                             .described("of one unit; null where no market tells");
constexpr Field kValue = Field("value", BOURSE_TYPE_DECIMAL)
                             .scaled(kValueScale)
                             .labelled("Value")
                             .described("total x price, rounded half to even");
constexpr Field kShare = Field("share_percent", BOURSE_TYPE_F64)
                             .labelled("Share")
                             .in("%")
                             .described("100 x value / total value");

void say_scalar(const Call& call, const Field& field, ReportView account, std::string_view key) {
  const auto said = account.meta(key);
  if (!said || said->type == BOURSE_TYPE_NULL) return;
  if (said->type != field.type) {
    throw Error(BOURSE_UPSTREAM, "bad_source",
                "The source's account says " + std::string(key) + " in another type.");
  }
  if (said->type == BOURSE_TYPE_TEXT) {
    call.scalar(field, view(said->as.text));
  } else if (said->type == BOURSE_TYPE_BOOL) {
    call.scalar(field, said->as.i64 != 0);
  } else {
    const auto fraction = Decimal::from_wire(said->as.dec, said->scale);
    if (fraction) call.scalar(field.scaled(said->scale), *fraction);
  }
}

/// Asks for all prices at once. Unknown markets are expected: most assets have one of the two.
Prices ask_prices(const Call& call, const std::vector<std::string>& markets) {
  std::vector<Query> queries;
  for (std::size_t first = 0; first < markets.size(); first += kMarketsMax) {
    const auto end = std::min(first + kMarketsMax, markets.size());
    queries.push_back(Query("prices").with(
        "symbols", std::vector<std::string>(markets.begin() + static_cast<std::ptrdiff_t>(first),
                                            markets.begin() + static_cast<std::ptrdiff_t>(end))));
  }
  Prices prices;
  if (queries.empty()) return prices;
  for (const Answer& answer : call.ask(queries)) {
    if (answer.ok() && answer.report().tables() != 0) {
      add_prices(answer.report().table(0), prices);
    } else if (!answer.ok() && answer.code() != "symbol_not_found") {
      call.warn("prices_unavailable", "Some values are missing: " + std::string(answer.message()));
    }
  }
  return prices;
}

void say_unvalued(const Call& call, const std::vector<Balance>& balances,
                  const std::string& quote) {
  std::string names;
  std::size_t count = 0;
  for (const Balance& balance : balances) {
    if (balance.value || ++count > kNamedMax) continue;
    names += (names.empty() ? "" : ", ") + balance.asset;
  }
  if (count == 0) return;
  if (count > kNamedMax) names += " and " + std::to_string(count - kNamedMax) + " more";
  call.warn("value_unknown", "No market says what these cost in " + quote +
                                 ", so the total is without them: " + names + ".");
}

double share_of(const Balance& balance, double total) {
  return balance.value && total > 0 ? 100.0 * balance.value->to_double() / total : std::nan("");
}

void say_table(const Call& call, const std::vector<Balance>& balances, const std::string& quote,
               double total) {
  std::vector<std::string_view> assets;
  std::vector<std::optional<Decimal>> free, locked, totals, prices, values;
  std::vector<double> shares;
  for (const Balance& balance : balances) {
    assets.emplace_back(balance.asset);
    free.push_back(balance.free);
    locked.push_back(balance.locked);
    totals.push_back(balance.total);
    prices.push_back(balance.price);
    values.push_back(balance.value);
    shares.push_back(share_of(balance, total));
  }
  TableBuilder table("balances", "Balances");
  table.column(Field(bourse_account_asset), assets)
      .column(Field(bourse_account_free), free)
      .column(Field(bourse_account_locked), locked)
      .column(kTotal, totals)
      .column(kPrice.in(quote.c_str()), prices)
      .column(kValue.in(quote.c_str()), values)
      .column(kShare, shares);
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
  static constexpr std::array datasets{&reads<"account", "asset", "free", "locked">,
                                       &reads_if<"prices", "symbol", "price">};

  void run(const Call& call, const Values& values) const {
    const std::string quote(values.text("quote"));
    const ReportView account = call.ask(Query("account"));
    if (account.tables() == 0) {
      throw Error(BOURSE_UPSTREAM, "bad_source", "The source's account has no table.");
    }
    std::vector<Balance> balances = read_balances(account.table(0));
    value_balances(balances, quote, ask_prices(call, markets_of(balances, quote)));
    sort_by_value(balances);
    const Decimal total = total_value(balances);
    const std::size_t held = balances.size();
    const Decimal hide_below = values.decimal("hide_below");
    std::erase_if(balances, [&](const Balance& b) { return b.value && *b.value < hide_below; });

    call.title("Account");
    call.notes_of(account);
    say_scalar(call, kAccountType, account, "account_type");
    say_scalar(call, kPermissions, account, "permissions");
    say_scalar(call, kCanTrade, account, "can_trade");
    say_scalar(call, kCanWithdraw, account, "can_withdraw");
    say_scalar(call, kCanDeposit, account, "can_deposit");
    say_scalar(call, kMaker, account, "maker_commission");
    say_scalar(call, kTaker, account, "taker_commission");
    call.scalar(kQuote, std::string_view(quote));
    call.scalar(kTotalValue.in(quote.c_str()), total);
    call.scalar(kAssets, held);
    call.scalar(kHidden, held - balances.size());
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
