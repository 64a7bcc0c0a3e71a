// SPDX-License-Identifier: MIT
//
// One table of a report as a table of a page.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bourse/report.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/html/html_value.hpp"

namespace bourse::html {

/// The most rows of a table that a page can be asked for. The plugin's parameter says the same.
inline constexpr std::size_t kRowsMax = 1'000'000;

struct TableOptions {
  std::size_t rows_max = 1'000;
  bool newest_first =
      false;  ///< of tables whose rows are in the order of their first column, a time
  bool all_digits = false;
};

class Table {
 public:
  Table(TableView table, TableOptions options);

  /// With its heading, in a box of its own that scrolls. That there are more rows is said above
  /// them.
  void append(BlockBuffer& out) const;
  /// A rule of style, for tables of many rows: how wide the columns are. Browsers then lay out only
  /// the rows that are in sight. Empty for others, which are as wide as what they hold.
  [[nodiscard]] std::string widths() const;

 private:
  struct Column {
    const bourse_field* field;
    const bourse_array* array;
    Style style;
    bool heads_row;  ///< its cells are the heads of their rows
  };

  [[nodiscard]] bool is_long() const { return rows_.count > kShort; }
  [[nodiscard]] std::size_t characters_of(const Column& column) const;
  void append_caption(BlockBuffer& out) const;
  void append_rows(BlockBuffer& out) const;
  static void append_cell(BlockBuffer& out, const Column& column, std::size_t row);

  static constexpr std::size_t kShort = 100;  ///< rows up to which a table is laid out as a whole
  static constexpr std::size_t kGroup = 50;   ///< rows of a group that is laid out when it is seen

  TableView table_;
  TableOptions options_;
  bool is_turned_;  ///< the last row is shown first
  RowRange rows_;   ///< shown
  std::vector<Column> columns_;
};

}  // namespace bourse::html
