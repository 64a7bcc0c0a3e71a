// SPDX-License-Identifier: MIT
//
// What two datasets say of the same markets, put side by side by symbol, never by position.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/report.hpp"

namespace bourse::prices {

/// One market. Empty: the source does not say.
struct Quote {
  std::string symbol;
  std::optional<Decimal> price, bid, ask, bid_quantity, ask_quantity;
};

/// The rows of a `prices` table, in its order; a symbol that it repeats counts once.
std::vector<Quote> read_prices(const TableView& prices);

/// Fills in what a `book_ticker` table says of these symbols.
void add_book(const TableView& book, std::vector<Quote>& quotes);

/// 10,000 x (ask - bid) / mid, from the exact difference; negative when bid is above ask. NaN
/// without both, or when they are not positive.
double spread_basis_points(const std::optional<Decimal>& bid, const std::optional<Decimal>& ask);

}  // namespace bourse::prices
