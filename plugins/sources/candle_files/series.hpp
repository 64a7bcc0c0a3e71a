// SPDX-License-Identifier: MIT
//
// Candles as they stand in files: columns, and what of the files could not be read.
//
// This folder is no plugin: the sources that read such files share it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bourse/decimal.hpp"
#include "bourse/value.hpp"
#include "bourse/view.hpp"

namespace bourse::candle_files {

/// Decimals of one scale, at least 8: that of the value with the most decimals.
class Decimals {
 public:
  /// Throws DecimalError, and changes nothing, when the values do not fit into 38 digits with one
  /// common scale.
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
  /// Forgets the rows from `rows` on, if any.
  void truncate(std::size_t rows) {
    if (rows < data_.size()) data_.resize(rows);
  }

 private:
  std::vector<bourse_i128> data_;
  std::int32_t scale_ = 8;
};

/// The first whole millisecond after a close time, which is the last millisecond or microsecond of
/// a candle or window; the last one that Time can hold for those at its end.
[[nodiscard]] constexpr Time after(std::int64_t close_time) noexcept {
  constexpr std::int64_t kMillisecond = 1'000'000;
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() / kMillisecond;
  const std::int64_t next = close_time / kMillisecond + 1;
  return Time{(next < kLast ? next : kLast) * kMillisecond};
}

/// Candles of one market and interval. INVARIANT after loading: open times ascend strictly. Of a
/// recording that is played, the columns hold more rows than are known yet: size() counts.
struct Series {
  std::vector<std::int64_t> open_time, close_time;  ///< ns
  Decimals open, high, low, close, volume, quote_volume, taker_base_volume, taker_quote_volume;
  std::vector<std::int64_t> trades;
  std::vector<std::int64_t> conflicts;  ///< open times that files disagreed about, ascending
  std::vector<std::size_t> mended;      ///< rows whose close time was made, ascending
  std::vector<std::size_t> odd;         ///< rows whose prices contradict each other, ascending

  std::size_t hidden = 0;  ///< rows at the end that are not known yet

  [[nodiscard]] std::size_t size() const noexcept { return open_time.size() - hidden; }
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
  /// Shows what was known at `now`: the candles that were over, up to the first that was not.
  /// `is_later`: than what it shows already.
  void show(Time now, bool is_later);
  /// Forgets the rows from `rows` on, also one of which only some columns are there.
  void truncate(std::size_t rows);
};

/// What of the files of a market could not be read, for who asks for that market.
struct LeftOut {
  std::size_t rows = 0, files = 0;
  std::string first_row, first_file;  ///< "A-1h.csv:17: volume (column 6) is ...", without folder

  void add_row(const std::string& reason);
  void add_file(const std::string& reason);
  void add(const LeftOut& other);
  [[nodiscard]] bool empty() const noexcept { return rows == 0 && files == 0; }
};

}  // namespace bourse::candle_files
