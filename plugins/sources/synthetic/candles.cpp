// SPDX-License-Identifier: MIT
#include "plugins/sources/synthetic/candles.hpp"

#include <algorithm>

namespace bourse::synthetic {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

struct Range {
  Time first, last;  ///< open times, inclusive; empty when last < first
  [[nodiscard]] bool empty() const { return last < first; }
};

Interval grid(const Symbol& symbol, const CandleQuery& query) {
  return query.interval.anchored(Time{symbol.first_second * kSecondNs});
}

Range select(const Symbol& symbol, const CandleQuery& query, std::int64_t now) {
  const Interval interval = grid(symbol, query);
  Range all{interval.floor(Time{symbol.first_second * kSecondNs}),
            interval.floor(Time{(std::min(now, symbol.end_second) - 1) * kSecondNs})};
  if (query.end) all.last = std::min(all.last, interval.floor(*query.end));
  if (query.start) {
    const Time floor = interval.floor(*query.start);
    all.first = std::max(all.first, floor < *query.start ? interval.next(floor) : floor);
    Time last = all.first;
    for (std::int64_t i = 1; i < query.limit && last < all.last; ++i) last = interval.next(last);
    all.last = std::min(all.last, last);
  } else {
    Time first = all.last;
    for (std::int64_t i = 1; i < query.limit && first > all.first; ++i) {
      first = interval.previous(first);
    }
    all.first = std::max(all.first, first);
  }
  return all;
}

/// The level with the longest bars of which a candle is made.
int level_for(Interval interval) {
  const std::int64_t seconds = interval.length().value_or(kDaySeconds * kSecondNs) / kSecondNs;
  int level = kDayLevel;
  while (seconds % kLevels[static_cast<std::size_t>(level)] != 0) ++level;
  return level;
}

}  // namespace

std::vector<Candle> candles(const Market& market, const Symbol& symbol, const CandleQuery& query,
                            std::int64_t now) {
  const Range range = select(symbol, query, now);
  std::vector<Candle> out;
  if (range.empty()) return out;
  const Interval interval = grid(symbol, query);
  const std::int64_t to = std::min(interval.next(range.last).ns / kSecondNs, now);
  Time end = range.first;  // of the candle that is being gathered
  market.bars(symbol, level_for(interval), range.first.ns / kSecondNs, to,
              [&](std::int64_t start, const Bar& bar) {
                const Time time{start * kSecondNs};
                if (time < end) {
                  out.back().bar.append(bar);
                  return;
                }
                end = interval.next(time);
                out.push_back({interval.floor(time), interval.close_time(time),
                               end.ns <= now * kSecondNs, bar});
              });
  return out;
}

bool is_over(const Symbol& symbol, const CandleQuery& query, std::int64_t now) {
  constexpr std::int64_t kEnd = 9'000'000'000;  // 2255: later than any request
  if (now >= kEnd) return false;
  const Range today = select(symbol, query, now), at_last = select(symbol, query, kEnd);
  if (today.empty() || at_last.empty()) return today.empty() && at_last.empty();
  return today.first == at_last.first && today.last == at_last.last &&
         grid(symbol, query).next(today.last).ns <= now * kSecondNs;
}

}  // namespace bourse::synthetic
