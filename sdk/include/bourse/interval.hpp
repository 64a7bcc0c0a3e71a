// SPDX-License-Identifier: MIT
//
// interval.hpp - the lengths of candles, and where each candle starts.
//
//   const Interval hour = Interval::parse("1h").value();
//   const Time start = hour.floor(now), end = hour.next(start);   // [start, end) holds now
//
// Candles of fixed length start at multiples of their length since 1970-01-01 00:00 UTC; weeks
// start on Monday and months on the 1st, 00:00 UTC, in the proleptic Gregorian calendar. No leap
// seconds. Times that would leave the range of Time (1677-09-21 to 2262-04-11) stop at its ends.
//
// Three days are the exception: each market has a grid of its own, which begins with its first
// trading day. Anchor the interval at a candle of the market before asking where its candles start:
//
//   const Interval grid = Interval::parse("3d").value().anchored(first_open_time);
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

/// One of the sixteen legal values of `interval` in market.h. A plain value.
class Interval {
 public:
  /// "1s" ... "1M"; case-sensitive, as "1m" is a minute and "1M" a month. nullopt for all else.
  static constexpr std::optional<Interval> parse(std::string_view text) noexcept {
    for (std::size_t i = 0; i < kAll.size(); ++i) {
      if (kAll[i].name == text) return Interval(i);
    }
    return std::nullopt;
  }
  /// All of them, shortest first.
  static constexpr auto all() noexcept;

  [[nodiscard]] constexpr std::string_view name() const noexcept { return kAll[index_].name; }
  /// In ns; nullopt for the month, which has no fixed length.
  [[nodiscard]] constexpr std::optional<std::int64_t> length() const noexcept {
    if (is_month()) return std::nullopt;
    return kAll[index_].seconds * kSecond;
  }

  /// Whether all markets' candles of this length start at the same times. False of "3d" alone.
  [[nodiscard]] constexpr bool has_common_grid() const noexcept { return index_ != kThreeDays; }
  /// This interval on the grid of a market that has a candle, of this length or a day, that starts
  /// at `first`. Itself where there is a common grid. Not anchored, "3d" counts from 1970-01-01.
  [[nodiscard]] constexpr Interval anchored(Time first) const noexcept {
    Interval on_grid = *this;
    if (has_common_grid()) return on_grid;
    const std::int64_t day = floor_to(seconds_of(first), kDay);
    on_grid.first_day_ = static_cast<std::uint8_t>((day - floor_to(day, 3 * kDay)) / kDay);
    return on_grid;
  }

  /// Start of the candle that holds `time`.
  [[nodiscard]] constexpr Time floor(Time time) const noexcept {
    return from_seconds(floor_seconds(seconds_of(time)));
  }
  /// Start of the candle after the one that holds `time`.
  [[nodiscard]] constexpr Time next(Time time) const noexcept {
    return from_seconds(next_seconds(floor_seconds(seconds_of(time))));
  }
  /// Start of the candle before the one that holds `time`.
  [[nodiscard]] constexpr Time previous(Time time) const noexcept {
    return from_seconds(floor_seconds(floor_seconds(seconds_of(time)) - 1));
  }
  /// The close time that the exchange writes for the candle that holds `time`: the last millisecond
  /// in it.
  [[nodiscard]] constexpr Time close_time(Time time) const noexcept {
    const Time end = next(time);
    return end.ns == kMax ? end : Time{end.ns - kMillisecond};
  }
  /// Whether every candle of `longer` is made of whole candles of this interval. True of equal
  /// ones.
  [[nodiscard]] constexpr bool divides(Interval longer) const noexcept {
    if (index_ == longer.index_) return true;
    if (is_month()) return false;
    const std::int64_t seconds = kAll[index_].seconds;
    if (longer.is_month()) return kDay % seconds == 0;
    return longer.is_week() ? kDay % seconds == 0 : kAll[longer.index_].seconds % seconds == 0;
  }

  /// By length, whatever the grid.
  friend constexpr bool operator==(Interval a, Interval b) noexcept { return a.index_ == b.index_; }
  friend constexpr auto operator<=>(Interval a, Interval b) noexcept {
    return a.index_ <=> b.index_;
  }

 private:
  struct Entry {
    std::string_view name;
    std::int64_t seconds;  ///< of a month: 0
  };
  static constexpr std::int64_t kMillisecond = 1'000'000;
  static constexpr std::int64_t kSecond = 1'000'000'000;
  static constexpr std::int64_t kDay = 86'400;
  static constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  static constexpr std::array<Entry, 16> kAll = {{{"1s", 1},
                                                  {"1m", 60},
                                                  {"3m", 180},
                                                  {"5m", 300},
                                                  {"15m", 900},
                                                  {"30m", 1'800},
                                                  {"1h", 3'600},
                                                  {"2h", 7'200},
                                                  {"4h", 14'400},
                                                  {"6h", 21'600},
                                                  {"8h", 28'800},
                                                  {"12h", 43'200},
                                                  {"1d", kDay},
                                                  {"3d", 3 * kDay},
                                                  {"1w", 7 * kDay},
                                                  {"1M", 0}}};
  static constexpr std::size_t kThreeDays = 13, kWeek = 14, kMonth = 15;
  /// 1970-01-01 was a Thursday; the Monday after it starts the grid of weeks.
  static constexpr std::int64_t kFirstMonday = 4 * kDay;

  constexpr explicit Interval(std::size_t index) noexcept
      : index_(static_cast<std::uint8_t>(index)) {}
  [[nodiscard]] constexpr bool is_month() const noexcept { return index_ == kMonth; }
  [[nodiscard]] constexpr bool is_week() const noexcept { return index_ == kWeek; }

  /// Rounds towards minus infinity, so that times before 1970 fall into their own candle.
  static constexpr std::int64_t floor_to(std::int64_t value, std::int64_t step) noexcept {
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
  }
  static constexpr std::int64_t seconds_of(Time time) noexcept {
    return time.ns / kSecond - (time.ns % kSecond < 0 ? 1 : 0);
  }
  static constexpr Time from_seconds(std::int64_t seconds) noexcept {
    if (seconds < kMin / kSecond) return Time{kMin};
    if (seconds > kMax / kSecond) return Time{kMax};
    return Time{seconds * kSecond};
  }
  /// Months since 0000-03, of the month that holds a day counted from 1970-01-01, and the first day
  /// of such a month (Hinnant, "chrono-compatible low-level date algorithms"; of years that end
  /// with February).
  static constexpr std::int64_t month_of(std::int64_t day) noexcept {
    const std::int64_t era_day = day + 719'468;
    const std::int64_t era = floor_to(era_day, 146'097) / 146'097;
    const std::int64_t of_era = era_day - era * 146'097;
    const std::int64_t year = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
    const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    return (era * 400 + year) * 12 + (5 * of_year + 2) / 153;
  }
  static constexpr std::int64_t first_day_of(std::int64_t month) noexcept {
    const std::int64_t year = floor_to(month, 12) / 12;
    const std::int64_t era = floor_to(year, 400) / 400;
    const std::int64_t of_era = year - era * 400;
    return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 +
           (153 * (month - year * 12) + 2) / 5 - 719'468;
  }
  [[nodiscard]] constexpr std::int64_t floor_seconds(std::int64_t seconds) const noexcept {
    if (is_month()) return first_day_of(month_of(floor_to(seconds, kDay) / kDay)) * kDay;
    const std::int64_t origin = is_week() ? kFirstMonday : first_day_ * kDay;
    return floor_to(seconds - origin, kAll[index_].seconds) + origin;
  }
  [[nodiscard]] constexpr std::int64_t next_seconds(std::int64_t start) const noexcept {
    if (is_month()) return first_day_of(month_of(start / kDay) + 1) * kDay;
    return start + kAll[index_].seconds;
  }

  std::uint8_t index_;
  std::uint8_t first_day_ = 0;  ///< of "3d": 0 to 2 days after the candle of 1970-01-01
};

constexpr auto Interval::all() noexcept {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Interval, sizeof...(I)>{Interval(I)...};
  }
  (std::make_index_sequence<kAll.size()>{});
}

}  // namespace bourse::inline sdk_0_1
