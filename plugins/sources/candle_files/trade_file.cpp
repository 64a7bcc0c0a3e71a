// SPDX-License-Identifier: MIT
#include "plugins/sources/candle_files/trade_file.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <vector>

#include "bourse/symbols.hpp"
#include "plugins/sources/candle_files/lines.hpp"

namespace bourse::candle_files {
namespace {

constexpr std::size_t kTradeColumns = 7;  ///< the last may be missing: futures have none
using TradeColumns = std::array<std::string_view, kTradeColumns>;

[[noreturn]] void refuse(std::string_view text, std::size_t column, const char* wanted) {
  constexpr std::array<const char*, kTradeColumns> kNames = {
      "id", "price", "quantity", "value", "time", "buyer is maker", "best match"};
  throw bad_recording(std::string(kNames[column]) + " (column " + std::to_string(column + 1) +
                      ") is " + bourse::detail::quoted(text) + "; expected " + wanted);
}

std::int64_t integer(const TradeColumns& columns, std::size_t column) {
  const std::string_view text = columns[column];
  std::int64_t value = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, value);
  if (error != std::errc{} || end != text_end || value < 0) {
    refuse(text, column, "a whole number from 0 on");
  }
  return value;
}

Decimal decimal(const TradeColumns& columns, std::size_t column) {
  const auto value = Decimal::parse(columns[column]);
  if (!value || value->sign() < 0) refuse(columns[column], column, "a decimal from 0 on");
  return *value;
}

std::int64_t time_of(const TradeColumns& columns) {
  const std::int64_t value = integer(columns, 4);
  const std::size_t digits = columns[4].size();
  if (digits != 13 && digits != 16) {
    refuse(columns[4], 4, "a time of 13 digits (milliseconds) or 16 (microseconds)");
  }
  const std::int64_t ns_each = digits == 13 ? 1'000'000 : 1'000;
  if (value >= std::numeric_limits<std::int64_t>::max() / ns_each) {
    refuse(columns[4], 4, "a time before 2262");
  }
  return value * ns_each;
}

bool truth(const TradeColumns& columns, std::size_t column) {
  const std::string_view text = columns[column];
  if (text == "True" || text == "true") return true;
  if (text != "False" && text != "false") refuse(text, column, "True or False");
  return false;
}

TradeColumns trade_columns_of(std::string_view line) {
  TradeColumns columns;
  const std::size_t count = split(line, columns);
  if (count != kTradeColumns && count + 1 != kTradeColumns) {
    throw bad_recording("has " + std::to_string(count) + (count == 1 ? " column" : " columns") +
                        "; a trade has 7 (id, price, quantity, value, time, buyer is maker, best "
                        "match), or all but the last");
  }
  if (count == kTradeColumns) static_cast<void>(truth(columns, 6));
  return columns;
}

TradeRow row_of(const Line& line) {
  if (line.too_long) throw bad_recording("the line is longer than 4096 bytes");
  const TradeColumns columns = trade_columns_of(line.text);
  return {integer(columns, 0), time_of(columns),    decimal(columns, 1),
          decimal(columns, 2), decimal(columns, 3), truth(columns, 5)};
}

}  // namespace

std::optional<TradeFileName> parse_trade_name(std::string_view name) {
  constexpr std::string_view kKind = "-trades-", kDay = "0000-00-00", kMonth = "0000-00";
  if (!name.ends_with(".csv")) return std::nullopt;
  name.remove_suffix(4);
  const std::size_t at = name.find(kKind);
  if (at == std::string_view::npos || !is_symbol(name.substr(0, at))) return std::nullopt;
  std::string date(name.substr(at + kKind.size()));
  for (char& c : date) c = c >= '0' && c <= '9' ? '0' : c;
  if (date != kDay && date != kMonth) return std::nullopt;
  return TradeFileName{std::string(name.substr(0, at)), date == kDay};
}

void read_trade_lines(const SourceFile& file, std::size_t batch, LeftOut& bad,
                      const std::function<void(std::span<const TradeRow>)>& take) {
  std::vector<TradeRow> rows;
  rows.reserve(batch);
  LeftOut left_out;
  bool is_any = false;
  Lines lines(file);
  while (const auto line = lines.next()) {
    if (!line->too_long && (line->text.empty() || is_header(line->text, kTradeColumns))) continue;
    try {
      rows.push_back(row_of(*line));
    } catch (const Error& e) {
      left_out.add_row(file.at(lines.number()) + e.message());
      if (left_out.rows > kBadRowsMax) {
        throw bad_recording("more than 10000 rows cannot be read, the first: " +
                            left_out.first_row);
      }
      continue;
    }
    is_any = true;
    if (rows.size() < batch) continue;
    take(rows);
    rows.clear();
  }
  if (!rows.empty()) take(rows);
  if (!is_any) {
    throw bad_recording(left_out.empty()
                            ? "holds no trade"
                            : "holds no trade that can be read: " + left_out.first_row);
  }
  bad.add(left_out);
}

}  // namespace bourse::candle_files
