// SPDX-License-Identifier: MIT
#include "plugins/analyses/account/valuation.hpp"

#include <algorithm>
#include <tuple>

namespace bourse::account {
namespace {

/// Of 1 / price, for people: the value is not made from it.
constexpr int kInverseScale = 16;

Decimal cell(const DecimalColumn& column, std::size_t row) {
  return column.has(row) ? column[row] : Decimal();
}

void value_one(Balance& balance, const std::string& quote, const Prices& prices) {
  if (balance.asset == quote) {
    balance.price = Decimal::of(1);
    balance.value = checked_rescale(balance.total, kValueScale, Rounding::kHalfEven);
    return;
  }
  if (const auto direct = prices.find(balance.asset + quote); direct != prices.end()) {
    balance.price = direct->second;
    if (const auto exact = checked_multiply(balance.total, direct->second)) {
      balance.value = checked_rescale(*exact, kValueScale, Rounding::kHalfEven);
    }
    return;
  }
  const auto inverse = prices.find(quote + balance.asset);
  if (inverse == prices.end()) return;
  balance.price =
      checked_divide(Decimal::of(1), inverse->second, kInverseScale, Rounding::kHalfEven);
  balance.value = checked_divide(balance.total, inverse->second, kValueScale, Rounding::kHalfEven);
}

}  // namespace

std::vector<Balance> read_balances(const TableView& account) {
  const auto assets = account.texts("asset");
  const DecimalColumn free = account.decimals("free"), locked = account.decimals("locked");
  std::vector<Balance> balances;
  std::map<std::string_view, std::size_t> index;
  for (std::size_t row = 0; row < assets.size(); ++row) {
    if (!account.has("asset", row)) continue;
    const std::string_view asset = view(assets[row]);
    const auto [known, is_new] = index.emplace(asset, balances.size());
    if (is_new) balances.push_back({std::string(asset), {}, {}, {}, {}, {}});
    Balance& balance = balances[known->second];
    balance.free += cell(free, row);
    balance.locked += cell(locked, row);
    balance.total = balance.free + balance.locked;
  }
  return balances;
}

std::vector<std::string> markets_of(const std::vector<Balance>& balances,
                                    const std::string& quote) {
  std::vector<std::string> markets;
  for (const Balance& balance : balances) {
    if (balance.asset == quote) continue;
    markets.push_back(balance.asset + quote);
    markets.push_back(quote + balance.asset);
  }
  return markets;
}

void add_prices(const TableView& prices, Prices& into) {
  const auto symbols = prices.texts("symbol");
  const DecimalColumn values = prices.decimals("price");
  for (std::size_t row = 0; row < symbols.size(); ++row) {
    if (!values.has(row) || values[row].sign() <= 0) continue;
    into.emplace(std::string(view(symbols[row])), values[row]);
  }
}

void value_balances(std::vector<Balance>& balances, const std::string& quote,
                    const Prices& prices) {
  for (Balance& balance : balances) value_one(balance, quote, prices);
}

void sort_by_value(std::vector<Balance>& balances) {
  std::ranges::sort(balances, [](const Balance& a, const Balance& b) {
    if (a.value.has_value() != b.value.has_value()) return a.value.has_value();
    if (a.value && *a.value != *b.value) return *a.value > *b.value;
    return a.asset < b.asset;
  });
}

Decimal total_value(const std::vector<Balance>& balances) {
  Decimal total = *Decimal::make(0, kValueScale);
  for (const Balance& balance : balances) {
    if (balance.value) total += *balance.value;
  }
  return total;
}

}  // namespace bourse::account
