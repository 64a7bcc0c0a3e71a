// SPDX-License-Identifier: MIT
//
// The formats of recorded files. Each function reads one file or throws Error `bad_recording`.
//
// CANDLES, the exchange's bulk layout: lines of 12 columns, separated by commas,
//   open time, open, high, low, close, volume, close time, quote volume, trades, taker buy volume,
//   taker buy quote volume, anything
// with or without a header line, ended by LF or CRLF. Times are milliseconds (13 digits) or
// microseconds (16 digits; the exchange's files since 2025). Rows may stand in any order.
//
// TICKER and DEPTH: the JSON of the exchange's REST endpoints ticker/24hr (one object, or an array)
// and depth.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "plugins/sources/replay/recording.hpp"

namespace bourse::replay {

/// "FILE:LINE: REASON"; line 0 is left out.
[[nodiscard]] Error bad_file(const std::filesystem::path& file, std::size_t line,
                             const std::string& reason);

/// Appends the rows of a file as they stand. `bytes_max`: how much is read at most.
void read_candles(const std::filesystem::path& file, std::uintmax_t bytes_max, Series& series);

/// Sorts by open time and merges rows of one open time: equal ones silently; of different ones the
/// one that was appended last stays and the time is noted in `conflicts`. Drops candles that were
/// not finished at `now`.
void tidy(Series& series, std::optional<Time> now);

[[nodiscard]] std::vector<std::pair<std::string, Ticker>> read_tickers(
    const std::filesystem::path& file, std::uintmax_t bytes_max);
[[nodiscard]] Book read_book(const std::filesystem::path& file, std::uintmax_t bytes_max);

}  // namespace bourse::replay
