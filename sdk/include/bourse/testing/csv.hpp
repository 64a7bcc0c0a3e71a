// SPDX-License-Identifier: MIT
//
// testing/csv.hpp - columns out of a file, as `bourse record` writes it. Part of
// bourse/testing.hpp.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/testing/values.hpp"

namespace bourse::inline sdk_0_1::testing {

namespace inside {

inline std::string read_file(const std::string& file) {
  std::FILE* const in = std::fopen(file.c_str(), "rb");
  if (in == nullptr) throw Mistake("cannot read " + file);
  std::string text;
  char block[1 << 16];
  while (const std::size_t n = std::fread(block, 1, sizeof block, in)) text.append(block, n);
  std::fclose(in);
  return text;
}

/// The lines of a CSV text (RFC 4180), each as its fields.
class CsvLines {
 public:
  CsvLines(std::string_view text, std::string file) : rest_(text), file_(std::move(file)) {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::vector<std::string> next() {
    std::vector<std::string> fields;
    do {
      fields.push_back(field());
    } while (accept(','));
    accept('\r');
    if (!accept('\n') && !rest_.empty()) {
      throw Mistake(file_ + ": something stands between a quotation mark and the next comma");
    }
    return fields;
  }

 private:
  bool accept(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string field() {
    std::string out;
    if (!accept('"')) {
      out = rest_.substr(0, rest_.find_first_of(",\r\n"));
      rest_.remove_prefix(out.size());
      return out;
    }
    while (!rest_.empty()) {
      if (accept('"') && !accept_second(out)) return out;
      if (rest_.empty()) break;
      if (rest_.front() == '"') continue;
      out += rest_.front();
      rest_.remove_prefix(1);
    }
    throw Mistake(file_ + ": a quotation mark is not closed");
  }
  bool accept_second(std::string& out) {
    if (!accept('"')) return false;
    out += '"';
    return true;
  }
  std::string_view rest_;
  std::string file_;
};

/// The first of these types that all the texts have, spelled so that nothing of them is lost.
inline bourse_type type_of(const Cells& texts) {
  for (const bourse_type type : {BOURSE_TYPE_I64, BOURSE_TYPE_DECIMAL, BOURSE_TYPE_F64,
                                 BOURSE_TYPE_TIME, BOURSE_TYPE_BOOL}) {
    bool all = true;
    for (const Cell& text : texts) {
      if (text.is_null()) continue;
      try {
        const Cell cell = text.as(type);
        const std::string& spelled = text.text();
        const std::size_t zero = spelled.find_first_not_of('-');
        const bool padded = spelled.size() > zero + 1 && spelled[zero] == '0' &&
                            detail::is_digit(spelled[zero + 1]);  // 007 is a name, not a number
        const bool many = type == BOURSE_TYPE_F64 || type == BOURSE_TYPE_TIME;  // spellings of it
        all = many ? !padded : cell.shown() == spelled;
      } catch (const Mistake&) {
        all = false;
      }
      if (!all) break;
    }
    if (all) return type;
  }
  return BOURSE_TYPE_TEXT;
}

}  // namespace inside

/// The columns of a CSV file whose first line has their names. An empty cell is null. With a
/// dataset (market.h has the well-known ones) its columns are of the types that it declares; others
/// are of the first of integer, decimal, real, time, boolean and text that all cells are. Times are
/// RFC 3339 or, where they are declared, whole ns since 1970. Throws Mistake.
inline std::vector<Column> csv(const std::string& file, const bourse_dataset* dataset = nullptr) {
  const std::string text = inside::read_file(file);
  inside::CsvLines lines(text, file);
  if (lines.done()) throw Mistake(file + " is empty: its first line has the columns' names");
  const std::vector<std::string> names = lines.next();
  std::vector<Cells> cells(names.size());
  for (std::size_t line = 2; !lines.done(); ++line) {
    std::vector<std::string> fields = lines.next();
    if (fields.size() != names.size()) {
      throw Mistake(file + ", row " + std::to_string(line) + ": " + std::to_string(fields.size()) +
                    " cells, but " + std::to_string(names.size()) + " names");
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
      cells[i].push_back(fields[i].empty() ? Cell() : Cell(fields[i]));
    }
  }
  std::vector<Column> columns;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Column column(names[i], std::move(cells[i]));
    bourse_type type = inside::type_of(column.cells);
    for (std::size_t f = 0; dataset != nullptr && f < dataset->n_fields; ++f) {
      if (dataset->fields[f]->name == names[i]) type = dataset->fields[f]->type;
    }
    columns.push_back(column.as(type));
  }
  return columns;
}

}  // namespace bourse::inline sdk_0_1::testing
