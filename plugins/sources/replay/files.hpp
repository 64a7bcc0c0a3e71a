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
//
// REPORTS: those files of JSON in which Bourse shows an answer of a source, whole, with the columns
// of market.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
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

/// The first table of a report, as texts; a cell that is null or not there is empty.
struct ReportTable {
  std::optional<Time> as_of, clock;
  std::optional<std::int64_t> last_update_id;
  std::vector<std::map<std::string, std::string, std::less<>>> rows;
};
[[nodiscard]] ReportTable read_report(const SourceFile& file);
/// "2026-11-30T21:09:18.25Z", with at most nine digits behind the second; nothing otherwise.
[[nodiscard]] std::optional<Time> time_of_text(std::string_view text);

/// As read_candle_json, of which candles that were forming are left out: they say so.
void read_candle_report(const SourceFile& file, Interval interval, Series& series, LeftOut& bad);
/// As those above.
[[nodiscard]] std::vector<std::pair<std::string, Ticker>> read_ticker_report(const SourceFile& file,
                                                                             const BadRow& bad);
[[nodiscard]] Book read_book_report(const SourceFile& file, LeftOut& bad);
[[nodiscard]] std::vector<std::pair<std::string, Rules>> read_symbols_report(const SourceFile& file,
                                                                             const BadRow& bad);

/// A book whose sides are as they were recorded: sorts them, best first, and finds out whether they
/// are whole. `readable`: no level of either side was left out.
void settle(Book& book, bool bids_readable, bool asks_readable);

}  // namespace bourse::replay
