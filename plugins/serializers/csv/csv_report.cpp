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

/// kPlain: style.is_plain(), known beforehand, so that nearly all answers pay nothing for the rest.
template <bool kPlain>
void append_cell(BlockBuffer& out, const bourse_value& cell, const Style& style) {
  if constexpr (kPlain) {
    append_value(out, cell, style.delimiter);
  } else {
    append_value(out, cell, style);
  }
}

template <bool kPlain>
void write_rows(TableView table, const Style& style, BlockBuffer& out) {
  const std::size_t columns = table.columns();
  const std::span fields(table.wire().fields, columns);
  const std::span arrays(table.wire().columns, columns);
  // A line without a byte is taken for no row at all by many readers.
  const bool lone = columns == 1;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t i = 0; i < columns; ++i) {
      if (i != 0) out.put(style.delimiter);
      const bourse_value cell = TableView::cell_of(*fields[i], arrays[i], row);
      append_cell<kPlain>(out, cell, style);
      if (lone && shows_nothing(cell)) out.append("\"\"");
    }
    out.append(kLineEnd);
  }
}

void write_table(TableView table, const Options& options, BlockBuffer& out) {
  const Style& style = options.style;
  if (options.header) {
    for (std::size_t i = 0; i < table.columns(); ++i) {
      if (i != 0) out.put(style.delimiter);
      append_text(out, view(table.field(i).name), style.delimiter);
    }
    out.append(kLineEnd);
  }
  style.is_plain() ? write_rows<true>(table, style, out) : write_rows<false>(table, style, out);
}

void write_values(ReportView report, const Options& options, BlockBuffer& out) {
  const Style& style = options.style;
  const auto line = [&](std::string_view name, const bourse_value& v, const bourse_value& unit) {
    append_text(out, name, style.delimiter);
    out.put(style.delimiter);
    append_value(out, v, style);
    out.put(style.delimiter);
    append_value(out, unit, style);
    out.append(kLineEnd);
  };
  if (options.header) line("name", value("value"), value("unit"));
  for (const bourse_scalar* scalar : report.scalars()) {
    const char* const unit = scalar->field->unit;
    line(view(scalar->field->name), scalar->value, unit == nullptr ? null_value() : value(unit));
  }
}

}  // namespace

void write_report(ReportView report, OneTable selection, const Options& options, BlockBuffer& out) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  if (options.bom) out.append(kBom);
  if (const auto table = selection.table()) {
    write_table(report.table(*table), options, out);
  } else {
    write_values(report, options, out);
  }
  out.flush();
}

}  // namespace bourse::csv
