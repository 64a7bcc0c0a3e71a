// SPDX-License-Identifier: MIT
//
// Most cells are numbers, so a cell without a class is one; the style sheet sets it right-aligned.
#include "plugins/serializers/html/html_table.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/render.hpp"
#include "plugins/serializers/html/html_text.hpp"
#include "plugins/serializers/html/html_value.hpp"

namespace bourse::html {
namespace {

constexpr std::size_t kWideText = 32;   // bytes up to which a text without line ends stays in one
constexpr std::size_t kLongText = 300;  // bytes from which a text scrolls in a box of its own

struct Column {
  const bourse_field* field;
  const bourse_array* array;
  Style style;
  bool heads_row;  ///< its cells are the heads of their rows
};

bool is_number(bourse_type type) {
  return type == BOURSE_TYPE_I64 || type == BOURSE_TYPE_F64 || type == BOURSE_TYPE_DECIMAL;
}

std::vector<Column> columns_of(TableView table, std::size_t rows) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < table.columns(); ++i) {
    const bourse_field& field = table.field(i);
    const bool named = i == 0 && (field.type == BOURSE_TYPE_TEXT || field.type == BOURSE_TYPE_TIME);
    columns.push_back({&field, &table.array(i), Style::of(field, table.array(i), rows),
                       named && table.columns() > 1});
  }
  return columns;
}

bool may_wrap(std::string_view text) {
  return text.size() > kWideText || text.find_first_of("\n\r\t") != std::string_view::npos;
}

void append_label(BlockBuffer& out, const bourse_field& field) {
  if (view(field.label).empty()) return append_text(out, humanised(view(field.name)));
  append_isolated(out, view(field.label));
}

void append_unit(BlockBuffer& out, std::string_view unit) {
  if (unit.empty()) return;
  out.append(" <span class=\"unit\">");
  append_isolated(out, unit);
  out.append("</span>");
}

void append_head(BlockBuffer& out, const bourse_field& field) {
  out.append("<th scope=\"col\" data-field=\"");
  out.append(view(field.name));
  out.append("\" data-type=\"");
  out.append(type_name(field.type));
  const bool wide = view(field.label).size() > 2 * kWideText || view(field.name).size() > kWideText;
  out.append(is_number(field.type) ? (wide ? "\" class=\"w\">" : "\">")
                                   : (wide ? "\" class=\"s w\">" : "\" class=\"s\">"));
  append_label(out, field);
  append_unit(out, unit_of(field));
  out.append("</th>");
}

void append_text_cell(BlockBuffer& out, std::string_view text) {
  const bool is_long = text.size() > kLongText;
  if (is_long) out.append("<div class=\"long\" tabindex=\"0\">");
  append_isolated(out, text);
  if (is_long) out.append("</div>");
}

void append_cell(BlockBuffer& out, const Column& column, std::size_t row) {
  const bourse_value v = TableView::cell_of(*column.field, *column.array, row);
  const bool is_text = v.type == BOURSE_TYPE_TEXT;
  const bool wraps = is_text && may_wrap(view(v.as.text));
  std::string_view start = "<td>";
  if (column.heads_row) {
    start = wraps ? "<th scope=\"row\" class=\"w\">" : "<th scope=\"row\">";
  } else if (is_text || v.type == BOURSE_TYPE_BOOL) {
    start = wraps ? "<td class=\"s w\">" : "<td class=\"s\">";
  }
  out.append(start);
  if (is_text) {
    append_text_cell(out, view(v.as.text));
  } else if (is_shown(v)) {
    append_value(out, v, *column.field, column.style);
  } else {
    out.append("<span class=\"none\">&ndash;</span>");
  }
  out.append(column.heads_row ? "</th>" : "</td>");
}

void append_rows_of(BlockBuffer& out, std::size_t rows) {
  append_count(out, rows);
  out.append(rows == 1 ? " row" : " rows");
}

void append_caption(BlockBuffer& out, TableView table, std::size_t shown) {
  out.append("<caption>");
  if (shown == table.rows()) {
    append_rows_of(out, shown);
    return out.append("</caption>");
  }
  const auto more = static_cast<std::int64_t>(std::min(table.rows(), kRowsMax));
  out.append("<strong>The first ");
  append_count(out, shown);
  out.append(" of ");
  append_rows_of(out, table.rows());
  out.append(".</strong> For more, add <code>rows=");
  append_integer(out, more);
  out.append(
      "</code> to the address, or ask for another format. <a class=\"more\" hidden "
      "href=\"#\" data-rows=\"");
  append_integer(out, more);
  out.append("\">Show more rows</a></caption>");
}

}  // namespace

void append_table(BlockBuffer& out, TableView table, std::size_t rows_max) {
  const std::size_t shown = std::min(table.rows(), rows_max);
  const std::vector<Column> columns = columns_of(table, shown);
  const std::string id = "table-" + std::string(table.name());
  out.append("<div class=\"table\">\n<h3 id=\"" + id + "\">");
  if (table.label().empty()) {
    append_text(out, humanised(table.name()));
  } else {
    append_isolated(out, table.label());
  }
  out.append("</h3>\n<section class=\"scroll\" tabindex=\"0\" aria-labelledby=\"" + id +
             "\">\n<table data-table=\"");
  out.append(table.name());
  out.append("\">\n");
  append_caption(out, table, shown);
  out.append("\n<thead>\n<tr>");
  for (const Column& column : columns) append_head(out, *column.field);
  out.append("</tr>\n</thead>\n<tbody>\n");
  for (std::size_t row = 0; row < shown; ++row) {
    out.append("<tr>");
    for (const Column& column : columns) append_cell(out, column, row);
    out.append("</tr>\n");
  }
  out.append("</tbody>\n</table>\n</section>\n</div>\n");
}

}  // namespace bourse::html
