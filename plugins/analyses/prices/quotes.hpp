// SPDX-License-Identifier: MIT
//
// What two datasets say of the same markets, put side by side by symbol, never by position.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/report.hpp"

namespace bourse::prices {

/// Whether there is one that can be computed with.
inline bool is_price(const std::optional<Decimal>& price) { return price && price->sign() > 0; }

/// One market. Empty: the source does not say.
struct Quote {
  std::string symbol;
  std::optional<Decimal> price, bid, ask, bid_quantity, ask_quantity;
  std::optional<Time> price_time, book_time;  ///< when they were made

  /// The best bid is not below the best ask: no market stands so.
  [[nodiscard]] bool crossed() const { return is_price(bid) && is_price(ask) && *bid >= *ask; }
  /// A price of zero (or less): what an exchange sends of a market without trades or orders.
  [[nodiscard]] bool has_zero() const {
    return (price && !is_price(price)) || (bid && !is_price(bid)) || (ask && !is_price(ask));
  }
};

/// The rows of a `prices` table, in its order; a symbol that it repeats counts once. Those without
/// a time of their own are of the answer's, `as_of` (0: unknown), here and in add_book.
std::vector<Quote> read_prices(const TableView& prices, Time as_of);

/// Fills in what a `book_ticker` table says of these symbols.
void add_book(const TableView& book, Time as_of, std::vector<Quote>& quotes);

/// 10,000 x (ask - bid) / mid, from the exact difference; negative when bid is above ask. NaN
/// without both, or when they are not positive.
double spread_basis_points(const std::optional<Decimal>& bid, const std::optional<Decimal>& ask);

/// Of all prices and books; nothing where no time is known.
std::optional<Time> newest_time(const std::vector<Quote>& quotes);

/// Which status the answer to `symbols` gives each market; those of unknown status are not there.
std::map<std::string, std::string, std::less<>> read_statuses(ReportView listing);

}  // namespace bourse::prices
