// SPDX-License-Identifier: MIT
#include "plugins/serializers/json/json_records.hpp"

#include <string_view>
#include <vector>

#include "plugins/serializers/json/json_rows.hpp"
#include "plugins/serializers/json/json_text.hpp"

namespace bourse::json {
namespace {

void append_scalar(BlockBuffer& out, const bourse_scalar& scalar) {
  const char* const unit = scalar.field->unit;
  out.append("{\"name\":");
  append_text(out, view(scalar.field->name));
  out.append(",\"value\":");
  append_value(out, scalar.value);
  out.append(",\"unit\":");
  append_value(out, unit == nullptr ? null_value() : value(unit));
  out.put('}');
}

/// Appends all records, `between` between two of them.
void append_records(ReportView report, OneTable selection, std::string_view between,
                    BlockBuffer& out) {
  bool is_first = true;
  const auto next = [&] {
    if (!is_first) out.append(between);
    is_first = false;
  };
  if (!selection.table()) {
    for (const bourse_scalar* scalar : report.scalars()) {
      next();
      append_scalar(out, *scalar);
    }
    return;
  }
  const TableView table = report.table(*selection.table());
  const std::vector<Column> columns = columns_of(table, true);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    next();
    append_row(out, columns, true, row);
  }
}

bool is_empty(ReportView report, OneTable selection) {
  return selection.table() ? report.table(*selection.table()).rows() == 0
                           : report.scalars().empty();
}

}  // namespace

void write_records(ReportView report, OneTable selection, BlockBuffer& out) {
  if (is_empty(report, selection)) {
    out.append("[]\n");
  } else {
    out.append("[\n");
    append_records(report, selection, ",\n", out);
    out.append("\n]\n");
  }
  out.flush();
}

void write_lines(ReportView report, OneTable selection, BlockBuffer& out) {
  append_records(report, selection, "\n", out);
  if (!is_empty(report, selection)) out.put('\n');
  out.flush();
}

}  // namespace bourse::json
