// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "bourse/report.hpp"
#include "bourse/words.hpp"
#include "plugins/serializers/charting/columns.hpp"
#include "plugins/serializers/charting/format.hpp"
#include "plugins/serializers/charting/heading.hpp"

namespace bourse::charting {
namespace {

constexpr Ink kText{Role::kText}, kMuted{Role::kMuted}, kGrid{Role::kGrid}, kFrame{Role::kFrame};

struct Figure {
  std::string label, value;
};

std::vector<Figure> figures_of(const bourse_report& report, std::size_t most) {
  std::vector<Figure> out;
  for (std::size_t i = 0; i < report.n_scalars && out.size() < most; ++i) {
    const bourse_scalar& scalar = *report.scalars[i];
    const std::string unit = clean_text(unit_beside(*scalar.field), 32);
    std::string value = value_text(scalar.value, *scalar.field);
    if (!unit.empty() && scalar.value.type != BOURSE_TYPE_NULL) value += " " + unit;
    out.push_back({label_of(*scalar.field), std::move(value)});
  }
  return out;
}

/// Label over value, in as many columns as fit. Returns what is left of the frame.
Rect draw_figures(Canvas& canvas, const Style& style, const bourse_report& report, Rect frame) {
  const double cell_height = style.line * 2 + style.gap * 1.4;
  const double cell_width_min = 18.5 * style.font.size;
  const auto columns = static_cast<std::size_t>(std::max(1.0, frame.width / cell_width_min));
  // Where tables follow, they get half of the frame.
  const double share = report.n_tables > 0 ? 0.5 : 1.0;
  const auto rows = static_cast<std::size_t>(std::max(0.0, frame.height * share / cell_height));
  const auto figures = figures_of(report, columns * rows);
  const double width = frame.width / static_cast<double>(columns);
  const Font value_font{style.font.size * 1.25, Weight::kBold};
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const double x = frame.x + width * static_cast<double>(i % columns);
    const double y = frame.y + cell_height * static_cast<double>(i / columns);
    canvas.text(figures[i].label, style.font, kMuted,
                {x, Canvas::baseline(y + style.line / 2, style.font)}, Anchor::kStart,
                width - style.gap);
    canvas.text(figures[i].value, value_font, kText,
                {x, Canvas::baseline(y + style.line * 1.5, value_font)}, Anchor::kStart,
                width - style.gap);
  }
  const double used =
      cell_height * std::ceil(static_cast<double>(figures.size()) / static_cast<double>(columns));
  return {frame.x, frame.y + used, frame.width, frame.height - used};
}

bool is_number(bourse_type type) {
  return type == BOURSE_TYPE_I64 || type == BOURSE_TYPE_F64 || type == BOURSE_TYPE_DECIMAL;
}

struct Column {
  std::string title;
  std::vector<std::string> cells;
  bool right = false;  ///< numbers stand at the right
  double width = 0;
};

std::vector<Column> columns_of(TableView table, std::size_t rows, const Style& style,
                               double width_left) {
  std::vector<Column> out;
  for (std::size_t c = 0; c < table.columns(); ++c) {
    Column column{field_title(table.field(c)), {}, is_number(table.field(c).type), 0};
    column.width = text_width(column.title, style.strong);
    column.cells = column_texts(table, c, rows);
    for (const std::string& cell : column.cells) {
      column.width = std::max(column.width, text_width(cell, style.font));
    }
    column.width = std::min(column.width, 24 * style.font.size);
    if (column.width > width_left && !out.empty()) break;
    column.width = std::min(column.width, width_left);
    width_left -= column.width + 2 * style.gap;
    out.push_back(std::move(column));
    if (width_left <= 0) break;
  }
  return out;
}

/// Returns what is left of the frame.
Rect draw_table(Canvas& canvas, const Style& style, const bourse_table& wire, Rect frame) {
  const TableView table(wire);
  const std::string title =
      clean_text(view(view(wire.label).empty() ? wire.name : wire.label), 256);
  const double row_height = style.line * 1.15;
  const auto lines = static_cast<std::size_t>(std::max(0.0, frame.height / row_height));
  if (lines < 4) return {frame.x, frame.bottom(), frame.width, 0};
  const std::size_t rows = std::min(table.rows(), lines - 3);
  double y = frame.y;
  const auto line = [&](double x, std::string_view text, Font font, Ink ink, Anchor anchor,
                        double room) {
    canvas.text(text, font, ink, {x, Canvas::baseline(y + row_height / 2, font)}, anchor, room);
  };
  line(frame.x, title, style.strong, kText, Anchor::kStart, frame.width);
  y += row_height;
  const auto columns = columns_of(table, rows, style, frame.width);
  for (std::size_t row = 0; row <= rows; ++row) {  // the first line names the columns
    double x = frame.x;
    for (const Column& column : columns) {
      const double at = column.right ? x + column.width : x;
      line(at, row == 0 ? column.title : column.cells[row - 1], style.font,
           row == 0 ? kMuted : kText, column.right ? Anchor::kEnd : Anchor::kStart, column.width);
      x += column.width + 2 * style.gap;
    }
    y += row_height;
    canvas.horizontal(row == 0 ? kFrame : kGrid, frame.x, x - 2 * style.gap, y);
  }
  std::string rest;
  if (rows < table.rows()) rest = counted(table.rows() - rows, "more row");
  if (columns.size() < table.columns()) {
    if (!rest.empty()) rest += ", ";
    rest += counted(table.columns() - columns.size(), "more column");
  }
  line(frame.x, table.rows() == 0 ? "no rows" : rest, style.font, kMuted, Anchor::kStart,
       frame.width);
  y += row_height + style.gap;
  return {frame.x, y, frame.width, frame.bottom() - y};
}

}  // namespace

void draw_card(Canvas& canvas, const Style& style, const bourse_report& report, Rect frame) {
  canvas.clip(std::nullopt);
  Rect left = draw_figures(canvas, style, report, frame);
  for (std::size_t i = 0; i < report.n_tables && !left.empty(); ++i) {
    left = draw_table(canvas, style, *report.tables[i], left);
  }
}

}  // namespace bourse::charting
