// SPDX-License-Identifier: MIT
#include "plugins/serializers/csv/csv_report.hpp"

#include <cmath>
#include <span>
#include <string>

#include "plugins/serializers/csv/csv_text.hpp"

namespace bourse::csv {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool shows_nothing(const bourse_value& v) {
  return v.type == BOURSE_TYPE_NULL || (v.type == BOURSE_TYPE_F64 && !std::isfinite(v.as.f64));
}

void write_rows(TableView table, char delimiter, BlockBuffer& out) {
  const std::size_t columns = table.columns();
  const std::span fields(table.wire().fields, columns);
  const std::span arrays(table.wire().columns, columns);
  // A line without a byte is taken for no row at all by many readers.
  const bool lone = columns == 1;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t i = 0; i < columns; ++i) {
      if (i != 0) out.put(delimiter);
      const bourse_value cell = TableView::cell_of(*fields[i], arrays[i], row);
      append_value(out, cell, delimiter);
      if (lone && shows_nothing(cell)) out.append("\"\"");
    }
    out.append(kLineEnd);
  }
}

void write_table(TableView table, Options options, BlockBuffer& out) {
  if (options.header) {
    for (std::size_t i = 0; i < table.columns(); ++i) {
      if (i != 0) out.put(options.delimiter);
      append_text(out, view(table.field(i).name), options.delimiter);
    }
    out.append(kLineEnd);
  }
  write_rows(table, options.delimiter, out);
}

void write_values(ReportView report, Options options, BlockBuffer& out) {
  const char delimiter = options.delimiter;
  const auto line = [&](std::string_view name, const bourse_value& v, const bourse_value& unit) {
    append_text(out, name, delimiter);
    out.put(delimiter);
    append_value(out, v, delimiter);
    out.put(delimiter);
    append_value(out, unit, delimiter);
    out.append(kLineEnd);
  };
  if (options.header) line("name", value("value"), value("unit"));
  for (const bourse_scalar* scalar : report.scalars()) {
    const char* const unit = scalar->field->unit;
    line(view(scalar->field->name), scalar->value, unit == nullptr ? null_value() : value(unit));
  }
}

}  // namespace

void write_report(ReportView report, OneTable selection, Options options, BlockBuffer& out) {
  if (const auto table = selection.table()) {
    write_table(report.table(*table), options, out);
  } else {
    write_values(report, options, out);
  }
  out.flush();
}

}  // namespace bourse::csv
