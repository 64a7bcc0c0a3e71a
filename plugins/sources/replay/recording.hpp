// SPDX-License-Identifier: MIT
//
// Recording: what a folder of recorded market data holds, read once and then only looked at.
// Columns, not rows: a candle takes 152 bytes, about what its line in the file takes.
//
// No look-ahead: with a time `now`, what had not happened then is dropped while reading.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bourse/decimal.hpp"
#include "bourse/interval.hpp"
#include "bourse/report.hpp"

namespace bourse::replay {

/// Decimals of one scale, at least 8: that of the value with the most decimals.
class Decimals {
 public:
  /// Throws DecimalError when the values do not fit into 38 digits with one common scale.
  void push(Decimal value);
  [[nodiscard]] Decimal operator[](std::size_t row) const {
    return Decimal::from_wire(data_[row], scale_).value();
  }
  [[nodiscard]] std::size_t size() const noexcept { return data_.size(); }
  [[nodiscard]] std::int32_t scale() const noexcept { return scale_; }
  [[nodiscard]] Int128 coefficient(std::size_t row) const noexcept {
    const auto high = static_cast<detail::Uint128>(static_cast<std::uint64_t>(data_[row].hi));
    return static_cast<Int128>((high << 64) | data_[row].lo);
  }
  /// Borrows.
  [[nodiscard]] DecimalColumn view(std::size_t first, std::size_t rows) const {
    return {data_.data() + first, rows, scale_, nullptr};
  }
  /// Keeps the rows of these indices, in this order.
  void pick(const std::vector<std::size_t>& rows);

 private:
  std::vector<bourse_i128> data_;
  std::int32_t scale_ = 8;
};

/// Candles of one market and interval. INVARIANT after loading: open times ascend strictly.
struct Series {
  std::vector<std::int64_t> open_time, close_time;  ///< ns
  Decimals open, high, low, close, volume, quote_volume, taker_base_volume, taker_quote_volume;
  std::vector<std::int64_t> trades;
  std::vector<std::int64_t> conflicts;  ///< open times that files disagreed about, ascending

  [[nodiscard]] std::size_t size() const noexcept { return open_time.size(); }
  [[nodiscard]] std::array<Decimals*, 8> decimals() noexcept {
    return {&open,
            &high,
            &low,
            &close,
            &volume,
            &quote_volume,
            &taker_base_volume,
            &taker_quote_volume};
  }
};

/// Statistics of 24 hours, recorded or computed. What is not known is empty.
struct Ticker {
  std::optional<Decimal> last, last_quantity, open, high, low, previous_close, price_change,
      price_change_percent, weighted_average, bid, bid_quantity, ask, ask_quantity, volume,
      quote_volume;
  Time open_time, close_time;
  std::int64_t trades = 0;

  /// Fills price_change, price_change_percent and weighted_average where they are missing, rounded
  /// as the exchange does: half up, to 3 and 8 decimals.
  void complete();
};

struct BookLevel {
  Decimal price, quantity;
};
struct Book {
  std::int64_t last_update_id = 0;
  std::vector<BookLevel> bids, asks;  ///< best first
};

struct Market {
  std::map<Interval, Series> series;
  std::optional<Ticker> ticker;
  std::optional<Book> book;
};

struct Recording {
  std::map<std::string, Market, std::less<>> markets;
  /// The first whole millisecond after the newest close time of a candle or ticker; 0: there is
  /// none.
  Time end;
};

struct Limits {
  std::uintmax_t csv_bytes = std::uintmax_t{2} << 30;    ///< of one candle file
  std::uintmax_t json_bytes = std::uintmax_t{64} << 20;  ///< of one JSON file
  std::uintmax_t total_bytes = std::uintmax_t{8} << 30;
  std::size_t files = 100'000;
};

/// Reads all of a folder or throws Error `bad_recording`, whose sentence names file, line and
/// reason.
[[nodiscard]] Recording load(const std::filesystem::path& folder, std::optional<Time> now,
                             const Limits& limits = {});

/// What a file name says it holds.
struct CandleFile {
  std::string symbol;
  Interval interval;
};
/// SYMBOL-INTERVAL.csv, SYMBOL-INTERVAL-YYYY-MM.csv, SYMBOL-INTERVAL-YYYY-MM-DD.csv.
[[nodiscard]] std::optional<CandleFile> parse_candle_name(std::string_view name);
/// depth_SYMBOL.json, depth_SYMBOL_anything.json: the symbol.
[[nodiscard]] std::optional<std::string> parse_depth_name(std::string_view name);

/// The quote asset that the symbol ends with; empty when it ends with none that is known.
[[nodiscard]] std::string_view quote_asset(std::string_view symbol) noexcept;

}  // namespace bourse::replay
