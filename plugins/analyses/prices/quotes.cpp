// SPDX-License-Identifier: MIT
#include "plugins/analyses/prices/quotes.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace bourse::prices {
namespace {

std::optional<Decimal> at(const DecimalColumn& column, std::size_t row) {
  return column.has(row) ? std::optional(column[row]) : std::nullopt;
}

/// Of a column that a source may leave out.
std::optional<Decimal> at(const TableView& table, const char* column, std::size_t row) {
  return table.find(column) ? at(table.decimals(column), row) : std::nullopt;
}

/// Of a row whose column says it, else of the answer.
std::optional<Time> time_of(const TableView& table, std::size_t row, Time as_of) {
  if (table.find("time") && table.has("time", row)) return Time{table.times("time")[row]};
  return as_of.ns == 0 ? std::nullopt : std::optional(as_of);
}

/// Rows by symbol; of a repeated one the first.
std::unordered_map<std::string_view, std::size_t> rows_by_symbol(const TableView& table) {
  std::unordered_map<std::string_view, std::size_t> rows;
  const auto symbols = table.texts("symbol");
  for (std::size_t row = 0; row < symbols.size(); ++row) {
    if (table.has("symbol", row)) rows.emplace(view(symbols[row]), row);
  }
  return rows;
}

}  // namespace

std::vector<Quote> read_prices(const TableView& prices, Time as_of) {
  const auto rows = rows_by_symbol(prices);
  const auto symbols = prices.texts("symbol");
  const DecimalColumn values = prices.decimals("price");
  std::vector<Quote> quotes;
  quotes.reserve(rows.size());
  for (std::size_t row = 0; row < symbols.size(); ++row) {
    const auto found = rows.find(view(symbols[row]));
    if (found == rows.end() || found->second != row) continue;
    Quote quote{.symbol = std::string(view(symbols[row])),
                .price = at(values, row),
                .bid = {},
                .ask = {},
                .bid_quantity = {},
                .ask_quantity = {},
                .price_time = time_of(prices, row, as_of),
                .book_time = {}};
    quotes.push_back(std::move(quote));
  }
  return quotes;
}

void add_book(const TableView& book, Time as_of, std::vector<Quote>& quotes) {
  const auto rows = rows_by_symbol(book);
  const DecimalColumn bids = book.decimals("bid"), asks = book.decimals("ask");
  for (Quote& quote : quotes) {
    const auto found = rows.find(quote.symbol);
    if (found == rows.end()) continue;
    quote.bid = at(bids, found->second);
    quote.ask = at(asks, found->second);
    quote.bid_quantity = at(book, "bid_quantity", found->second);
    quote.ask_quantity = at(book, "ask_quantity", found->second);
    quote.book_time = time_of(book, found->second, as_of);
  }
}

std::optional<Time> newest_time(const std::vector<Quote>& quotes) {
  std::optional<Time> newest;
  for (const Quote& quote : quotes) newest = std::max({newest, quote.price_time, quote.book_time});
  return newest;
}

std::map<std::string, std::string, std::less<>> read_statuses(ReportView listing) {
  std::map<std::string, std::string, std::less<>> statuses;
  if (listing.tables() == 0) return statuses;
  const TableView table = listing.table(0);
  if (!table.find("status")) return statuses;
  const auto symbols = table.texts("symbol"), texts = table.texts("status");
  for (std::size_t row = 0; row < symbols.size(); ++row) {
    if (!table.has("symbol", row) || !table.has("status", row)) continue;
    statuses.emplace(view(symbols[row]), view(texts[row]));
  }
  return statuses;
}

double spread_basis_points(const std::optional<Decimal>& bid, const std::optional<Decimal>& ask) {
  if (!is_price(bid) || !is_price(ask)) return std::nan("");
  return 20'000.0 * (*ask - *bid).to_double() / (*ask + *bid).to_double();
}

}  // namespace bourse::prices
