// SPDX-License-Identifier: MIT
#include "plugins/serializers/text/text_report.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/render.hpp"
#include "bourse/words.hpp"
#include "plugins/serializers/charting/columns.hpp"
#include "plugins/serializers/charting/format.hpp"
#include "plugins/serializers/charting/text.hpp"
#include "plugins/serializers/text/cells.hpp"

namespace bourse::text {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kCellMax = 60;  // in a table, where there is no other bound
constexpr std::size_t kTextBytesMax = 2048;

// Select Graphic Rendition of ECMA-48, 8.3.117.
constexpr std::string_view kBold = "\x1B[1m", kDim = "\x1B[2m", kYellow = "\x1B[33m",
                           kRed = "\x1B[31m", kPlain = "\x1B[0m";

bool is_number(bourse_type type) {
  return type == BOURSE_TYPE_I64 || type == BOURSE_TYPE_F64 || type == BOURSE_TYPE_DECIMAL;
}

/// Exact numbers with equally many decimals: zeros at the end were left out one by one.
void align_decimals(std::vector<std::string>& cells) {
  const auto decimals_of = [](const std::string& cell) -> std::size_t {
    const std::size_t point = cell.find('.');
    return point == std::string::npos ? 0 : cell.size() - point - 1;
  };
  std::size_t most = 0;
  for (const std::string& cell : cells) most = std::max(most, decimals_of(cell));
  if (most == 0) return;
  for (std::string& cell : cells) {
    if (cell.empty() || cell.back() < '0' || cell.back() > '9') continue;  // no number: "–"
    const std::size_t have = decimals_of(cell);
    if (have == 0) cell += '.';
    cell.append(most - have, '0');
  }
}

struct Column {
  std::string head;
  std::vector<std::string> cells;
  bool right = false;  ///< numbers stand at the right
  std::size_t width = 0;
};

class Writer {
 public:
  Writer(ReportView report, const Options& options, BlockBuffer& out)
      : report_(report), options_(options), out_(out) {}

  void write() {
    const std::string title = charting::clean_text(report_.title(), kTextBytesMax);
    if (!title.empty()) line(styled(fit(title), kBold));
    if (report_.as_of().ns != 0) {
      line(styled(fit("as of " + charting::value_text(value(report_.as_of()))), kDim));
    }
    notes();
    figures();
    for (std::size_t i = 0; i < report_.tables(); ++i) table(report_.table(i));
    out_.flush();
  }

 private:
  void line(std::string_view text) {
    out_.append(text);
    out_.put('\n');
  }
  [[nodiscard]] std::string styled(std::string text, std::string_view style) const {
    if (!options_.color || text.empty()) return text;
    return std::string(style).append(text).append(kPlain);
  }
  [[nodiscard]] std::string fit(std::string_view text) const {
    return options_.width == 0 ? std::string(text) : fitted(text, options_.width);
  }

  void note(std::int32_t level, std::string_view text) {
    const std::string_view style = level >= BOURSE_LEVEL_ERROR  ? kRed
                                   : level >= BOURSE_LEVEL_WARN ? kYellow
                                                                : std::string_view();
    const std::string whole =
        std::string(level_name(level)) + ": " + charting::clean_text(text, kTextBytesMax);
    const std::string lines = wrapped(whole, options_.width, "  ");
    line(style.empty() ? lines : styled(lines, style));
  }
  void notes() {
    const NotFinite not_finite(report_);
    for (const bourse_note* n : report_.notes()) note(n->level, view(n->text));
    if (const auto text = not_finite.text()) note(NotFinite::kLevel, *text);
  }

  void figures() {
    std::vector<std::pair<std::string, std::string>> lines;
    std::size_t width = 0;
    for (const bourse_scalar* scalar : report_.scalars()) {
      const bourse_field& field = *scalar->field;
      std::string shown = charting::value_text(scalar->value, field);
      const std::string unit = charting::clean_text(charting::unit_beside(field), 256);
      if (!unit.empty() && scalar->value.type != BOURSE_TYPE_NULL) shown += " " + unit;
      lines.emplace_back(charting::label_of(field), std::move(shown));
      width = std::max(width, cells_of(lines.back().first));
    }
    if (lines.empty()) return;
    line("");
    if (options_.width != 0) width = std::min(width, options_.width / 2);
    for (const auto& [label, shown] : lines) {
      const std::string name = padded(fitted(label, std::max<std::size_t>(width, 1)), width, false);
      const std::size_t left = options_.width > width + kGap ? options_.width - width - kGap : 1;
      line(styled(name, kDim) + std::string(kGap, ' ') +
           (options_.width == 0 ? shown : fitted(shown, left)));
    }
  }

  [[nodiscard]] std::vector<Column> columns_of(TableView table, std::size_t rows) const {
    // Beside the first column there is room for another. Numbers are never cut.
    std::size_t most = kCellMax;
    if (options_.width != 0) most = std::min(most, (options_.width - kGap) / 2);
    std::vector<Column> columns;
    for (std::size_t i = 0; i < table.columns(); ++i) {
      Column column{.head = fitted(charting::field_title(table.field(i)), most),
                    .cells = charting::column_texts(table, i, rows),
                    .right = is_number(table.field(i).type)};
      if (table.field(i).type == BOURSE_TYPE_DECIMAL) align_decimals(column.cells);
      column.width = cells_of(column.head);
      for (std::string& cell : column.cells) {
        if (!column.right) cell = fitted(cell, most);
        column.width = std::max(column.width, cells_of(cell));
      }
      columns.push_back(std::move(column));
    }
    return columns;
  }
  /// The columns from `first` that fit beside the first one: one more at least.
  [[nodiscard]] std::size_t end_of_part(const std::vector<Column>& columns,
                                        std::size_t first) const {
    if (options_.width == 0) return columns.size();
    std::size_t width = first == 0 ? 0 : columns[0].width, end = first;
    while (end < columns.size()) {
      const std::size_t with = width + (width == 0 ? 0 : kGap) + columns[end].width;
      if (end > first && with > options_.width) break;
      width = with;
      ++end;
    }
    return end;
  }
  void part(const std::vector<Column>& columns, const std::vector<std::size_t>& shown,
            std::size_t rows) {
    const auto row = [&](const auto& cell_of) {
      std::string text;
      for (const std::size_t i : shown) {
        if (!text.empty()) text.append(kGap, ' ');
        text += padded(cell_of(columns[i]), columns[i].width, columns[i].right);
      }
      text.erase(text.find_last_not_of(' ') + 1);
      return text;
    };
    line(styled(row([](const Column& c) { return c.head; }), kDim));
    for (std::size_t i = 0; i < rows; ++i) line(row([&](const Column& c) { return c.cells[i]; }));
  }
  void table(TableView table) {
    const std::string_view label = table.label().empty() ? table.name() : table.label();
    line("");
    line(styled(fit(charting::clean_text(label, kTextBytesMax)), kBold));
    if (table.rows() == 0) return line("no rows");
    const std::size_t rows = std::min(table.rows(), options_.rows_max);
    const std::vector<Column> columns = columns_of(table, rows);
    for (std::size_t first = 0; first < columns.size();) {
      const std::size_t end = end_of_part(columns, first);
      std::vector<std::size_t> shown;
      if (first > 0) shown.push_back(0);  // what a row is about stands in every part
      for (std::size_t i = first; i < end; ++i) shown.push_back(i);
      if (first > 0) line("");
      part(columns, shown, rows);
      first = end;
    }
    if (rows < table.rows()) {
      line(styled(fit("and " + counted(table.rows() - rows, "more row") +
                      "; rows=" + std::to_string(table.rows()) + " shows all"),
                  kDim));
    }
  }

  ReportView report_;
  const Options& options_;
  BlockBuffer& out_;
};

}  // namespace

void write_report(ReportView report, const Options& options, BlockBuffer& out) {
  Writer(report, options, out).write();
}

}  // namespace bourse::text
