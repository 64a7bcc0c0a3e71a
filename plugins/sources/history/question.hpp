// SPDX-License-Identifier: MIT
//
// A question for candles, and what the source below said of a part of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugins/sources/history/store/types.hpp"

namespace bourse::history {

/// As the dataset `candles` of bourse/market.h: without `start` the newest `limit` up to `end`,
/// with it the oldest from there; both are compared with open times, inclusive.
struct Question {
  SeriesKey key;
  Interval interval;
  std::size_t limit = 0;
  std::optional<Millis> start = {};
  std::optional<Millis> end = {};
  Millis now = 0;       ///< by our clock
  bool derives = true;  ///< longer candles may be made of kept shorter ones
};

/// Of the same market, the intervals of which candles of this one are made of whole candles,
/// shortest first; kept or not.
std::vector<SeriesKey> shorter_keys(const SeriesKey& key, const Interval& interval);

/// The part of it that is asked below. `limit`: 1 to kPageMax.
struct Asked {
  static constexpr std::size_t kPageMax = 5000;  ///< market.h
  std::optional<Millis> start = {};
  std::optional<Millis> end = {};
  std::size_t limit = 0;
};

/// One answer from below.
struct Page {
  std::vector<Candle> rows;     ///< closed ones, ascending
  std::vector<Candle> forming;  ///< the newest, while it forms: at most one
  /// All that there is was given: fewer rows than were asked for.
  bool is_complete = false;
  Millis clock = 0;  ///< what "now" is for the source
};

/// The source below. Remembers what a failure was, so that it can be thrown on.
class Below {
 public:
  virtual ~Below() = default;
  Below(const Below&) = delete;
  Below& operator=(const Below&) = delete;

  /// nullopt: it failed; why() tells then. Throws what ends the call at once.
  virtual std::optional<Page> candles(const Question& question, const Asked& asked) = 0;
  /// Of the last failure, for people.
  [[nodiscard]] virtual std::string why() const = 0;
  /// Throws the last failure. REQUIRES: there was one.
  [[noreturn]] virtual void fail() const = 0;
  /// Ends the call when nobody waits for it any more.
  virtual void poll() const = 0;

 protected:
  Below() = default;
};

}  // namespace bourse::history
