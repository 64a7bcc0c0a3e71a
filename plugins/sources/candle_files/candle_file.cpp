// SPDX-License-Identifier: MIT
#include "plugins/sources/candle_files/candle_file.hpp"

#include <algorithm>
#include <numeric>

#include "plugins/sources/candle_files/candle_row.hpp"
#include "plugins/sources/candle_files/lines.hpp"

namespace bourse::candle_files {
namespace {

CandleColumns columns_of(std::string_view line) {
  CandleColumns columns;
  const std::size_t count = split(line, columns);
  if (count != columns.size()) {
    throw bad_recording("has " + std::to_string(count) + (count == 1 ? " column" : " columns") +
                        "; a candle has 12 (open time, open, high, low, close, volume, close time, "
                        "quote volume, trades, taker buy volume, taker buy quote volume, unused)");
  }
  return columns;
}

void append_line(const Line& line, Interval interval, Series& series) {
  if (line.too_long) throw bad_recording("the line is longer than 4096 bytes");
  if (line.text.empty() || is_header(line.text, kCandleColumns)) return;
  append_candle(columns_of(line.text), interval, series);
}

bool equal_rows(Series& s, std::size_t a, std::size_t b) {
  if (s.close_time[a] != s.close_time[b] || s.trades[a] != s.trades[b]) return false;
  for (const Decimals* column : s.decimals()) {
    if ((*column)[a] != (*column)[b]) return false;
  }
  return true;
}

void pick(std::vector<std::int64_t>& column, const std::vector<std::size_t>& rows) {
  std::vector<std::int64_t> kept;
  kept.reserve(rows.size());
  for (const std::size_t row : rows) kept.push_back(column[row]);
  column = std::move(kept);
}

/// Where the marked rows, ascending, are among those that are kept.
void renumber(std::vector<std::size_t>& marked, const std::vector<std::size_t>& kept) {
  if (marked.empty()) return;
  std::vector<std::size_t> out;
  for (std::size_t row = 0; row < kept.size(); ++row) {
    if (std::binary_search(marked.begin(), marked.end(), kept[row])) out.push_back(row);
  }
  marked = std::move(out);
}

/// The rows that stay, by open time.
std::vector<std::size_t> rows_to_keep(Series& s, std::optional<Time> now) {
  std::vector<std::size_t> order(s.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto earlier = [&](std::size_t a, std::size_t b) {
    return s.open_time[a] < s.open_time[b];
  };
  if (!std::is_sorted(order.begin(), order.end(), earlier)) {
    std::stable_sort(order.begin(), order.end(), earlier);
  }
  std::vector<std::size_t> kept;
  kept.reserve(order.size());
  for (const std::size_t row : order) {
    if (now && s.close_time[row] >= now->ns) continue;
    if (kept.empty() || s.open_time[kept.back()] != s.open_time[row]) {
      kept.push_back(row);
      continue;
    }
    if (!equal_rows(s, kept.back(), row) &&
        (s.conflicts.empty() || s.conflicts.back() != s.open_time[row])) {
      s.conflicts.push_back(s.open_time[row]);
    }
    kept.back() = row;
  }
  return kept;
}

}  // namespace

std::string SourceFile::at(std::size_t line) const {
  std::string text = path.filename().string();
  if (line != 0) text += ":" + std::to_string(line);
  return text + ": ";
}

void read_candle_lines(const SourceFile& file, Interval interval, Series& series, LeftOut& bad) {
  const std::size_t before = series.size();
  LeftOut rows;
  try {
    Lines lines(file);
    while (const auto line = lines.next()) {
      try {
        append_line(*line, interval, series);
      } catch (const Error& e) {
        rows.add_row(file.at(lines.number()) + e.message());
        if (rows.rows > kBadRowsMax) {
          throw bad_recording("more than 10000 rows cannot be read, the first: " + rows.first_row);
        }
      }
    }
    if (series.size() == before) {
      throw bad_recording(rows.empty() ? "holds no candle"
                                       : "holds no candle that can be read: " + rows.first_row);
    }
  } catch (const Error&) {
    series.truncate(before);
    throw;
  }
  bad.add(rows);
}

void tidy(Series& s, std::optional<Time> now) {
  const std::vector<std::size_t> kept = rows_to_keep(s, now);
  if (kept.size() == s.size() && std::is_sorted(kept.begin(), kept.end())) return;
  pick(s.open_time, kept);
  pick(s.close_time, kept);
  pick(s.trades, kept);
  for (Decimals* column : s.decimals()) column->pick(kept);
  renumber(s.mended, kept);
  renumber(s.odd, kept);
}

}  // namespace bourse::candle_files
