// SPDX-License-Identifier: MIT
//
// What is known of one market's candles of one interval: closed candles never change, so they are
// kept, together with the spans of time for which it is known that there are no others.
//
//   known      |----- span -----|        |--- span ---|  tail, for a moment
//   time    ---+----------------+--------+------------+------> now
//
// A span is a range of open times in which every candle is known: where it holds none, the exchange
// was asked and had none. The tail is what followed the newest span when the exchange was last
// asked, the forming candle above all; it is good for as long as the caller says.
//
// A candle that cannot be read keeps its place in all of this, so that nobody asks for it again and
// again, but does not count as one: who asks for 400 gets 400 that can be read.
//
// Nothing here assumes a grid: of three days, each market has its own.
//
// Times are open times in ms, both ends inclusive. No threads, no clock, no network here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "bourse/decimal.hpp"
#include "bourse/interval.hpp"
#include "plugins/sources/binance/client/environment.hpp"
#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

struct Candle {
  std::int64_t open_ms = 0, close_ms = 0;
  Decimal open, high, low, close, volume, quote_volume, taker_base_volume, taker_quote_volume;
  std::int64_t trades = 0;
  bool closed = false;        ///< had surely ended when the exchange was asked
  bool is_readable = true;    ///< false: nothing is known of it but its times
  std::uint8_t oddities = 0;  ///< bits of CandleOddity
};
/// With the place of each that cannot be read, where its open time could.
std::vector<Candle> to_rows(const Candles& candles, Interval interval);

class CandleSeries {
 public:
  struct Span {
    std::int64_t to = 0;
    std::vector<Candle> rows;  ///< ascending
  };
  using Spans = std::map<std::int64_t, Span>;  ///< by where they start; never adjacent
  struct Tail {
    std::int64_t from = 0;  ///< covers everything from here to `at`
    std::vector<Candle> rows;
    Instant at;  ///< when it was asked for
    Time clock;  ///< what time it was at the exchange
    /// When its forming candle ends, by the exchange's clock as well as it is known.
    Instant ends = Instant::max();
    /// A stream keeps it: it is good until it ends, or the stream is doubted.
    bool is_followed = false;
    /// The stream has said that its last candle is final.
    bool is_final = false;
  };

  /// The span that holds this time; end() if none does.
  [[nodiscard]] Spans::const_iterator covering(std::int64_t time) const;
  /// The newest span that ends before it; the oldest that starts after it.
  [[nodiscard]] Spans::const_iterator below(std::int64_t time) const;
  [[nodiscard]] Spans::const_iterator above(std::int64_t time) const;
  [[nodiscard]] Spans::const_iterator none() const { return spans_.end(); }
  [[nodiscard]] const std::optional<Tail>& tail() const noexcept { return tail_; }

  /// All candles in [from, to]; merges with spans that overlap or touch. REQUIRES: from <= to, rows
  /// ascending and inside, all closed for good.
  void add(std::int64_t from, std::int64_t to, std::vector<Candle> rows);
  void set_tail(Tail tail) { tail_ = std::move(tail); }
  void drop_tail() { tail_.reset(); }
  /// Takes over what a stream says of a candle into a tail that was asked for since the stream is
  /// live. Drops the tail where it does not join: then something between them is not known.
  void follow(const Candle& row, Instant at, Time clock, Instant ends);

  [[nodiscard]] std::size_t bytes() const noexcept;
  /// Forgets the oldest candles until it takes at most so many bytes.
  void shrink(std::size_t bytes_max);

 private:
  bool append(const Candle& row);

  Spans spans_;
  std::optional<Tail> tail_;
};

/// A question for candles, as market.h has it: without start the newest up to end, else the oldest
/// from there.
struct CandleQuestion {
  std::size_t limit = 500;
  std::optional<std::int64_t> start, end;
};

/// Answers one question from what is known and what has to be asked for: take() as long as it says
/// what is missing, give() that.
class CandleWalk {
 public:
  CandleWalk(Interval interval, const CandleQuestion& question);

  /// Takes over what the series knows. Returns what to ask for next, or nothing when complete.
  /// `now_ms`: about the exchange's time; only used to guess how many candles there will be.
  std::optional<CandleQuestion> take(const CandleSeries& series, std::int64_t now_ms,
                                     bool tail_is_fresh);
  /// The answer to what take() asked for.
  void give(const CandleQuestion& asked, const std::vector<Candle>& rows);

  /// Oldest first, with the places of those that cannot be read.
  [[nodiscard]] std::vector<Candle> rows() &&;
  /// Whether a question can be answered from what is known; gathers no rows.
  [[nodiscard]] static bool is_answered(const CandleSeries& series, Interval interval,
                                        const CandleQuestion& question, bool tail_is_fresh);
  /// The tail was part of it.
  [[nodiscard]] bool used_tail() const noexcept { return used_tail_; }
  /// How many of its rows came out of spans.
  [[nodiscard]] std::size_t rows_known() const noexcept { return rows_known_; }

 private:
  std::optional<CandleQuestion> take_newest(const CandleSeries& series, std::int64_t now_ms,
                                            bool tail_is_fresh);
  std::optional<CandleQuestion> take_oldest(const CandleSeries& series, std::int64_t now_ms,
                                            bool tail_is_fresh);
  std::size_t use_newest(const std::vector<Candle>& rows);
  std::size_t use_oldest(const std::vector<Candle>& rows);
  [[nodiscard]] std::size_t guess(std::int64_t from, std::int64_t to) const;

  Interval interval_;
  bool newest_first_;
  std::size_t left_;
  std::int64_t cursor_;  ///< the next open time that is wanted; walks down when newest come first
  std::int64_t last_;    ///< the last one that is
  std::vector<Candle> rows_;
  std::size_t rows_known_ = 0;
  bool used_tail_ = false;
  bool gathers_ = true;
};

/// What an answer proved.
struct Proof {
  /// All closed candles of [from, to] are the first `closed` of its rows; nullopt: nothing.
  struct Closed {
    std::int64_t from, to;
    std::size_t rows;
  };
  std::optional<Closed> closed;
  /// The rest of its rows is all there was from here to now.
  std::optional<std::int64_t> tail_from;
};
/// `surely`: the exchange's clock had passed this time when it answered.
Proof prove(const CandleQuestion& asked, const std::vector<Candle>& rows, Interval interval,
            Time surely);

}  // namespace bourse::binance
