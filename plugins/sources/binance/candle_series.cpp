// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/candle_series.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <utility>

#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
/// A candle may still be added to for a moment after its end.
constexpr std::int64_t kSettlingMs = 2'000;
/// That candles are missing is believed once they have had this long to appear, or a later one has.
constexpr std::int64_t kHoleSettlingMs = 300'000;

bool opens_before(const Candle& candle, std::int64_t time) { return candle.open_ms < time; }

auto at_or_after(const std::vector<Candle>& rows, std::int64_t time) {
  return std::lower_bound(rows.begin(), rows.end(), time, opens_before);
}
auto after(const std::vector<Candle>& rows, std::int64_t time) {
  return time == kMax ? rows.end() : at_or_after(rows, time + 1);
}

/// The most of [begin, end), from its start, that hold no more than `limit` candles that can be
/// read, and how many those are.
template <class Iterator>
std::pair<Iterator, std::size_t> first_readable(Iterator begin, Iterator end, std::size_t limit) {
  std::size_t count = 0;
  while (begin != end && count < limit) count += (begin++)->is_readable ? 1U : 0U;
  return {begin, count};
}

std::size_t readable(const std::vector<Candle>& rows) {
  return static_cast<std::size_t>(std::ranges::count_if(rows, &Candle::is_readable));
}

}  // namespace

std::vector<Candle> to_rows(const Candles& c, Interval interval) {
  std::vector<Candle> rows(c.rows());
  for (std::size_t i = 0; i < c.rows(); ++i) {
    rows[i] = {.open_ms = to_ms(c.open_time()[i]),
               .close_ms = to_ms(c.close_time()[i]),
               .open = c.open()[i],
               .high = c.high()[i],
               .low = c.low()[i],
               .close = c.close()[i],
               .volume = c.volume()[i],
               .quote_volume = c.quote_volume()[i],
               .taker_base_volume = c.taker_base_volume()[i],
               .taker_quote_volume = c.taker_quote_volume()[i],
               .trades = c.trades()[i],
               .closed = false,
               .is_readable = true,
               .oddities = c.oddities()[i]};
  }
  const std::size_t readable = rows.size();
  for (const UnreadableCandle& one : c.unreadable()) {
    if (!one.open_time) continue;
    Candle place;
    place.open_ms = to_ms(*one.open_time);
    place.close_ms = to_ms(interval.anchored(*one.open_time).close_time(*one.open_time));
    place.is_readable = false;
    rows.push_back(place);
  }
  if (rows.size() > readable) std::ranges::stable_sort(rows, {}, &Candle::open_ms);
  return rows;
}

// ---- what is known

CandleSeries::Spans::const_iterator CandleSeries::covering(std::int64_t time) const {
  const auto next = spans_.upper_bound(time);
  if (next == spans_.begin()) return none();
  const auto span = std::prev(next);
  return span->second.to >= time ? span : none();
}

CandleSeries::Spans::const_iterator CandleSeries::below(std::int64_t time) const {
  auto span = spans_.lower_bound(time);
  while (span != spans_.begin()) {
    --span;
    if (span->second.to < time) return span;
  }
  return none();
}

CandleSeries::Spans::const_iterator CandleSeries::above(std::int64_t time) const {
  return spans_.upper_bound(time);
}

void CandleSeries::add(std::int64_t from, std::int64_t to, std::vector<Candle> rows) {
  // Whatever touches [from - 1, to + 1] becomes one span with it.
  auto first = spans_.upper_bound(from);
  if (first != spans_.begin() && std::prev(first)->second.to >= from - 1) --first;
  const auto last = to == kMax ? spans_.end() : spans_.upper_bound(to + 1);
  Span whole{.to = to, .rows = {}};
  std::int64_t begin = from;
  std::vector<Candle> newer;
  for (auto span = first; span != last; ++span) {
    const auto& old = span->second.rows;
    begin = std::min(begin, span->first);
    whole.to = std::max(whole.to, span->second.to);
    whole.rows.insert(whole.rows.end(), old.begin(), at_or_after(old, from));
    newer.insert(newer.end(), after(old, to), old.end());
  }
  whole.rows.insert(whole.rows.end(), rows.begin(), rows.end());
  whole.rows.insert(whole.rows.end(), newer.begin(), newer.end());
  spans_.erase(first, last);
  spans_.emplace(begin, std::move(whole));
}

void CandleSeries::follow(const Candle& row, Instant at, Time clock, Instant ends) {
  if (!tail_) return;
  if (tail_->rows.empty() || !tail_->rows.back().is_readable) return drop_tail();
  Candle& last = tail_->rows.back();
  if (row.open_ms > last.open_ms) {
    if (!append(row)) return drop_tail();
  } else if (row.open_ms == last.open_ms) {
    // Who has seen more trades is the newer one, whichever came first.
    const bool was_closed = last.closed;
    if (row.closed || (!tail_->is_final && row.trades >= last.trades)) last = row;
    last.closed = was_closed || row.closed;
    tail_->is_final = tail_->is_final || row.closed;
  }
  tail_->is_followed = true;
  tail_->at = std::max(tail_->at, at);
  tail_->clock = std::max(tail_->clock, clock);
  tail_->ends = ends;
}

/// The candle after the last one. Only a final one has been followed to its end, and only candles
/// side by side have nothing between them. What REST had closed by its clock before the last one
/// may have been added to since.
bool CandleSeries::append(const Candle& row) {
  const Candle last = tail_->rows.back();
  if (!tail_->is_final || tail_->rows.size() > 1 || row.open_ms != last.close_ms + 1) return false;
  add(std::min(tail_->from, last.open_ms), row.open_ms - 1, {last});
  tail_->from = row.open_ms;
  tail_->rows = {row};
  tail_->is_final = row.closed;
  return true;
}

std::size_t CandleSeries::bytes() const noexcept {
  std::size_t bytes = sizeof(CandleSeries);
  for (const auto& [from, span] : spans_) {
    bytes += sizeof(Spans::value_type) + span.rows.capacity() * sizeof(Candle);
  }
  return bytes + (tail_ ? tail_->rows.capacity() * sizeof(Candle) : 0);
}

void CandleSeries::shrink(std::size_t bytes_max) {
  while (!spans_.empty() && bytes() > bytes_max) {
    const auto oldest = spans_.begin();
    std::vector<Candle>& rows = oldest->second.rows;
    const std::size_t excess = (bytes() - bytes_max) / sizeof(Candle) + 1;
    if (rows.size() <= excess) {
      spans_.erase(oldest);
      continue;
    }
    Span kept{.to = oldest->second.to, .rows = {}};
    kept.rows.assign(rows.begin() + static_cast<std::ptrdiff_t>(excess), rows.end());
    spans_.erase(oldest);
    const std::int64_t from = kept.rows.front().open_ms;
    spans_.emplace(from, std::move(kept));
  }
}

// ---- answering a question

CandleWalk::CandleWalk(Interval interval, const CandleQuestion& question)
    : interval_(interval),
      newest_first_(!question.start),
      left_(question.limit),
      cursor_(newest_first_ ? question.end.value_or(kMax) : *question.start),
      last_(newest_first_ ? kMin : question.end.value_or(kMax)) {}

std::optional<CandleQuestion> CandleWalk::take(const CandleSeries& series, std::int64_t now_ms,
                                               bool tail_is_fresh) {
  tail_is_fresh = tail_is_fresh && series.tail();
  return newest_first_ ? take_newest(series, now_ms, tail_is_fresh)
                       : take_oldest(series, now_ms, tail_is_fresh);
}

bool CandleWalk::is_answered(const CandleSeries& series, Interval interval,
                             const CandleQuestion& question, bool tail_is_fresh) {
  CandleWalk walk(interval, question);
  walk.gathers_ = false;
  return !walk.take(series, 0, tail_is_fresh);
}

std::size_t CandleWalk::guess(std::int64_t from, std::int64_t to) const {
  if (to < from) return 1;
  // A month has no fixed length; none is shorter than 28 days.
  constexpr std::int64_t kShortMonthMs = std::int64_t{28} * 86'400'000;
  const auto length = interval_.length();
  const std::int64_t ms = length ? *length / kNsPerMs : kShortMonthMs;
  // The exchange's clock and our idea of it may lie on two sides of a border: one more.
  return static_cast<std::size_t>((to - from) / ms) + 2;
}

std::optional<CandleQuestion> CandleWalk::take_newest(const CandleSeries& series,
                                                      std::int64_t now_ms, bool tail_is_fresh) {
  while (left_ > 0 && cursor_ >= 0) {
    if (tail_is_fresh && cursor_ >= series.tail()->from) {
      used_tail_ = true;
      use_newest(series.tail()->rows);
      cursor_ = series.tail()->from - 1;
      continue;
    }
    if (const auto span = series.covering(cursor_); span != series.none()) {
      rows_known_ += use_newest(span->second.rows);
      cursor_ = span->first - 1;
      continue;
    }
    CandleQuestion missing{.limit = left_, .start = {}, .end = {}};
    if (cursor_ != kMax) missing.end = cursor_;
    if (const auto older = series.below(cursor_); older != series.none()) {
      missing.limit = std::min(left_, guess(older->second.to + 1,
                                            std::min(cursor_, std::max(now_ms, older->second.to))));
    }
    return missing;
  }
  return std::nullopt;
}

std::optional<CandleQuestion> CandleWalk::take_oldest(const CandleSeries& series,
                                                      std::int64_t now_ms, bool tail_is_fresh) {
  while (left_ > 0 && cursor_ <= last_) {
    if (const auto span = series.covering(cursor_); span != series.none()) {
      rows_known_ += use_oldest(span->second.rows);
      if (span->second.to == kMax) break;
      cursor_ = span->second.to + 1;
      continue;
    }
    if (tail_is_fresh && cursor_ >= series.tail()->from) {
      used_tail_ = true;
      use_oldest(series.tail()->rows);
      break;
    }
    std::int64_t until = last_;
    if (const auto newer = series.above(cursor_); newer != series.none()) {
      until = std::min(until, newer->first - 1);
    }
    if (tail_is_fresh) until = std::min(until, series.tail()->from - 1);
    CandleQuestion missing{.limit = left_, .start = cursor_, .end = {}};
    if (until != kMax) missing.end = until;
    const bool known_behind = until != last_ || series.covering(cursor_ - 1) != series.none();
    if (known_behind) {
      missing.limit = std::min(left_, guess(cursor_, std::min(until, std::max(now_ms, cursor_))));
    }
    return missing;
  }
  return std::nullopt;
}

std::size_t CandleWalk::use_newest(const std::vector<Candle>& rows) {
  const auto newest = std::make_reverse_iterator(after(rows, cursor_));
  const auto [end, count] = first_readable(newest, rows.rend(), left_);
  // Kept newest first until rows() turns them round.
  if (gathers_) rows_.insert(rows_.end(), newest, end);
  left_ -= count;
  return count;
}

std::size_t CandleWalk::use_oldest(const std::vector<Candle>& rows) {
  const auto begin = at_or_after(rows, cursor_);
  const auto beyond = after(rows, last_);
  if (begin >= beyond) return 0;
  const auto [end, count] = first_readable(begin, beyond, left_);
  if (gathers_) rows_.insert(rows_.end(), begin, end);
  left_ -= count;
  return count;
}

void CandleWalk::give(const CandleQuestion& asked, const std::vector<Candle>& rows) {
  const bool all = readable(rows) < asked.limit;
  if (newest_first_) {
    use_newest(rows);
    cursor_ = all ? -1 : rows.front().open_ms - 1;
    return;
  }
  use_oldest(rows);
  if (!all) {
    cursor_ = rows.back().open_ms + 1;
  } else if (asked.end && *asked.end != last_) {
    cursor_ = *asked.end + 1;
  } else {
    left_ = 0;  // there is no more
  }
}

std::vector<Candle> CandleWalk::rows() && {
  if (newest_first_) std::reverse(rows_.begin(), rows_.end());
  return std::move(rows_);
}

// ---- learning from an answer

namespace {

/// Every candle that opens before it had ended by `time`, whatever the grid.
Time all_ended_before(Interval interval, Time time) {
  if (interval.has_common_grid()) return interval.floor(time);
  return Time{time.ns - interval.length().value_or(0)};
}

}  // namespace

Proof prove(const CandleQuestion& asked, const std::vector<Candle>& rows, Interval interval,
            Time surely) {
  Proof proof;
  const bool all = readable(rows) < asked.limit;  // there was no more
  const bool upwards = asked.start.has_value();
  const std::int64_t surely_ms = to_ms(surely);
  const auto forming = std::find_if(rows.begin(), rows.end(), [&](const Candle& candle) {
    return candle.close_ms + kSettlingMs > surely_ms;
  });
  std::int64_t from = kMax;
  if (upwards) {
    from = *asked.start;
  } else if (all) {
    from = 0;
  } else if (!rows.empty()) {
    from = rows.front().open_ms;
  }
  // How far the answer reached.
  std::int64_t reached = upwards && !all ? rows.back().open_ms : asked.end.value_or(kMax);
  std::int64_t to = kMin;
  if (forming != rows.end()) {
    to = std::min(reached, forming->open_ms - 1);
  } else {
    const Time old{surely.ns - kHoleSettlingMs * kNsPerMs};
    to = std::min(reached, to_ms(all_ended_before(interval, old)) - 1);
    if (!rows.empty()) to = std::max(to, rows.back().open_ms);
  }
  if (from <= to) {
    proof.closed = {
        .from = from, .to = to, .rows = static_cast<std::size_t>(forming - rows.begin())};
  }
  if (reached == kMax && from != kMax) proof.tail_from = std::max(from, to == kMin ? from : to + 1);
  return proof;
}

}  // namespace bourse::binance
