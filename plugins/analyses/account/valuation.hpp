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
#include "plugins/analyses/account/markets.hpp"

namespace bourse::account {

/// Decimals of a value.
inline constexpr int kValueScale = 8;

struct Balance {
  std::string asset;
  std::optional<Decimal> free, locked;  ///< empty: the source does not say
  std::optional<Decimal> total;         ///< free + locked; empty unless both are said
  std::optional<Route> route;           ///< of markets that all have a price; empty: there is none
  std::optional<Decimal> price;         ///< of one unit; empty without a route
  std::optional<Decimal> value;         ///< total x price, kValueScale decimals
};

/// The rows of an `account` table; an asset that it repeats is one balance. DecimalError when a sum
/// has more than 38 digits.
std::vector<Balance> read_balances(const TableView& account);

/// Of markets, by name.
struct Price {
  Decimal price;  ///< positive
  Time as_of;     ///< 0: unknown
  Time clock;     ///< of its source
};
using Prices = std::map<std::string, Price, std::less<>>;

/// Fills in route, price and value. The price multiplies what leads from base to quote and divides
/// by what leads back (TRY in EUR over BTC: the price of BTCEUR divided by that of BTCTRY). The
/// value is one quotient of exact products, rounded once, half to even; it is never made from a
/// price that was rounded. Price and value are empty where they need more than 38 digits.
void value_balances(std::vector<Balance>& balances, const Routes& routes, const Prices& prices);

/// Most valuable first, then those without a value; equal ones by name.
void sort_by_value(std::vector<Balance>& balances);

/// Of all that have one. DecimalError as above.
Decimal total_value(const std::vector<Balance>& balances);

}  // namespace bourse::account
