// SPDX-License-Identifier: MIT
#include "plugins/analyses/account/valuation.hpp"

#include <algorithm>
#include <utility>

namespace bourse::account {
namespace {

/// Of a price that was divided, for people: the value is not made from it.
constexpr int kQuotientScale = 16;

std::optional<Decimal> cell(const DecimalColumn& column, std::size_t row) {
  return column.has(row) ? std::optional(column[row]) : std::nullopt;
}

/// Unknown when one of them is.
std::optional<Decimal> sum(const std::optional<Decimal>& a, const std::optional<Decimal>& b) {
  if (!a || !b) return std::nullopt;
  return *a + *b;
}

std::optional<Decimal> product(const std::optional<Decimal>& a, const std::optional<Decimal>& b) {
  return a && b ? checked_multiply(*a, *b) : std::nullopt;
}

std::optional<Decimal> quotient(const std::optional<Decimal>& dividend,
                                const std::optional<Decimal>& divisor, int scale) {
  if (!dividend || !divisor) return std::nullopt;
  return checked_divide(*dividend, *divisor, scale, Rounding::kHalfEven);
}

/// Of a product, which has the decimals of all its factors.
std::optional<Decimal> without_zeros(std::optional<Decimal> value) {
  while (value && value->scale() > 0) {
    const auto shorter = checked_rescale(*value, value->scale() - 1, Rounding::kDown);
    if (!shorter || *shorter != *value) break;
    value = shorter;
  }
  return value;
}

void value_one(Balance& balance, const Prices& prices) {
  std::optional<Decimal> above = Decimal::of(1), below = Decimal::of(1);
  bool divided = false;
  for (const Step& step : *balance.route) {
    const auto found = prices.find(step.symbol);
    if (found == prices.end()) {
      balance.route.reset();
      return;
    }
    std::optional<Decimal>& factor = step.inverse ? below : above;
    factor = product(factor, found->second.price);
    divided = divided || step.inverse;
  }
  balance.price = divided                     ? quotient(above, below, kQuotientScale)
                  : balance.route->size() < 2 ? above
                                              : without_zeros(above);
  balance.value = quotient(product(balance.total, above), below, kValueScale);
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
    if (is_new) {
      balances.push_back({std::string(asset), cell(free, row), cell(locked, row), {}, {}, {}, {}});
    } else {
      Balance& balance = balances[known->second];
      balance.free = sum(balance.free, cell(free, row));
      balance.locked = sum(balance.locked, cell(locked, row));
    }
    Balance& balance = balances[known->second];
    balance.total = sum(balance.free, balance.locked);
  }
  return balances;
}

void value_balances(std::vector<Balance>& balances, const Routes& routes, const Prices& prices) {
  for (Balance& balance : balances) {
    const auto route = routes.find(balance.asset);
    if (route == routes.end()) continue;
    balance.route = route->second;
    value_one(balance, prices);
  }
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
