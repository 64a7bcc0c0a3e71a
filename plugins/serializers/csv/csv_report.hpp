// SPDX-License-Identifier: MIT
//
// One table of a report as CSV, or its single values as a table of name, value and unit.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::csv {

/// What stands for the single values where a table is asked for by name.
inline constexpr std::string_view kValues = "values";

/// A table of the report, or its single values.
class Selection {
 public:
  /// By name; without one the first table, or the single values of a report that has no table.
  /// Throws Error(BOURSE_NOT_FOUND, "table_not_found") that lists what there is.
  static Selection of(ReportView report, std::optional<std::string_view> name);

  /// Index in the report; nothing: the single values.
  [[nodiscard]] std::optional<std::size_t> table() const noexcept { return table_; }

 private:
  explicit Selection(std::optional<std::size_t> table) : table_(table) {}
  std::optional<std::size_t> table_;
};

struct Options {
  char delimiter = ',';
  bool header = true;  ///< a first line of names
};

/// Writes every line, each ending in CR LF, and flushes. The same report gives the same bytes.
void write_report(ReportView report, Selection selection, Options options, BlockBuffer& out);

}  // namespace bourse::csv
