// SPDX-License-Identifier: MIT
//
// The rows of a table as JSON objects or arrays, one after the other.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::json {

struct Column {
  const bourse_field* field;
  const bourse_array* array;
  std::string before;  ///< "," and, in an object, the key

  [[nodiscard]] bourse_value cell(std::size_t row) const {
    return TableView::cell_of(*field, *array, row);
  }
};

/// `as_objects`: with their keys. Borrows from the table.
[[nodiscard]] std::vector<Column> columns_of(TableView table, bool as_objects);

/// {"symbol":"A","price":"1"} or ["A","1"]
void append_row(BlockBuffer& out, const std::vector<Column>& columns, bool as_objects,
                std::size_t row);

}  // namespace bourse::json
