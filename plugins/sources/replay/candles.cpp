// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/candles.hpp"

#include <algorithm>

namespace bourse::replay {
namespace {

/// Index of the first row that opens at `time` or later.
std::size_t row_at(const Series& s, Time time) {
  const auto begin = s.open_time.begin(), end = begin + static_cast<std::ptrdiff_t>(s.size());
  return static_cast<std::size_t>(std::lower_bound(begin, end, time.ns) - begin);
}

/// Index after the last row that opens at `time` or earlier.
std::size_t row_after(const Series& s, Time time) {
  const auto begin = s.open_time.begin(), end = begin + static_cast<std::ptrdiff_t>(s.size());
  return static_cast<std::size_t>(std::upper_bound(begin, end, time.ns) - begin);
}

struct Sum {
  Decimal open, high, low, close, volume, quote_volume, taker_base_volume, taker_quote_volume;
  std::int64_t trades = 0;
};

/// Values of one column have one scale: their coefficients are added and compared, at 2 ns each
/// instead of 25 for whole Decimals.
Decimal add_up(const Decimals& column, Rows rows) {
  Int128 sum = 0;
  for (std::size_t row = rows.first; row < rows.first + rows.count; ++row) {
    // Two of 38 digits may be too much even for 128 bits.
    const bool over = __builtin_add_overflow(sum, column.coefficient(row), &sum);
    if (over || !Decimal::make(sum, column.scale())) {
      throw DecimalError(DecimalError::Kind::kRange,
                         "the sum of recorded volumes needs more than 38 digits");
    }
  }
  return Decimal::make(sum, column.scale()).value();
}

template <class Better>
Decimal best(const Decimals& column, Rows rows, const Better& better) {
  std::size_t at = rows.first;
  for (std::size_t row = at + 1; row < rows.first + rows.count; ++row) {
    if (better(column.coefficient(row), column.coefficient(at))) at = row;
  }
  return column[at];
}

Sum sum_of(const Series& s, Rows rows) {
  Sum sum{s.open[rows.first],
          best(s.high, rows, std::greater<>()),
          best(s.low, rows, std::less<>()),
          s.close[rows.first + rows.count - 1],
          add_up(s.volume, rows),
          add_up(s.quote_volume, rows),
          add_up(s.taker_base_volume, rows),
          add_up(s.taker_quote_volume, rows),
          0};
  for (std::size_t row = rows.first; row < rows.first + rows.count; ++row) {
    if (__builtin_add_overflow(sum.trades, s.trades[row], &sum.trades)) {
      throw DecimalError(DecimalError::Kind::kRange,
                         "the number of trades needs more than 63 bits");
    }
  }
  return sum;
}

void append(Series& s, Time open_time, Time close_time, const Sum& sum) {
  s.open_time.push_back(open_time.ns);
  s.close_time.push_back(close_time.ns);
  s.trades.push_back(sum.trades);
  s.open.push(sum.open);
  s.high.push(sum.high);
  s.low.push(sum.low);
  s.close.push(sum.close);
  s.volume.push(sum.volume);
  s.quote_volume.push(sum.quote_volume);
  s.taker_base_volume.push(sum.taker_base_volume);
  s.taker_quote_volume.push(sum.taker_quote_volume);
}

/// The rows of the candles of `longer` that the query selects; whole candles only at the front.
Rows select_base(const Series& s, Interval longer, const CandleQuery& query) {
  std::size_t first = 0, last = s.size();
  if (query.end) last = row_at(s, longer.next(*query.end));
  if (query.start) {
    const Time floor = longer.floor(*query.start);
    first = row_at(s, floor < *query.start ? longer.next(floor) : floor);
  } else {
    first = last;
    for (std::int64_t n = 0; n < query.limit && first > 0; ++n) {
      first = row_at(s, longer.floor(Time{s.open_time[first - 1]}));
    }
  }
  return {first, first < last ? last - first : 0};
}

/// Whether `a` covers all of the time that `b` does, and more. REQUIRES: both have rows.
bool reaches_further(const Series& a, const Series& b) {
  const std::int64_t end_a = a.close_time[a.size() - 1], end_b = b.close_time[b.size() - 1];
  return a.open_time.front() <= b.open_time.front() && end_a >= end_b &&
         (a.open_time.front() < b.open_time.front() || end_a > end_b);
}

/// The candles of one interval that lie in the 24 hours before a time.
struct Window {
  const Series* series = nullptr;
  Rows rows;
  std::int64_t covered = 0;  ///< ns
};

Window window_of(Interval interval, const Series& s, Time now) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const std::int64_t length = interval.length().value_or(31 * kDay);
  const std::size_t first = row_at(s, Time{std::max(now.ns, kDay) - kDay});
  Window window{&s, {first, s.size() - first}, 0};
  for (std::size_t row = first; row < s.size(); ++row) {
    // A candle without trades may close early and stands for its interval; off the grid, one ends
    // where the next begins.
    const std::int64_t end = row + 1 < s.size() ? s.open_time[row + 1] : now.ns;
    window.covered += std::clamp<std::int64_t>(end - s.open_time[row], 0, length);
  }
  return window;
}

}  // namespace

Rows select(const Series& s, const CandleQuery& query) {
  const std::size_t first = query.start ? row_at(s, *query.start) : 0;
  const std::size_t last = query.end ? row_after(s, *query.end) : s.size();
  if (last <= first) return {first, 0};
  const auto limit = static_cast<std::size_t>(query.limit);
  const std::size_t count = std::min(last - first, limit);
  return {query.start ? first : last - count, count};
}

Aggregate aggregate(const Series& s, Interval base, Interval longer, const CandleQuery& query,
                    Time now, const std::function<void()>& poll) {
  Aggregate out;
  const Rows rows = select_base(s, longer, query);
  const std::size_t last = rows.first + rows.count;
  for (std::size_t row = rows.first; row < last;) {
    if (out.series.size() == static_cast<std::size_t>(query.limit)) break;
    if (poll) poll();
    const Time start = longer.floor(Time{s.open_time[row]}), end = longer.next(start);
    const std::size_t next = std::min(row_at(s, end), last);
    append(out.series, start, longer.close_time(start), sum_of(s, {row, next - row}));
    const bool closed = longer.close_time(start) < now;
    out.closed.push_back(closed ? 1 : 0);
    const std::int64_t fit = (end.ns - start.ns) / base.length().value();
    if (closed && static_cast<std::int64_t>(next - row) < fit) ++out.incomplete;
    row = next;
  }
  return out;
}

std::optional<Interval> base_for(const Market& market, Interval wanted) {
  std::optional<Interval> best, empty;
  for (const auto& [interval, series] : market.series) {
    if (!interval.divides(wanted)) continue;
    // Ascending: the last one is the longest. One or two candles of 3d may be recorded to show
    // where they begin: they do not stand in the way of all that can be made.
    if (series.size() == 0) {
      empty = interval;
    } else if (!best || wanted.has_common_grid() ||
               !reaches_further(market.series.at(*best), series)) {
      best = interval;
    }
  }
  return best ? best : empty;
}

Interval on_grid(const Market& market, Interval interval) {
  return market.grid ? interval.anchored(*market.grid) : interval;
}

std::optional<Ticker> ticker_of(const Market& market, Time now) {
  Window best;
  for (const auto& [interval, series] : market.series) {
    const Window window = window_of(interval, series, now);
    if (window.covered > best.covered) best = window;
  }
  if (best.series == nullptr) return std::nullopt;
  const Series& s = *best.series;
  const Sum sum = sum_of(s, best.rows);
  const std::size_t last = best.rows.first + best.rows.count - 1;
  Ticker t;
  t.last = sum.close;
  t.open = sum.open;
  t.high = sum.high;
  t.low = sum.low;
  t.volume = sum.volume;
  t.quote_volume = sum.quote_volume;
  if (best.rows.first > 0) t.previous_close = s.close[best.rows.first - 1];
  t.open_time = Time{s.open_time[best.rows.first]};
  t.close_time = after(s.close_time[last]);
  t.trades = sum.trades;
  t.covered = best.covered;
  t.complete();
  return t;
}

}  // namespace bourse::replay
