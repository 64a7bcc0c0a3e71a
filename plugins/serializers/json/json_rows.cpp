// SPDX-License-Identifier: MIT
#include "plugins/serializers/json/json_rows.hpp"

#include <utility>

#include "plugins/serializers/json/json_text.hpp"

namespace bourse::json {

std::vector<Column> columns_of(TableView table, bool as_objects) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < table.columns(); ++i) {
    std::string before = i == 0 ? "" : ",";
    // A field's name is [a-z][a-z0-9_]*: nothing in it needs an escape.
    if (as_objects) before.append("\"").append(table.field(i).name).append("\":");
    columns.push_back({&table.field(i), &table.array(i), std::move(before)});
  }
  return columns;
}

void append_row(BlockBuffer& out, const std::vector<Column>& columns, bool as_objects,
                std::size_t row) {
  out.put(as_objects ? '{' : '[');
  for (const Column& column : columns) {
    out.append(column.before);
    append_value(out, column.cell(row));
  }
  out.put(as_objects ? '}' : ']');
}

}  // namespace bourse::json
