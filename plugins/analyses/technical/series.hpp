// SPDX-License-Identifier: MIT
//
// All indicators of one run of candles, side by side.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "plugins/analyses/technical/macd.hpp"
#include "plugins/analyses/technical/stochastic.hpp"

namespace bourse::technical {

enum class RsiMethod { kWilder, kCutler };

struct Settings {
  std::size_t sma_fast = 20;
  std::size_t sma_slow = 50;
  std::size_t rsi_period = 14;
  RsiMethod rsi_method = RsiMethod::kWilder;
  MacdPeriods macd = {};
  std::size_t bollinger_period = 20;
  double bollinger_deviations = 2.0;
  std::size_t atr_period = 14;
  StochasticPeriods stochastic = {};
};

/// What is left of a recursive average's starting value when its warm-up is over: less than a
/// double can tell.
inline constexpr double kSeedLeft = 1e-15;

/// Rows to compute ahead of the first shown one, so that there every indicator is defined, and no
/// value depends, to the last bit, on how many rows are shown: recursive ones have forgotten where
/// they began, to kSeedLeft, and begin at rows that the calendar fixes (restarts.hpp). At least
/// 250. On-balance volume, whose level is arbitrary, and VWAP, which goes by the day, are not
/// counted.
std::size_t warm_up_rows(const Settings& settings);

/// Columns of equal length, oldest row first. Borrows. REQUIRES: finite and not negative, low <=
/// close <= high, open_times ascending, in ns since 1970-01-01 UTC.
struct Candles {
  std::span<const std::int64_t> open_times;
  std::span<const double> highs;
  std::span<const double> lows;
  std::span<const double> closes;
  std::span<const double> volumes;
  /// At most what lies between two neighbours' open times, ns: the interval; of months, 28 days.
  std::int64_t spacing = 3'600'000'000'000;
};

enum class Column : std::uint8_t {
  kSmaFast,
  kSmaSlow,
  kEmaFast,
  kEmaSlow,
  kRsi,
  kMacd,
  kMacdSignal,
  kMacdHistogram,
  kBollingerUpper,
  kBollingerMiddle,
  kBollingerLower,
  kBollingerPercentB,
  kBollingerBandwidth,
  kAtr,
  kStochasticK,
  kStochasticD,
  kObv,
  kVwap,
};
inline constexpr std::size_t kColumns = static_cast<std::size_t>(Column::kVwap) + 1;

/// The column's name in the report.
const char* name_of(Column column) noexcept;

/// Candles that it takes for the column's first value. Of VWAP, which goes by the day: 1.
std::size_t rows_needed(Column column, const Settings& settings) noexcept;

/// One row a candle; NaN where an indicator is not defined. Owns its values.
class Series {
 public:
  explicit Series(std::size_t rows) : rows_(rows), values_(rows * kColumns) {}
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::span<const double> operator[](Column column) const noexcept {
    return {values_.data() + static_cast<std::size_t>(column) * rows_, rows_};
  }
  [[nodiscard]] std::span<double> operator[](Column column) noexcept {
    return {values_.data() + static_cast<std::size_t>(column) * rows_, rows_};
  }

 private:
  std::size_t rows_;
  std::vector<double> values_;
};

/// Called now and then by what takes long; may throw to end it.
using Poll = std::function<void()>;

/// Computes every column, and polls before each of them and each run of a recursive one. Time grows
/// with rows and periods alone, whatever lies between candles. The number of allocations does not
/// grow with the number of rows.
Series compute(const Candles& candles, const Settings& settings, const Poll& poll = {});

}  // namespace bourse::technical
