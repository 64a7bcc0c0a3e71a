// SPDX-License-Identifier: MIT
//
// The candles of a report, asked for page by page: what is shown, and before it what indicators
// need to warm up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bourse/call.hpp"
#include "bourse/interval.hpp"
#include "bourse/notes.hpp"
#include "plugins/analyses/technical/series.hpp"

namespace bourse::technical {

inline constexpr std::size_t kPageRows = 5000;  ///< candles that one query may ask for

struct Wanted {
  std::string symbol;
  Interval interval;
  /// Without start: the newest `limit` candles, those up to `end` where it is given. With start:
  /// the oldest `limit` from there, stopping at end. Both are compared with the open time,
  /// inclusive.
  std::optional<Time> start, end;
  std::size_t limit = 0;
  std::size_t warm_up = 0;  ///< candles before the first shown one
};

/// One candle, as it came.
struct Candle {
  std::int64_t open_time = 0;
  std::optional<std::int64_t> close_time;
  std::optional<Decimal> open;
  Decimal high, low, close, volume;
  std::optional<Decimal> quote_volume;
  std::optional<std::int64_t> trades;
  std::optional<bool> closed;
};

/// Decimals of the source's columns, the most of all pages.
struct Scales {
  int open = 0, high = 0, low = 0, close = 0, volume = 0, quote_volume = 0;
};

/// Rows of answers that nothing can be computed with.
struct LeftOut {
  std::size_t count = 0;
  std::optional<Time> first;  ///< the oldest whose open time is known
  std::string why;            ///< of one of them
};

struct Said {
  std::int32_t level;
  std::string code, text;
};

struct Reading {
  std::vector<Candle> candles;  ///< ascending, each open time once; not empty
  std::size_t first_shown = 0;
  std::optional<Time> next;         ///< open time of the first candle that `limit` kept out
  std::size_t asked = 0;            ///< candles asked for, up to the newest shown one
  bool from_the_beginning = false;  ///< the source has none before the first
  Scales scales;
  UndeliveredNote undelivered;  ///< optional columns: "trades"
  Time clock;                   ///< what "now" is for the source
  std::string status;           ///< the market's, or empty
  Time as_of;                   ///< the newest that an answer gave; 0: none did
  LeftOut left_out;
  bool disordered = false;  ///< rows stood in another order than that of their open times
  std::vector<Said> notes;  ///< of the answers, equal ones once
};

/// Asks the source of `call`, at most kPageRows at a time, and holds one answer at a time. It goes
/// by the open times that came, never by how many candles ought to lie between two moments, and
/// ends when there is enough, or no more, or several answers in a row bring nothing. A row is left
/// out, and counted, when its open time, high, low, close or volume is missing or a number of them
/// is negative, or when another one has its open time. Throws Error: `no_history` (422) when there
/// is no candle, `bad_candle` (502) when none can be computed with, `bad_source` (502) for an
/// answer without a table.
Reading read_candles(const Call& call, const Wanted& wanted);

/// A reading as columns of doubles. Where a candle's prices contradict one another (its low above
/// its close, say), the largest of them stands for the high and the smallest for the low.
class History {
 public:
  History(const std::vector<Candle>& candles, Interval interval);
  /// Borrows from this object.
  [[nodiscard]] Candles candles() const noexcept;

 private:
  std::vector<std::int64_t> open_times_;
  std::vector<double> highs_, lows_, closes_, volumes_;
  std::int64_t spacing_;
};

/// Whether low <= open, close <= high does not hold.
bool contradicts_itself(const Candle& candle) noexcept;
/// Whether one of its prices is 0.
bool has_zero_price(const Candle& candle) noexcept;
/// Whether something was traded at no price: all prices are 0, and the volume is not.
bool has_volume_without_price(const Candle& candle) noexcept;

}  // namespace bourse::technical
