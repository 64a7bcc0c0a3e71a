// SPDX-License-Identifier: MIT
#include "host/cli/report_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "bourse/view.hpp"
#include "host/base/utf8.hpp"
#include "host/parameters/value.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kCellCharactersMax = 200;
constexpr std::size_t kNoteCharactersMax = 1000;

std::string shown(const bourse_value& value) {
  return printable(Value::copy(value).canonical(), kCellCharactersMax);
}

std::string cell_of(const bourse_field& field, const bourse_array& column, std::uint64_t row) {
  const bourse_value value = TableView::cell_of(field, column, row);
  return value.type == BOURSE_TYPE_NULL ? "-" : shown(value);
}

bool is_number(bourse_type type) {
  return type == BOURSE_TYPE_I64 || type == BOURSE_TYPE_F64 || type == BOURSE_TYPE_DECIMAL;
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

struct TextColumn {
  std::vector<std::string> cells = {};  ///< the first is its head
  bool right = false;
  [[nodiscard]] std::size_t width() const {
    std::size_t width = 0;
    for (const std::string& cell : cells) width = std::max(width, characters_in(cell));
    return width;
  }
};

std::string lines_of(const std::vector<TextColumn>& columns) {
  std::vector<std::size_t> widths;
  for (const TextColumn& column : columns) widths.push_back(column.width());
  std::string text;
  for (std::size_t row = 0; !columns.empty() && row < columns[0].cells.size(); ++row) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string& cell = columns[i].cells[row];
      const std::string blanks(widths[i] - characters_in(cell), ' ');
      line += "  " + (columns[i].right ? blanks + cell : cell + blanks);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

/// "Rows kept [s]", or the name where it has no label.
std::string head_of(const bourse_field& field) {
  const bool labelled = field.label != nullptr && *field.label != '\0';
  std::string head = printable(labelled ? field.label : field.name, kCellCharactersMax);
  // A unit such as "{quote}" stands for what the report's meta says, and is left to the formats.
  if (field.unit != nullptr && *field.unit != '\0' && *field.unit != '{') {
    head += " [" + printable(field.unit) + "]";
  }
  return head;
}

std::string text_of(const bourse_table& table) {
  std::vector<TextColumn> columns;
  for (std::size_t i = 0; i < table.n_fields; ++i) {
    const bourse_field& field = *table.fields[i];
    TextColumn column{.cells = {head_of(field)}, .right = is_number(field.type)};
    for (std::uint64_t row = 0; row < table.n_rows; ++row) {
      column.cells.push_back(cell_of(field, table.columns[i], row));
    }
    columns.push_back(std::move(column));
  }
  const bool labelled = table.label != nullptr && *table.label != '\0';
  std::string text = "\n" + printable(labelled ? table.label : table.name, kCellCharactersMax);
  text += table.n_rows == 0 ? ": no rows\n" : "\n" + lines_of(columns);
  return text;
}

std::string text_of_scalars(const bourse_report& report) {
  TextColumn names;
  TextColumn values;
  for (std::size_t i = 0; i < report.n_scalars; ++i) {
    const bourse_scalar& scalar = *report.scalars[i];
    names.cells.push_back(head_of(*scalar.field));
    values.cells.push_back(scalar.value.type == BOURSE_TYPE_NULL ? "-" : shown(scalar.value));
  }
  return lines_of({names, values});
}

const char* word_of(std::int32_t level) {
  if (level >= BOURSE_LEVEL_ERROR) return "error: ";
  return level >= BOURSE_LEVEL_WARN ? "warning: " : "";
}

}  // namespace

std::string report_text(const bourse_report& report) {
  std::string text = printable({report.title.ptr, report.title.len}, kCellCharactersMax) + "\n";
  text += text_of_scalars(report);
  for (std::size_t i = 0; i < report.n_tables; ++i) text += text_of(*report.tables[i]);
  if (report.n_notes > 0) text += "\n";
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    const bourse_note& note = *report.notes[i];
    text += word_of(note.level) + printable({note.text.ptr, note.text.len}, kNoteCharactersMax) +
            " [" + printable({note.code.ptr, note.code.len}) + "]\n";
  }
  return text;
}

}  // namespace bourse::host
