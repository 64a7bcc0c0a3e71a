// SPDX-License-Identifier: MIT
//
// The formats of recorded files. Each function reads one file. What it cannot read of it, it leaves
// out and tells; it throws Error `bad_recording` when nothing of the file makes sense as what it
// should be, and leaves what it was given as it was.
//
// CANDLES: those of candle_files/candle_file.hpp, or the JSON of the endpoint klines: an array of
// arrays.
//
// TICKER, DEPTH, EXCHANGE INFO: the JSON of the exchange's REST endpoints ticker/24hr (one object,
// or an array), depth, and exchangeInfo (whole, its array `symbols`, or one element of that).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "plugins/sources/candle_files/candle_file.hpp"
#include "plugins/sources/replay/recording.hpp"

namespace bourse::replay {

/// Appends the rows of a file as they stand.
void read_candle_json(const SourceFile& file, Interval interval, Series& series, LeftOut& bad);

/// Is told a row that is left out: the market it names, or "", and why.
using BadRow = std::function<void(const std::string& symbol, const std::string& reason)>;

[[nodiscard]] std::vector<std::pair<std::string, Ticker>> read_tickers(const SourceFile& file,
                                                                       const BadRow& bad);
[[nodiscard]] Book read_book(const SourceFile& file, LeftOut& bad);
[[nodiscard]] std::vector<std::pair<std::string, Rules>> read_exchange_info(const SourceFile& file,
                                                                            const BadRow& bad);

}  // namespace bourse::replay
