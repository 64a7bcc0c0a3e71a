// SPDX-License-Identifier: MIT
//
// Recording: what a folder of recorded market data holds, read once and then only looked at.
// Columns, not rows: a candle takes 152 bytes, about what its line in the file takes.
//
// No look-ahead: with a time `now`, what had not happened then is dropped while reading.
//
// A recording is somebody else's history. What cannot be read costs itself (a row, or a file) and
// is told in LeftOut; what is odd is kept and told; a close time that cannot be is mended and told.
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
#include "bourse/interval.hpp"
#include "bourse/report.hpp"
#include "plugins/sources/candle_files/series.hpp"

namespace bourse::replay {

using namespace candle_files;  // a recording is made of them

/// Statistics of 24 hours, recorded or computed. What is not known is empty.
struct Ticker {
  std::optional<Decimal> last, last_quantity, open, high, low, previous_close, price_change,
      price_change_percent, weighted_average, bid, bid_quantity, ask, ask_quantity, volume,
      quote_volume;
  Time open_time, close_time;
  std::int64_t trades = 0;
  std::int64_t covered = 0;  ///< ns of the 24 hours that it is made of

  /// Fills price_change, price_change_percent and weighted_average where they are missing, rounded
  /// as the exchange does: half up, to 3 and 8 decimals.
  void complete();
  /// Prices or times that contradict each other: a low above the high, an open or last that is not
  /// between them although there were trades, an end before the begin.
  [[nodiscard]] bool odd() const;
};

struct BookLevel {
  Decimal price, quantity;
};
struct Book {
  std::optional<std::int64_t> last_update_id;
  std::optional<Time> time;           ///< when it was made, where the answer says so
  std::vector<BookLevel> bids, asks;  ///< best first
  bool sorted = false;                ///< levels stood in another order than the exchange gives
  /// The market had no other levels; false: it may have had more than the recorder asked for.
  bool bids_whole = false, asks_whole = false;
};

struct Assets {
  std::string base, quote;
};

/// What a recorded exchangeInfo says of a market. What it does not say is empty, and so is a rule
/// that is switched off.
struct Rules {
  std::optional<Assets> assets;
  std::optional<std::string> status, order_types;
  std::optional<Decimal> tick_size, lot_step, minimum_quantity, maximum_quantity, minimum_notional;
  std::optional<Time> time;  ///< of the answer
};

struct Market {
  std::map<Interval, Series> series;
  std::optional<Ticker> ticker;
  std::optional<Book> book;
  std::optional<Rules> rules;
  std::optional<Assets> assets;  ///< of the rules, else of the name
  LeftOut bad_candles, bad_tickers, bad_books, bad_rules;
  /// All that was recorded, in the order in which it was read, for who shows one time after
  /// another.
  std::vector<Ticker> tickers;
  std::vector<Book> books;
  std::vector<Rules> all_rules;

  /// Shows what was known at `now`, out of all of these. `is_later`: than what it shows already.
  void show(Time now, bool is_later);
  /// A time in a candle of 3d with which the market's grid begins, or at least one of it.
  std::optional<Time> grid;
  /// False: `grid` is where the recording begins, and the market may have begun earlier.
  bool grid_known = false;
};

/// One thing that the operator is told at the start.
struct Remark {
  enum class Kind {
    kPassedOver,      ///< a file that no recording has, such as a README
    kMisnamed,        ///< a file that looks like data, and is passed over
    kUnreadableFile,  ///< left out whole
    kUnreadableRows,  ///< some rows are left out
  };
  Kind kind;
  std::string file;    ///< its name, without folder
  std::size_t rows;    ///< of kUnreadableRows: how many
  std::string reason;  ///< begins with the file's name; of kUnreadableRows that of the first
};

struct Recording {
  std::map<std::string, Market, std::less<>> markets;
  /// The first whole millisecond after the newest close time of a candle or ticker, else the time
  /// of the newest exchangeInfo or book; 0: nothing has a time.
  Time end;
  std::vector<Remark> remarks;  ///< by the names of the files
  /// Of files of many markets: those that were left out whole, and rows that name no market. Any
  /// market may have been in them.
  LeftOut bad_tickers, bad_rules;
  std::vector<std::string> quotes;  ///< quote assets of the rules that are not known otherwise
};

struct Limits {
  std::uintmax_t csv_bytes = std::uintmax_t{2} << 30;    ///< of one candle file, unpacked
  std::uintmax_t json_bytes = std::uintmax_t{64} << 20;  ///< of one JSON file, unpacked
  std::uintmax_t total_bytes = std::uintmax_t{8} << 30;  ///< of all, unpacked
  std::size_t files = 100'000;
};

/// Of several that were recorded at different times, that which was known at `now` is shown;
/// without `now`, the newest. Each of them is offered in the order in which it was read.
void offer(Market& market, Ticker ticker, std::optional<Time> now);
void offer(Market& market, Book book, std::optional<Time> now);
void offer(Market& market, Rules rules, std::optional<Time> now);

/// Reads a folder. Throws Error `bad_recording` when it cannot be read, holds more than it may, or
/// nothing of it is usable; the sentence then says why of each file.
[[nodiscard]] Recording load(const std::filesystem::path& folder, std::optional<Time> now,
                             const Limits& limits = {});
/// All of it, for Market::show. It shows the end.
[[nodiscard]] Recording load_all(const std::filesystem::path& folder, const Limits& limits = {});
/// The times at which something else is known of it, ascending.
[[nodiscard]] std::vector<std::int64_t> steps_of(const Recording& recording);

}  // namespace bourse::replay
