// SPDX-License-Identifier: MIT
#include "plugins/sources/candle_files/candle_row.hpp"

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>

#include "plugins/sources/candle_files/bytes.hpp"

namespace bourse::candle_files {
namespace {

constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kNsOfMs = 1'000'000, kNsOfUs = 1'000;

struct CandleRow {
  std::int64_t open_time, close_time, trades;
  Decimal open, high, low, close, volume, quote_volume, taker_base_volume, taker_quote_volume;
  bool mended = false;
};

class CandleRowParser {
 public:
  explicit CandleRowParser(const CandleColumns& columns) : columns_(columns) {}

  [[nodiscard]] CandleRow parse(Interval interval) const {
    CandleRow row;
    row.open_time = open_time();
    row.open = decimal(1, "open");
    row.high = decimal(2, "high");
    row.low = decimal(3, "low");
    row.close = decimal(4, "close");
    row.volume = decimal(5, "volume");
    row.close_time = close_time();
    row.quote_volume = decimal(7, "quote volume");
    row.trades = count(8, "number of trades");
    row.taker_base_volume = decimal(9, "taker buy volume");
    row.taker_quote_volume = decimal(10, "taker buy quote volume");
    const std::int64_t end = end_of(interval, row.open_time);
    row.mended = row.close_time <= row.open_time || row.close_time >= end;
    if (row.mended) row.close_time = end - kNsOfMs;
    return row;
  }

 private:
  /// Candles of fixed length are that long wherever they start: some stand off the grid.
  static std::int64_t end_of(Interval interval, std::int64_t open_time) noexcept {
    const auto length = interval.length();
    if (!length) return interval.next(Time{open_time}).ns;
    return open_time > kTimeMax - *length ? kTimeMax : open_time + *length;
  }
  [[noreturn]] void refuse(std::size_t column, const char* name, const char* wanted) const {
    throw bad_recording(std::string(name) + " (column " + std::to_string(column + 1) + ") is " +
                        bourse::detail::quoted(columns_[column]) + "; expected " + wanted);
  }
  [[nodiscard]] std::optional<std::int64_t> integer(std::size_t column) const {
    const std::string_view text = columns_[column];
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
  }
  [[nodiscard]] std::int64_t count(std::size_t column, const char* name) const {
    const auto value = integer(column);
    if (!value || *value < 0) refuse(column, name, "a whole number");
    return *value;
  }
  /// The number of digits tells the unit, as the exchange changed it in 2025.
  [[nodiscard]] std::optional<std::int64_t> time(std::size_t column) const {
    const std::size_t digits = columns_[column].size();
    const std::int64_t unit = digits == 13 ? kNsOfMs : digits == 16 ? kNsOfUs : 0;
    const auto value = integer(column);
    if (unit == 0 || !value || *value < 0 || *value > kTimeMax / unit) return std::nullopt;
    return *value * unit;
  }
  [[nodiscard]] std::int64_t open_time() const {
    if (const auto value = time(0)) return *value;
    refuse(0, "open time",
           "milliseconds (13 digits) or microseconds (16 digits) since 1970, before 2262");
  }
  /// Any other number is a close time that cannot be, which is mended.
  [[nodiscard]] std::int64_t close_time() const {
    constexpr std::size_t kColumn = 6;
    if (const auto value = time(kColumn)) return *value;
    if (!integer(kColumn)) refuse(kColumn, "close time", "a whole number");
    return std::numeric_limits<std::int64_t>::min();
  }
  [[nodiscard]] Decimal decimal(std::size_t column, const char* name) const {
    const auto value = Decimal::parse(columns_[column]);
    if (!value || value->sign() < 0) {
      refuse(column, name, "a decimal number that is not negative, of at most 38 digits");
    }
    return *value;
  }

  const CandleColumns& columns_;
};

bool contradicts_itself(const CandleRow& r) {
  if (r.high < r.low || r.high < r.open || r.high < r.close || r.low > r.open || r.low > r.close) {
    return true;
  }
  return r.high.is_zero() && !r.volume.is_zero();  // traded for nothing
}

void push(Series& s, const CandleRow& row) {
  const std::size_t at = s.size();
  s.open.push(row.open);
  s.high.push(row.high);
  s.low.push(row.low);
  s.close.push(row.close);
  s.volume.push(row.volume);
  s.quote_volume.push(row.quote_volume);
  s.taker_base_volume.push(row.taker_base_volume);
  s.taker_quote_volume.push(row.taker_quote_volume);
  s.close_time.push_back(row.close_time);
  s.trades.push_back(row.trades);
  s.open_time.push_back(row.open_time);
  if (row.mended) s.mended.push_back(at);
  if (contradicts_itself(row)) s.odd.push_back(at);
}

}  // namespace

void append_candle(const CandleColumns& columns, Interval interval, Series& series) {
  const CandleRow row = CandleRowParser(columns).parse(interval);
  const std::size_t rows = series.size();
  try {
    push(series, row);
  } catch (const DecimalError& e) {
    series.truncate(rows);
    throw bad_recording(e.what());
  }
}

}  // namespace bourse::candle_files
