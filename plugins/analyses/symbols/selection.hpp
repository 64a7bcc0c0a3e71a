// SPDX-License-Identifier: MIT
//
// Which rows of a table of markets are shown, and what they are together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/report.hpp"

namespace bourse::symbols {

/// Rows of a `symbols` table with this status, in its order; upper and lower case (ASCII) are the
/// same. nullopt: all.
std::vector<std::size_t> select(const TableView& table, std::optional<std::string_view> status);

/// The statuses that occur, sorted: "BREAK, TRADING". Empty: the source says none.
std::string statuses(const TableView& table);

/// A count is empty where there are rows and none of them says what is counted.
struct Summary {
  std::int64_t total = 0;
  std::optional<std::int64_t> trading;       ///< of status TRADING
  std::optional<std::int64_t> base_assets;   ///< different ones
  std::optional<std::int64_t> quote_assets;  ///< different ones
};
Summary summarise(const TableView& table, const std::vector<std::size_t>& rows);

/// The selected values of a column; null stays null. The texts are borrowed from the table.
std::vector<std::optional<std::string_view>> texts_of(const TableView& table, const char* column,
                                                      const std::vector<std::size_t>& rows);
std::vector<std::optional<Decimal>> decimals_of(const TableView& table, const char* column,
                                                const std::vector<std::size_t>& rows);

}  // namespace bourse::symbols
