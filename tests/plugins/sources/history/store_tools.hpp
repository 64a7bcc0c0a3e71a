// SPDX-License-Identifier: MIT
//
// Candles that a test can tell by their time alone, and the pages and marks they come in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/plugins/sources/history/store_place.hpp"

namespace bourse::history {

inline constexpr Millis kMinute = 60'000, kHour = 60 * kMinute, kDay = 24 * kHour;
/// date -u -d '2024-01-01' +%s
inline constexpr Millis kNewYear = 1'704'067'200'000;
/// A time at which all that tests write is long settled.
inline constexpr Millis kLater = kNewYear + 2000 * kDay;

inline Interval interval(std::string_view name) { return Interval::parse(name).value(); }
inline Decimal dec(std::string_view text) { return Decimal::from(text); }

/// Prices of two decimals, quantities of five, values of eight, from a hash of the time.
inline Candle candle_at(Millis time, std::uint64_t version = 0) {
  const auto mix = [](std::uint64_t x) {  // finalizer of SplitMix64
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  };
  const std::uint64_t hash = mix(static_cast<std::uint64_t>(time) + version * 0x9e3779b97f4a7c15u);
  const auto part = [&](int shift, std::uint64_t below) {
    return static_cast<std::int64_t>((mix(hash + static_cast<std::uint64_t>(shift))) % below);
  };
  const auto at = [](std::int64_t integer, int scale) { return *Decimal::make(integer, scale); };
  Candle candle;
  candle.open_time = time;
  const std::int64_t open = 5'000'000 + part(1, 1'000'000);
  const std::int64_t close = 5'000'000 + part(2, 1'000'000);
  candle.open = at(open, 2);
  candle.close = at(close, 2);
  candle.high = at(std::max(open, close) + part(3, 10'000), 2);
  candle.low = at(std::min(open, close) - part(4, 10'000), 2);
  candle.volume = at(part(5, 10'000'000), 5);
  candle.quote_volume = at(part(6, 500'000'000'000'000), 8);
  candle.trades = part(7, 5'000);
  candle.taker_base_volume = at(part(8, 5'000'000), 5);
  candle.taker_quote_volume = at(part(9, 250'000'000'000'000), 8);
  return candle;
}

inline std::vector<Candle> candles(Millis from, Millis to, Millis step = kMinute) {
  std::vector<Candle> rows;
  for (Millis time = from; time < to; time += step) rows.push_back(candle_at(time));
  return rows;
}

inline NewSeries new_series(std::string symbol = "BTCUSDT", std::string of = "1m") {
  return {{"fake/spot", std::move(symbol), std::move(of)}, {2, 5, 8}, dec("0.01")};
}

inline Origin api(Millis at = kLater) { return {OriginKind::kApi, "fake/spot", "", "", "", at}; }
inline Origin file(OriginKind kind, std::string name, Millis at = kLater) {
  return {kind, "data.example", std::move(name), "aa", "aa", at};
}

/// Throws the sentence of an error, so that a test that does not expect one says it.
template <class T>
T got(Result<T> result) {
  if (!result)
    throw std::runtime_error(std::string(name_of(result.error().kind)) + ": " +
                             result.error().text());
  return std::move(*result);
}

/// Rows as the source gave them for [from, to), all of it proven.
inline Written keep(Store& store, const Series& series, Span span, const std::vector<Candle>& rows,
                    const Origin& origin = api()) {
  std::vector<Millis> times;
  for (const Candle& row : rows) times.push_back(row.open_time);
  const auto marks = proof(series.grid(), span, times, true);
  return got(store.write({series.id, origin, rows, marks, kLater}));
}
/// As a file.
inline Written import(Store& store, const Series& series, const std::vector<Candle>& rows,
                      const Origin& origin) {
  return got(store.write({series.id, origin, rows, {}, kLater}));
}

inline constexpr Span kEver{kMillisMin, kMillisMax};

}  // namespace bourse::history
