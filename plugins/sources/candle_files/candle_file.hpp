// SPDX-License-Identifier: MIT
//
// Files of candles in the exchange's bulk layout: lines of the columns of candle_row.hpp, separated
// by commas, ended by LF or CRLF. Header lines (those of names) and empty lines may stand anywhere:
// files are joined. Rows may stand in any order. All 12 columns must be there, or a line that was
// cut off in its last number would pass.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "bourse/interval.hpp"
#include "plugins/sources/candle_files/bytes.hpp"
#include "plugins/sources/candle_files/series.hpp"

namespace bourse::candle_files {

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

/// Sorts by open time and merges rows of one open time: equal ones silently; of different ones the
/// one that was appended last stays and the time is noted in `conflicts`. Drops candles that were
/// not finished at `now`.
void tidy(Series& series, std::optional<Time> now);

}  // namespace bourse::candle_files
