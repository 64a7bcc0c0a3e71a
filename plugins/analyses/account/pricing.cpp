// SPDX-License-Identifier: MIT
#include "plugins/analyses/account/pricing.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>

#include "bourse/fresh.hpp"

namespace bourse::account {
namespace {

using Names = std::set<std::string, std::less<>>;

/// Markets in one query: market.h's limit.
constexpr std::size_t kMarketsMax = 500;
/// How often another route is tried where a market has no price.
constexpr int kRoundsMax = 5;

bool is_needed(const std::vector<Balance>& balances, const std::string& quote) {
  return std::ranges::any_of(balances, [&](const Balance& b) { return b.asset != quote; });
}

void add_known(const TableView& table, Markets& markets) {
  const auto symbols = table.texts("symbol"), bases = table.texts("base_asset"),
             quotes = table.texts("quote_asset");
  const bool has_status = table.find("status").has_value();
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!table.has("symbol", row) || !table.has("base_asset", row) ||
        !table.has("quote_asset", row)) {
      continue;
    }
    const bool told = has_status && table.has("status", row);
    markets.add(view(symbols[row]), view(bases[row]), view(quotes[row]),
                told ? view(table.texts("status")[row]) : std::string_view());
  }
}

/// By the names that exchanges give to markets.
Names add_guessed(const std::vector<Balance>& balances, const std::string& quote,
                  Markets& markets) {
  Names names;
  for (const Balance& balance : balances) {
    if (balance.asset == quote) continue;
    markets.add(balance.asset + quote, balance.asset, quote);
    markets.add(quote + balance.asset, quote, balance.asset);
    names.insert({balance.asset + quote, quote + balance.asset});
  }
  return names;
}

/// The markets of the routes from what is held.
Names markets_on(const Routes& routes, const std::vector<Balance>& balances) {
  Names names;
  for (const Balance& balance : balances) {
    const auto route = routes.find(balance.asset);
    if (route == routes.end()) continue;
    for (const Step& step : route->second) names.insert(step.symbol);
  }
  return names;
}

std::vector<Query> queries_for(const Names& names) {
  std::vector<Query> queries;
  std::vector<std::string> some;
  const auto ask = [&] {
    if (!some.empty()) queries.push_back(Query("prices").with("symbols", some));
    some.clear();
  };
  for (const std::string& name : names) {
    some.push_back(name);
    if (some.size() == kMarketsMax) ask();
  }
  ask();
  return queries;
}

/// A price that is not positive is none.
void add_prices(const Call& call, ReportView answer, Prices& prices) {
  if (answer.tables() == 0) return;
  const TableView table = answer.table(0);
  const auto symbols = table.texts("symbol");
  const DecimalColumn values = table.decimals("price");
  const bool has_time = table.find("time").has_value();
  for (std::size_t row = 0; row < symbols.size(); ++row) {
    if (!values.has(row) || values[row].sign() <= 0) continue;
    Time made = has_time ? Time{} : answer.as_of();  // of all, not of one that has none of its own
    if (has_time && table.has("time", row)) made = Time{table.times("time")[row]};
    const Time clock = made.ns == 0 ? Time{} : clock_of(call, answer);
    prices.emplace(std::string(view(symbols[row])), Price{values[row], made, clock});
  }
}

/// Returns whether all could be asked. Unknown markets are expected where names are guessed.
bool add_prices_of(const Call& call, const Names& names, Prices& prices) {
  bool all = true;
  for (const Answer& answer : call.ask(queries_for(names))) {
    if (answer.ok()) {
      add_prices(call, answer.report(), prices);
    } else if (answer.code() != "symbol_not_found" && all) {
      all = false;
      call.warn("prices_unavailable", "Some values are missing: " + std::string(answer.message()));
    }
  }
  return all;
}

/// Returns the names that must be tried at once; none when the markets are known.
Names learn_markets(const Call& call, const std::vector<Balance>& balances,
                    const std::string& quote, Markets& markets) {
  const std::array query{Query("symbols")};
  const Answer answer = call.ask(query).front();
  if (answer.ok() && answer.report().tables() != 0) {
    add_known(answer.report().table(0), markets);
    call.release(answer.report());
    return {};
  }
  call.note(BOURSE_LEVEL_INFO, "markets_unavailable",
            "Only markets named ASSET" + quote + " and " + quote +
                "ASSET were tried, because there is no list of the source's markets" +
                (answer.ok() ? "." : ": " + std::string(answer.message())));
  return add_guessed(balances, quote, markets);
}

}  // namespace

Pricing ask_prices(const Call& call, const std::vector<Balance>& balances,
                   const std::string& quote) {
  Pricing out{.routes = {{quote, {}}}, .prices = {}};
  if (!is_needed(balances, quote)) return out;
  Markets markets;
  Names wanted = learn_markets(call, balances, quote, markets), asked;
  out.routes = markets.routes_to(quote);
  for (int round = 0; round < kRoundsMax; ++round) {
    wanted.merge(markets_on(out.routes, balances));
    std::erase_if(wanted, [&](const std::string& name) { return asked.contains(name); });
    if (wanted.empty()) break;
    const bool all = add_prices_of(call, wanted, out.prices);
    Names unpriced;
    for (const std::string& name : wanted) {
      if (!out.prices.contains(name)) unpriced.insert(name);
    }
    markets.remove(unpriced);
    asked.merge(wanted);
    out.routes = markets.routes_to(quote);
    if (!all) break;  // whatever is asked next would wait for the same
  }
  return out;
}

void say_doubts(const Call& call, const std::vector<Balance>& balances, const Prices& prices) {
  StaleNote stale;
  NotTradingNote halted;
  Names seen;
  for (const Balance& balance : balances) {
    if (!balance.route) continue;
    for (const Step& step : *balance.route) {
      if (!seen.insert(step.symbol).second) continue;
      halted.add(step.symbol, step.status);
      const Price& price = prices.find(step.symbol)->second;
      if (price.as_of.ns != 0 && stale_book(price.as_of, price.clock)) {
        stale.add(step.symbol, price.as_of, price.clock, step.status);
      }
    }
  }
  stale.say(call);
  halted.say(call);
}

}  // namespace bourse::account
