// SPDX-License-Identifier: MIT
#include "host/validate/printed.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "bourse/view.hpp"
#include "host/base/utf8.hpp"
#include "host/parameters/value.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::size_t kShownMax = 80;

std::string_view text_of(bourse_str text) {
  return text.len == 0 ? std::string_view() : std::string_view(text.ptr, text.len);
}

std::string text_of_real(double real) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%a", real);
  return text.data();
}

std::string whole(std::string_view text) { return printable(text, text.size() + 1); }

std::string text_of(const bourse_value& value) {
  if (value.type == BOURSE_TYPE_NULL) return "null";
  if (value.type == BOURSE_TYPE_F64) return text_of_real(value.as.f64);
  return whole(Value::copy(value).canonical());
}

std::string text_of(const char* text) { return text == nullptr ? "-" : whole(text); }

std::string text_of(const bourse_field& field) {
  return std::string(field.name) + " (type " + std::to_string(field.type) + ", scale " +
         std::to_string(field.scale) + ", flags " + std::to_string(field.flags) + ", " +
         text_of(field.label) + ", " + text_of(field.unit) + ", " + text_of(field.doc) + ", " +
         text_of(field.format) + ")";
}

void print_table(const bourse_table& table, std::string& out) {
  const std::string name = std::string("table ") + table.name;
  out += name + ": label " + text_of(table.label) + ", " + std::to_string(table.n_rows) + " rows\n";
  for (std::size_t i = 0; i < table.n_fields; ++i) {
    const bourse_field& field = *table.fields[i];
    const std::string column = name + ", column " + field.name;
    out += column + ": " + text_of(field) + "\n";
    for (std::size_t row = 0; row < table.n_rows; ++row) {
      out += column + ", row " + std::to_string(row) + ": ";
      out += text_of(TableView::cell_of(field, table.columns[i], row));
      out += '\n';
    }
  }
}

void print_chart(const bourse_chart& chart, std::string& out) {
  const std::string name = std::string("chart ") + chart.name;
  out += name + ": kind " + std::to_string(chart.kind) + ", flags " + std::to_string(chart.flags) +
         ", axis " + std::to_string(chart.axis) + ", " + text_of(chart.title) + ", table " +
         chart.table + ", pane " + text_of(chart.pane) + "\n";
  for (std::size_t i = 0; i < chart.n_channels; ++i) {
    const bourse_channel& channel = *chart.channels[i];
    out += name + ", channel " + std::to_string(i + 1) + ": role " + std::to_string(channel.role) +
           ", " + channel.field + ", " + text_of(channel.label) + "\n";
  }
  for (std::size_t i = 0; i < chart.n_levels; ++i) {
    out += name + ", level " + std::to_string(i + 1) + ": " + text_of_real(chart.levels[i]) + "\n";
  }
  for (std::size_t i = 0; i < chart.n_guides; ++i) {
    out += name + ", guide " + std::to_string(i + 1) + ": " + text_of(chart.guides[i]) + "\n";
  }
  if (chart.range != nullptr) {
    out += name + ", range: " + text_of_real(chart.range[0]) + " to " +
           text_of_real(chart.range[1]) + "\n";
  }
}

std::string_view line_at(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return "";
  const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

std::string shown(std::string_view text) {
  if (text.empty()) return "nothing";
  return text.size() <= kShownMax ? std::string(text)
                                  : repair_utf8(text.substr(0, kShownMax)) + "...";
}

/// What stands there, with a little of what is before.
std::string around(std::string_view text, std::size_t offset) {
  constexpr std::size_t kBefore = 30;
  const std::size_t begin = offset < kBefore ? 0 : offset - kBefore;
  return begin >= text.size() ? "nothing" : in_quotes(text.substr(begin, kShownMax), kShownMax);
}

}  // namespace

std::string printed(const bourse_report& report) {
  std::string out = "title: " + whole(text_of(report.title)) + "\n";
  out += "as_of: " + std::to_string(report.as_of) + "\n";
  for (std::size_t i = 0; i < report.n_meta; ++i) {
    const bourse_meta& meta = *report.meta[i];
    out += "meta " + std::string(text_of(meta.key)) + ": " + text_of(meta.value) + "\n";
  }
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    const bourse_note& note = *report.notes[i];
    out += "note " + std::string(text_of(note.code)) + ": level " + std::to_string(note.level) +
           ", " + whole(text_of(note.text)) + "\n";
  }
  for (std::size_t i = 0; i < report.n_scalars; ++i) {
    const bourse_scalar& scalar = *report.scalars[i];
    out += "scalar " + text_of(*scalar.field) + ": " + text_of(scalar.value) + "\n";
  }
  for (std::size_t i = 0; i < report.n_tables; ++i) print_table(*report.tables[i], out);
  for (std::size_t i = 0; i < report.n_charts; ++i) print_chart(*report.charts[i], out);
  return out;
}

std::string first_difference(std::string_view one, std::string_view other) {
  if (one == other) return {};
  const auto ends = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  const auto offset = static_cast<std::size_t>(ends.first - one.begin());
  const std::string_view first = line_at(one, offset);
  const std::string_view second = line_at(other, offset);
  const std::size_t colon = first.find(": ");
  if (colon == std::string_view::npos || second.substr(0, colon) != first.substr(0, colon)) {
    return "at byte " + std::to_string(offset) + " " + around(one, offset) + ", and then " +
           around(other, offset);
  }
  return std::string(first.substr(0, colon)) + ": " + shown(first.substr(colon + 2)) +
         ", and then " + shown(second.substr(colon + 2));
}

}  // namespace bourse::host::validate
