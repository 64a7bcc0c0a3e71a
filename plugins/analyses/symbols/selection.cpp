// SPDX-License-Identifier: MIT
#include "plugins/analyses/symbols/selection.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace bourse::symbols {
namespace {

char upper(char c) noexcept { return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return upper(x) == upper(y); });
}

std::vector<std::size_t> all_rows(const TableView& table) {
  std::vector<std::size_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

std::set<std::string_view> different(const TableView& table, const char* column,
                                     const std::vector<std::size_t>& rows) {
  std::set<std::string_view> out;
  for (const auto& text : texts_of(table, column, rows)) {
    if (text) out.insert(*text);
  }
  return out;
}

}  // namespace

std::vector<std::size_t> select(const TableView& table, std::optional<std::string_view> status) {
  std::vector<std::size_t> rows = all_rows(table);
  if (!status) return rows;
  const auto values = table.texts("status");
  std::erase_if(rows, [&](std::size_t row) {
    return !table.has("status", row) || !same(view(values[row]), *status);
  });
  return rows;
}

std::string statuses(const TableView& table) {
  std::string out;
  for (const std::string_view status : different(table, "status", all_rows(table))) {
    out += (out.empty() ? "" : ", ") + std::string(status);
  }
  return out;
}

Summary summarise(const TableView& table, const std::vector<std::size_t>& rows) {
  const auto said = [&](const char* column) {
    const auto texts = texts_of(table, column, rows);
    return rows.empty() || std::any_of(texts.begin(), texts.end(),
                                       [](const auto& text) { return text.has_value(); });
  };
  const auto different_in = [&](const char* column) -> std::optional<std::int64_t> {
    if (!said(column)) return std::nullopt;
    return static_cast<std::int64_t>(different(table, column, rows).size());
  };
  Summary out;
  out.total = static_cast<std::int64_t>(rows.size());
  if (said("status")) {
    const auto status = texts_of(table, "status", rows);
    out.trading =
        std::count(status.begin(), status.end(), std::optional<std::string_view>("TRADING"));
  }
  out.base_assets = different_in("base_asset");
  out.quote_assets = different_in("quote_asset");
  return out;
}

std::vector<std::optional<std::string_view>> texts_of(const TableView& table, const char* column,
                                                      const std::vector<std::size_t>& rows) {
  const auto values = table.texts(column);
  std::vector<std::optional<std::string_view>> out;
  out.reserve(rows.size());
  for (const std::size_t row : rows) {
    out.push_back(table.has(column, row) ? std::optional(view(values[row])) : std::nullopt);
  }
  return out;
}

std::vector<std::optional<Decimal>> decimals_of(const TableView& table, const char* column,
                                                const std::vector<std::size_t>& rows) {
  const DecimalColumn values = table.decimals(column);
  std::vector<std::optional<Decimal>> out;
  out.reserve(rows.size());
  for (const std::size_t row : rows) {
    out.push_back(values.has(row) ? std::optional(values[row]) : std::nullopt);
  }
  return out;
}

}  // namespace bourse::symbols
