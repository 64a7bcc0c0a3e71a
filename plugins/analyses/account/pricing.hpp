// SPDX-License-Identifier: MIT
//
// Asks for what values are made from: the source's markets, and the prices of those that lead from
// what is held to the asset that values are counted in.
#pragma once

#include <string>
#include <vector>

#include "bourse/plugin.hpp"
#include "plugins/analyses/account/valuation.hpp"

namespace bourse::account {

struct Pricing {
  Routes routes;
  Prices prices;
};

/// Asks for one market of each step of each route. Where it has no price, the next best route is
/// asked for, a few times. Without a list of markets, those named ASSETQUOTE and QUOTEASSET are
/// tried. What fails is told in notes, and prices are missing then.
Pricing ask_prices(const Call& call, const std::vector<Balance>& balances,
                   const std::string& quote);

/// Markets that were used though their price is old or they do not trade.
void say_doubts(const Call& call, const std::vector<Balance>& balances, const Prices& prices);

}  // namespace bourse::account
