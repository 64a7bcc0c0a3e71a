// SPDX-License-Identifier: MIT
//
// One recorded candle, in the exchange's order of columns:
//   open time, open, high, low, close, volume, close time, quote volume, trades, taker buy volume,
//   taker buy quote volume, unused
// Times are milliseconds (13 digits) or microseconds (16 digits; the exchange's files since 2025).
//
// The open time is a candle's identity, and its prices and volumes are believed. A close time that
// is not after it, or not within the interval, is none: it becomes open time + interval - 1 ms and
// the row is noted in Series::mended. Prices that contradict each other stay and are noted in
// Series::odd.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "bourse/interval.hpp"
#include "plugins/sources/candle_files/series.hpp"

namespace bourse::candle_files {

inline constexpr std::size_t kCandleColumns = 12;
using CandleColumns = std::array<std::string_view, kCandleColumns>;

/// Throws Error `bad_recording`, and leaves the series as it is, for a row that cannot be read:
/// "volume (column 6) is ...".
void append_candle(const CandleColumns& columns, Interval interval, Series& series);

}  // namespace bourse::candle_files
