// SPDX-License-Identifier: MIT
//
// What a history keeps: series of candles, where each came from, and what of time is known.
//
// Times are whole milliseconds since 1970-01-01 00:00 UTC, as the exchange gives them and as the
// databases hold them; what an answer carries in nanoseconds is converted at the layer's border
// (to_millis, to_time). Values are Decimals, exact. All of these are plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/decimal.hpp"
#include "bourse/interval.hpp"

namespace bourse::history {

using Millis = std::int64_t;
/// What kMillisMin and kMillisMax bound is what Time (nanoseconds) can say: 1677 to 2262.
inline constexpr Millis kMillisMin = -9'223'372'036'854, kMillisMax = 9'223'372'036'854;

constexpr Millis to_millis(Time time) noexcept {  // towards minus infinity
  return time.ns / 1'000'000 - (time.ns % 1'000'000 < 0 ? 1 : 0);
}
/// REQUIRES: kMillisMin <= time <= kMillisMax.
constexpr Time to_time(Millis time) noexcept { return Time{time * 1'000'000}; }

/// [from, to), never empty in what a store gives or takes: from < to.
struct Span {
  Millis from = 0;
  Millis to = 0;
  friend constexpr bool operator==(Span, Span) noexcept = default;
};

/// What tells one series from another. Bytes are compared, nothing is folded: "btcusdt" is another
/// symbol, and 币安人生USDT is one.
struct SeriesKey {
  std::string
      source;  ///< of the site the data is of, such as "binance/spot"; the layer's name for it
  std::string symbol;
  std::string interval;  ///< as Interval::parse takes it
  /// "candles"; of the others (trades.hpp) a series has no interval, and is not made by create().
  std::string dataset = "candles";
  friend auto operator<=>(const SeriesKey&, const SeriesKey&) noexcept = default;
};

/// Decimals kept of prices, of base quantities and of quote values; 0 to kScaleMax each. Fixed when
/// a series is born: a value with more digits, or beyond 2^63 at this scale, is kept as text,
/// exact, so a scale that turns out too small costs room and speed, never a digit.
struct Scale {
  static constexpr int kMax = 18;
  int price = 8;
  int base = 8;
  int quote = 8;
  friend constexpr bool operator==(Scale, Scale) noexcept = default;
};

/// A row. Scales of the values do not matter when it is written; rows read have the series' scale,
/// or those that were written, where a value did not fit.
struct Candle {
  Millis open_time = 0;  ///< its identity; on the grid or not
  /// Last instant of the candle. nullopt: the regular one, next open time of the grid - 1. A store
  /// makes it nullopt when it is that.
  std::optional<Millis> close_time = {};
  Decimal open, high, low, close;
  Decimal volume, quote_volume;
  std::int64_t trades = 0;
  Decimal taker_base_volume, taker_quote_volume;

  /// By value: "0.10000000" is "0.1".
  friend bool operator==(const Candle&, const Candle&) noexcept = default;
};

/// The smallest scale that holds all values of these rows (at most Scale::kMax): what a page needs
/// when a series is born. Trailing zeros do not count; integers of few digits take few bytes.
Scale scale_of(std::span<const Candle> rows) noexcept;

using SeriesId = std::int32_t;

struct NewSeries {
  SeriesKey key;
  Scale scale;
  std::optional<Decimal> tick = {};  ///< smallest step of a price, where the source says it
  /// Of "3d": the open time of any candle of 1d or 3d of this market, which its grid begins with.
  std::optional<Millis> anchor = {};
};

struct Series : NewSeries {
  SeriesId id = 0;
  /// The interval on this market's grid.
  [[nodiscard]] Interval grid() const noexcept;
};

/// From most to least believed: where two sources differ about a candle, the more believed one is
/// shown; of equally believed ones the one taken later.
enum class OriginKind : std::uint8_t {
  kApi = 1,          ///< asked of the source below
  kDailyFile = 2,    ///< the exchange's bulk file of a day
  kMonthlyFile = 3,  ///< the exchange's bulk file of a month
  kRecording = 4,    ///< a file that somebody made
};
/// "api", "daily file", "monthly file", "recording".
std::string_view name_of(OriginKind kind) noexcept;

/// Where rows and coverage came from. A file is an origin of its own; all that is asked of one
/// source is one origin, and the spans say when.
struct Origin {
  OriginKind kind = OriginKind::kApi;
  std::string source = {};            ///< the source below, or who published the file
  std::string file = {};              ///< its name or path; "" for kApi
  std::string sha256 = {};            ///< of the file as it was read, hexadecimal; may be ""
  std::string published_sha256 = {};  ///< what its publisher says; another one is a finding
  Millis taken_at = 0;                ///< when it was asked or read, by our clock
};
using OriginId = std::int32_t;

/// Unknown is what no span says; it is never stored.
enum class State : std::uint8_t {
  kKnown = 1,  ///< every candle there is in it is kept
  kEmpty = 2,  ///< it was asked for, and there is none
};

/// What an answer or a file proves of time, before a store has it; see coverage.hpp for how.
struct Mark {
  Span span;
  State state = State::kKnown;
};

/// A piece of what is known.
struct Covered {
  Span span;
  State state = State::kKnown;
  OriginKind kind = OriginKind::kApi;
  OriginId origin = 0;
  Millis asked_at =
      0;  ///< by our clock; of pieces that became one the latest, of empty ones the oldest
};

/// The version of a candle that is not shown.
struct Revision {
  Candle candle;
  Millis seen_at = 0;   ///< when the difference was found
  OriginId origin = 0;  ///< of this version; 0: unknown
  OriginKind kind = OriginKind::kApi;
};

/// What a task or an analysis says of a series. Counts are kept, not counted: O(spans), not
/// O(rows).
struct SeriesStatus {
  Series series;
  std::optional<Span> known = {};  ///< from the first known instant to the last; nullopt: nothing
  std::uint64_t rows = 0;
  std::uint64_t text_rows =
      0;  ///< of rows: those with a value beyond the scale, or a close time of their own
  std::uint64_t revisions = 0;  ///< versions not shown
  std::uint64_t spans = 0;      ///< pieces of coverage
  std::uint64_t gaps = 0;       ///< unknown pieces between the first and the last known instant
  Millis known_ms = 0, empty_ms = 0, unknown_ms = 0;  ///< of [known->from, known->to)
  /// Candles that have closed since the last known instant, by `now`: 0 is up to date.
  std::uint64_t behind = 0;
};

/// Nothing of it is known or kept: candles that are made of shorter ones have a series too.
inline bool is_bare(const SeriesStatus& status) {
  return !status.known && status.rows == 0 && status.revisions == 0;
}

}  // namespace bourse::history
