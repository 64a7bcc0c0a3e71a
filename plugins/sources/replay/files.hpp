// SPDX-License-Identifier: MIT
//
// The formats of recorded files. Each function reads one file. What it cannot read of it, it leaves
// out and tells; it throws Error `bad_recording` when nothing of the file makes sense as what it
// should be, and leaves what it was given as it was.
//
// CANDLES, the exchange's bulk layout: lines of the columns of candle_row.hpp, separated by commas,
// ended by LF or CRLF. Header lines (those of names) and empty lines may stand anywhere: files are
// joined. Rows may stand in any order. All 12 columns must be there, or a line that was cut off in
// its last number would pass. Or the JSON of the endpoint klines: an array of arrays.
//
// TICKER, DEPTH, EXCHANGE INFO: the JSON of the exchange's REST endpoints ticker/24hr (one object,
// or an array), depth, and exchangeInfo (whole, its array `symbols`, or one element of that).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "plugins/sources/replay/bytes.hpp"
#include "plugins/sources/replay/recording.hpp"

namespace bourse::replay {

/// One file, and how much may be read of it.
struct SourceFile {
  std::filesystem::path path;
  ByteLimits limits;

  /// "A-1h.csv:17: ", with which what is said of a place in it begins; line 0: "A-1h.csv: ".
  [[nodiscard]] std::string at(std::size_t line = 0) const;
};

/// More unreadable rows than this make a file unreadable.
inline constexpr std::size_t kBadRowsMax = 10'000;

/// Appends the rows of a file as they stand.
void read_candle_lines(const SourceFile& file, Interval interval, Series& series, LeftOut& bad);
void read_candle_json(const SourceFile& file, Interval interval, Series& series, LeftOut& bad);

/// Sorts by open time and merges rows of one open time: equal ones silently; of different ones the
/// one that was appended last stays and the time is noted in `conflicts`. Drops candles that were
/// not finished at `now`.
void tidy(Series& series, std::optional<Time> now);

/// Is told a row that is left out: the market it names, or "", and why.
using BadRow = std::function<void(const std::string& symbol, const std::string& reason)>;

[[nodiscard]] std::vector<std::pair<std::string, Ticker>> read_tickers(const SourceFile& file,
                                                                       const BadRow& bad);
[[nodiscard]] Book read_book(const SourceFile& file, LeftOut& bad);
[[nodiscard]] std::vector<std::pair<std::string, Rules>> read_exchange_info(const SourceFile& file,
                                                                            const BadRow& bad);

}  // namespace bourse::replay
