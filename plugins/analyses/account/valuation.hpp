// SPDX-License-Identifier: MIT
//
// What balances are worth in one currency, exactly. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/report.hpp"

namespace bourse::account {

/// Decimals of a value.
inline constexpr int kValueScale = 8;

struct Balance {
  std::string asset;
  Decimal free, locked;
  Decimal total;                 ///< free + locked
  std::optional<Decimal> price;  ///< of one unit; empty: no market tells
  std::optional<Decimal> value;  ///< total x price, kValueScale decimals
};

/// The rows of an `account` table; an asset that it repeats is one balance. DecimalError when a sum
/// has more than 38 digits.
std::vector<Balance> read_balances(const TableView& account);

/// The markets that may tell what these assets cost: asset and quote in both orders, without the
/// quote itself.
std::vector<std::string> markets_of(const std::vector<Balance>& balances, const std::string& quote);

/// Prices of markets by name; prices that are not positive count as none.
using Prices = std::map<std::string, Decimal, std::less<>>;
void add_prices(const TableView& prices, Prices& into);

/// Fills in price and value: of the quote itself 1; else the price of asset-quote; else 1 divided
/// by that of quote-asset (TRY in USDT by USDTTRY), the value being divided by it directly, rounded
/// half to even.
void value_balances(std::vector<Balance>& balances, const std::string& quote, const Prices& prices);

/// Most valuable first, then those without a value; equal ones by name.
void sort_by_value(std::vector<Balance>& balances);

/// Of all that have one. DecimalError as above.
Decimal total_value(const std::vector<Balance>& balances);

}  // namespace bourse::account
