// SPDX-License-Identifier: MIT
//
// rows.hpp - a candle as the databases hold it: integers at its series' scale, or the whole candle
// with its own decimals, where one of its values does not fit, its number of trades has more than
// 31 bits, or its close time is none of the grid's. Ordinary rows need no room for what only odd
// ones have, and what is odd does not depend on the database, so rows of both compare alike.
//
// Internal to the store: not seen by the layer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "plugins/sources/history/store/result.hpp"
#include "plugins/sources/history/store/types.hpp"

namespace bourse::history {

/// In the order of the tables' columns.
enum Value : std::size_t {
  kOpen,
  kHigh,
  kLow,
  kClose,
  kVolume,
  kQuoteVolume,
  kTakerBase,
  kTakerQuote,
  kValues
};
int scale_of(const Scale& scale, std::size_t value) noexcept;

struct Row {
  Millis open_time = 0;
  std::optional<Millis> close_time = {};
  std::int64_t trades = 0;
  std::array<std::int64_t, kValues> values{};  ///< at the series' scale; of a text row: not used
  std::unique_ptr<const std::array<Decimal, kValues>> text = {};

  [[nodiscard]] bool is_text() const noexcept { return text != nullptr; }
};

/// kInvalid: a time out of range, or a close time before the open time.
Result<Row> to_row(const Series& series, const Interval& grid, const Candle& candle);
Candle to_candle(const Series& series, const Row& row);
Row copy_of(const Row& row);

/// By value. The scale of what is compared is one series'.
bool equal(const Row& a, const Row& b) noexcept;

/// The value as an integer at `scale`; nullopt: a digit would go, or it is beyond 64 bits.
std::optional<std::int64_t> scaled(Decimal value, int scale) noexcept;
/// A decimal as it is written into a text column, without zeros that do not count, and back.
std::string decimal_text(Decimal value);
/// nullopt: damaged.
std::optional<Decimal> decimal_of(std::string_view text) noexcept;

/// Candles of one bucket, folded into one. Sums have 128 bits.
class Fold {
 public:
  /// Rows in ascending order. A roll-up counts as the rows it was made of.
  void add(const Series& series, const Row& row, std::int64_t parts = 1);
  [[nodiscard]] std::int64_t parts() const noexcept { return parts_; }
  [[nodiscard]] bool empty() const noexcept { return parts_ == 0; }
  /// nullopt: nothing was added, a part was a text row, or a sum is beyond 64 bits.
  [[nodiscard]] std::optional<Row> row(Millis open_time) const;
  /// Exact whatever the parts were; nullopt: nothing was added, or beyond 38 digits.
  [[nodiscard]] std::optional<Candle> candle(const Series& series, Millis open_time) const;

 private:
  std::int64_t parts_ = 0;
  std::int64_t trades_ = 0;
  std::array<std::int64_t, 4> prices_{};
  std::array<Int128, 4> sums_{};
  /// From the first text row on, everything is here instead.
  std::unique_ptr<std::array<Decimal, kValues>> wide_;
  bool is_beyond_ = false;

  [[nodiscard]] std::array<Decimal, kValues> widened(const Series& series) const;
  void add_wide(const std::array<Decimal, kValues>& values);
};

}  // namespace bourse::history
