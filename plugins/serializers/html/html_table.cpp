// SPDX-License-Identifier: MIT
//
// Most cells are numbers, so a cell without a class is one; the style sheet sets it right-aligned.
#include "plugins/serializers/html/html_table.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "bourse/render.hpp"
#include "plugins/serializers/html/html_text.hpp"
#include "plugins/serializers/html/html_value.hpp"

namespace bourse::html {
namespace {

constexpr std::size_t kWideText = 32;   // bytes up to which a text without line ends stays in one
constexpr std::size_t kLongText = 300;  // bytes from which a text scrolls in a box of its own

bool is_number(bourse_type type) {
  return type == BOURSE_TYPE_I64 || type == BOURSE_TYPE_F64 || type == BOURSE_TYPE_DECIMAL;
}

/// Whether the first column is a time and does not fall.
bool is_by_time(TableView table) {
  if (table.columns() == 0 || table.rows() == 0) return false;
  if (table.field(0).type != BOURSE_TYPE_TIME) return false;
  const auto first = TableView::cell_of(table.field(0), table.array(0), 0);
  const auto last = TableView::cell_of(table.field(0), table.array(0), table.rows() - 1);
  return first.type == BOURSE_TYPE_TIME && last.type == BOURSE_TYPE_TIME &&
         first.as.i64 < last.as.i64;
}

RowRange rows_of(TableView table, std::size_t most, bool is_turned) {
  const std::size_t count = std::min(table.rows(), most);
  return {is_turned ? table.rows() - count : 0, count};
}

/// Room that a text needs, in widths of a digit; more than fits all usual fonts.
double width_of(std::string_view text) {
  double width = 0;
  for (const char c : text) {
    if (c == 'W' || c == 'M' || c == 'm' || c == 'w' || c == '%' || c == '@') {
      width += 1.75;
    } else if (c >= 'A' && c <= 'Z') {
      width += 1.32;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80) {
      width += static_cast<unsigned char>(c) < 0x80 ? 1.05 : 2;
    }
  }
  return width;
}

/// Of the longest word: between words a head may break.
double width_of_word(std::string_view text) {
  double most = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    most = std::max(most, width_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return most;
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

void append_rows_of(BlockBuffer& out, std::size_t rows) {
  append_count(out, rows);
  out.append(rows == 1 ? " row" : " rows");
}

}  // namespace

Table::Table(TableView table, TableOptions options)
    : table_(table),
      options_(options),
      is_turned_(options.newest_first && is_by_time(table)),
      rows_(rows_of(table, options.rows_max, is_turned_)) {
  columns_.reserve(table.columns());
  for (std::size_t i = 0; i < table.columns(); ++i) {
    const bourse_field& field = table.field(i);
    const bool named = i == 0 && (field.type == BOURSE_TYPE_TEXT || field.type == BOURSE_TYPE_TIME);
    columns_.push_back({&field, &table.array(i),
                        Style::of(field, table.array(i), rows_, options.all_digits),
                        named && table.columns() > 1});
  }
}

std::size_t Table::characters_of(const Column& column) const {
  constexpr double kBold = 1.1, kArrow = 2.4;  // of a head, and of what tells its order
  constexpr double kTextMost = 40, kPadding = 3.2;
  const bourse_field& field = *column.field;
  const std::string name =
      view(field.label).empty() ? humanised(view(field.name)) : std::string(view(field.label));
  double width = std::min(kBold * width_of_word(name) + kArrow, kTextMost);
  width = std::max(width, std::min(width_of_word(unit_of(field)), kTextMost));
  if (field.type == BOURSE_TYPE_TEXT || field.format != nullptr || options_.all_digits) {
    double longest = 0;
    for (std::size_t row = rows_.first; row < rows_.first + rows_.count; ++row) {
      const bourse_value v = TableView::cell_of(field, *column.array, row);
      if (v.type == BOURSE_TYPE_TEXT) longest = std::max(longest, width_of(view(v.as.text)));
    }
    constexpr double kExactReal = 24;
    if (field.type != BOURSE_TYPE_TEXT) longest = kExactReal;
    width = std::max(width, std::min(longest, kTextMost));
  } else if (field.type == BOURSE_TYPE_TIME) {
    width = std::max(width, static_cast<double>(column.style.time));
  }
  width = std::max(width, static_cast<double>(column.style.width));
  return static_cast<std::size_t>(std::ceil(width + kPadding));
}

std::string Table::widths() const {
  if (!is_long()) return {};
  std::string rule = "[data-table=\"" + std::string(table_.name()) + "\"]{--c:";
  for (const Column& column : columns_) rule += std::to_string(characters_of(column)) + "ch ";
  rule.back() = '}';
  return rule + "\n";
}

void Table::append(BlockBuffer& out) const {
  const std::string id = "table-" + std::string(table_.name());
  out.append("<div class=\"table\">\n<h3 id=\"" + id + "\">");
  if (table_.label().empty()) {
    append_text(out, humanised(table_.name()));
  } else {
    append_isolated(out, table_.label());
  }
  out.append("</h3>\n<section class=\"scroll\" tabindex=\"0\" aria-labelledby=\"" + id +
             "\">\n<table data-table=\"");
  out.append(table_.name());
  if (is_long()) {
    // Of what is not laid out not all readers know how much it is.
    out.append("\" class=\"many\" aria-rowcount=\"");
    append_integer(out, static_cast<std::int64_t>(rows_.count) + 1);
  }
  out.append("\">\n");
  append_caption(out);
  out.append("\n<thead>\n<tr>");
  for (const Column& column : columns_) append_head(out, *column.field);
  out.append("</tr>\n</thead>\n<tbody>\n");
  append_rows(out);
  out.append("</tbody>\n</table>\n</section>\n</div>\n");
}

void Table::append_caption(BlockBuffer& out) const {
  out.append("<caption>");
  if (rows_.count == table_.rows()) {
    append_rows_of(out, rows_.count);
    if (is_turned_) out.append(", the newest first");
    return out.append("</caption>");
  }
  const auto more = static_cast<std::int64_t>(std::min(table_.rows(), kRowsMax));
  out.append(is_turned_ ? "<strong>The newest " : "<strong>The first ");
  append_count(out, rows_.count);
  out.append(" of ");
  append_rows_of(out, table_.rows());
  out.append(".</strong> For more, add <code>rows=");
  append_integer(out, more);
  out.append(
      "</code> to the address, or ask for another format. <a class=\"more\" hidden "
      "href=\"#\" data-rows=\"");
  append_integer(out, more);
  out.append("\">Show more rows</a></caption>");
}

/// Ends of cells are left out, as HTML allows: they would be a quarter of the page.
void Table::append_rows(BlockBuffer& out) const {
  for (std::size_t i = 0; i < rows_.count; ++i) {
    if (i != 0 && is_long() && i % kGroup == 0) out.append("</tbody>\n<tbody>\n");
    const std::size_t row = is_turned_ ? rows_.first + rows_.count - 1 - i : rows_.first + i;
    out.append("<tr>");
    for (const Column& column : columns_) append_cell(out, column, row);
    out.append("</tr>\n");
  }
}

void Table::append_cell(BlockBuffer& out, const Column& column, std::size_t row) {
  const bourse_value v = TableView::cell_of(*column.field, *column.array, row);
  const bool is_text = v.type == BOURSE_TYPE_TEXT;
  const bool wraps = is_text && may_wrap(view(v.as.text));
  out.append(column.heads_row ? "<th scope=row" : "<td");
  if (!is_shown(v)) return out.append(" class=none>&ndash;");
  if (column.heads_row) {
    if (wraps) out.append(" class=w");
  } else if (is_text || v.type == BOURSE_TYPE_BOOL) {
    out.append(wraps ? " class=\"s w\"" : " class=s");
  }
  out.put('>');
  if (is_text) {
    append_text_cell(out, view(v.as.text));
  } else {
    append_value(out, v, *column.field, column.style);
  }
}

}  // namespace bourse::html
