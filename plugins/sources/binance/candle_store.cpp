// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/candle_store.hpp"

#include <algorithm>
#include <utility>

#include "plugins/sources/binance/client/parse.hpp"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

/// A walk asks once for each hole; more rounds than this means that an answer makes no sense.
constexpr int kRoundsMax = 10'000;

/// So long after a candle's end the stream may take to say that it is final, and begin the next.
constexpr std::chrono::seconds kLateWords{3};

std::string key_of(const std::string& symbol, Interval interval, const CandleQuestion& question,
                   std::uint64_t words) {
  const auto text = [](const std::optional<std::int64_t>& time) {
    return time ? std::to_string(*time) : std::string("-");
  };
  return symbol + ' ' + std::string(interval.name()) + ' ' + text(question.start) + ' ' +
         text(question.end) + ' ' + std::to_string(question.limit) + ' ' + std::to_string(words);
}

}  // namespace

CandleStore::CandleStore(const std::shared_ptr<Exchange>& exchange, std::shared_ptr<Keeper> keeper,
                         Options options)
    : client_(exchange),
      keeper_(std::move(keeper)),
      options_(options),
      questions_(std::shared_ptr<const Clock>(exchange, &exchange->clock()),
                 std::chrono::nanoseconds(0), 0) {}

Result<CandleStore::Answer> CandleStore::get(const std::string& symbol, Interval interval,
                                             const CandleQuestion& question, const Call& call) {
  keeper_->wake();
  const Key key{symbol, interval};
  CandleWalk walk(interval, question);
  Answer answer{};
  std::int64_t asked = 0, pages = 0;
  // The exchange's time is only a guess here, and not worth waiting for.
  const Time machine = client_.exchange().clock().wall();
  for (int round = 0; round < kRoundsMax; ++round) {
    const auto missing = take(key, walk, machine, answer);
    if (!missing) break;
    auto page = ask(key, *missing, call);
    if (!page) return std::move(page).error();
    if (!(*page)->asked) continue;
    walk.give(missing->question, (*page)->rows);
    ++pages;
    asked += static_cast<std::int64_t>((*page)->rows.size());
    answer.clock = std::max(answer.clock, (*page)->clock);
    answer.unreadable += (*page)->lost;
    if (answer.unreadable_reason.empty()) answer.unreadable_reason = (*page)->unreadable_reason;
    answer.good_until = std::min(answer.good_until, fresh_until((*page)->at, (*page)->ends));
  }
  const auto known = static_cast<std::int64_t>(walk.rows_known());
  {
    const std::lock_guard lock(mutex_);
    state_.rows_known += known;
    state_.rows_asked += asked;
    ++(pages == 0 ? state_.hits : state_.misses);
  }
  if (answer.clock.ns == 0) answer.clock = keeper_->time(call).stated;
  answer.rows = std::move(walk).rows();
  leave_out_unreadable(answer);
  if (answer.rows.empty() && answer.unreadable > 0) {
    return nothing_readable({answer.first_unreadable, answer.unreadable_reason.empty()
                                                          ? "one is not as documented"
                                                          : answer.unreadable_reason});
  }
  tell_how_long(key, question, answer);
  return answer;
}

void CandleStore::leave_out_unreadable(Answer& answer) {
  for (const Candle& row : answer.rows) {
    if (row.is_readable) continue;
    ++answer.unreadable;
    if (!answer.first_unreadable) answer.first_unreadable = from_ms(row.open_ms);
  }
  std::erase_if(answer.rows, [](const Candle& row) { return !row.is_readable; });
}

/// By what is known now: whoever asks the same next will be answered from that.
void CandleStore::tell_how_long(const Key& key, const CandleQuestion& question,
                                Answer& answer) const {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(key);
  const auto known = [&](bool tail_too) {
    return entry != entries_.end() &&
           CandleWalk::is_answered(entry->second.series, key.second, question, tail_too);
  };
  answer.settled = known(false);
  if (answer.settled) return;
  // An answer up to an end is learnt, but is no tail: it is given again only if one from just now
  // covers it.
  const bool tail_is_fresh = entry != entries_.end() && is_fresh(entry->second.series);
  if (tail_is_fresh && known(true)) {
    answer.good_until = std::min(answer.good_until, tail_good_until(entry->second.series));
  } else {
    answer.good_until = Instant{};
  }
}

bool CandleStore::is_fresh(const CandleSeries& series) const {
  const auto& tail = series.tail();
  if (!tail) return false;
  const Instant until = tail->is_followed ? tail->ends : fresh_until(tail->at, tail->ends);
  return client_.exchange().clock().now() < until;
}

Instant CandleStore::tail_good_until(const CandleSeries& series) const {
  const CandleSeries::Tail& tail = *series.tail();
  if (!tail.is_followed) return fresh_until(tail.at, tail.ends);
  return fresh_until(client_.exchange().clock().now(), tail.ends);
}

// Not beyond the end of the forming candle: from then on there is another one, and all that shows
// the newest is asked for anew at that moment instead of up to `fresh` later.
Instant CandleStore::fresh_until(Instant asked, Instant ends) const {
  return std::min(ends, asked + std::chrono::duration_cast<Instant::duration>(options_.fresh));
}

/// Nothing where that is over already: the exchange's clock is not known so well, and asking for
/// the next candle until it is there would be a storm.
Instant CandleStore::end_of_forming(const Page& page, const Keeper::Estimate& now) const {
  if (page.rows.empty() || page.rows.back().closed) return Instant::max();
  const std::int64_t end = from_ms(page.rows.back().close_ms + 1).ns;
  const auto left = std::chrono::nanoseconds(end - now.now.ns);
  if (left <= std::chrono::nanoseconds(0) || left > options_.fresh) return Instant::max();
  return client_.exchange().clock().now() + std::chrono::duration_cast<Instant::duration>(left);
}

std::optional<CandleStore::Missing> CandleStore::take(const Key& key, CandleWalk& walk, Time now,
                                                      Answer& answer) {
  static const CandleSeries kNothing;
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(key);
  const auto live = live_.find(key);
  const std::uint64_t words = live == live_.end() ? 0 : live->second.words;
  const auto missing = [&](const std::optional<CandleQuestion>& question, std::uint64_t lesson) {
    return question ? std::optional(Missing{*question, lesson, words}) : std::nullopt;
  };
  if (entry == entries_.end()) return missing(walk.take(kNothing, to_ms(now), false), 0);
  const CandleSeries& series = touched(key).series;
  const auto& tail = series.tail();
  const auto question = walk.take(series, to_ms(now), is_fresh(series));
  if (walk.used_tail()) {
    answer.clock = std::max(answer.clock, tail->clock);
    answer.good_until = std::min(answer.good_until, tail_good_until(series));
  }
  return missing(question, entry->second.lesson);
}

std::uint64_t CandleStore::lesson(const Key& key) const {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(key);
  return entry == entries_.end() ? 0 : entry->second.lesson;
}

Result<Fresh<CandleStore::Page>::Shared> CandleStore::ask(const Key& key, const Missing& missing,
                                                          const Call& call) {
  const CandleQuestion& question = missing.question;
  // What was asked before the stream's last word is another question.
  const std::string name = key_of(key.first, key.second, question, missing.words);
  return questions_.get(name, call, [&](const Call& own) {
    Result<Page> page = Page{};
    // The same question may have been answered between our look and now: look again.
    page->asked = lesson(key) <= missing.lesson;
    if (!page->asked) return page;
    page = fetch(key, question, own);
    if (page) learn(key, question, *page);
    return page;
  });
}

Result<CandleStore::Page> CandleStore::fetch(const Key& key, const CandleQuestion& question,
                                             const Call& call) {
  const auto time = [](const std::optional<std::int64_t>& ms) {
    return ms ? std::optional(from_ms(*ms)) : std::nullopt;
  };
  const Clock& clock = client_.exchange().clock();
  Page page{};
  page.at = clock.now();
  auto candles = client_.candles({.symbol = key.first,
                                  .interval = key.second,
                                  .limit = question.limit,
                                  .start = time(question.start),
                                  .end = time(question.end)},
                                 call);
  if (!candles) return std::move(candles).error();
  page.rows = to_rows(*candles, key.second);
  const auto unreadable = candles->unreadable();
  page.lost = static_cast<std::size_t>(
      std::ranges::count_if(unreadable, [](const auto& one) { return !one.open_time; }));
  if (!unreadable.empty()) page.unreadable_reason = unreadable.front().reason;
  const Keeper::Estimate now = keeper_->time(call);
  // What counts is the time before the first page: a candle may end while its answer is on its way,
  // and was still forming when the answer was made.
  page.surely = Time{now.now.ns - now.error.count() - (clock.now() - page.at).count()};
  // Newest first, the first answer also tells the time: a candle that it holds had opened.
  if (!question.start && !page.rows.empty()) {
    page.surely = std::max(page.surely, from_ms(page.rows.back().open_ms));
  }
  page.clock = now.stated;
  // Closed from its end on, though not kept yet: see kSettlingMs.
  for (Candle& row : page.rows) row.closed = from_ms(row.close_ms) < page.surely;
  page.ends = end_of_forming(page, now);
  return page;
}

void CandleStore::learn(const Key& key, const CandleQuestion& question, const Page& page) {
  // What cannot be read nor placed would be forgotten, and its place taken for a hole.
  if (options_.bytes_max == 0 || page.lost > 0) return;
  const Proof proof = prove(question, page.rows, key.second, page.surely);
  if (!proof.closed && !proof.tail_from) return;
  const std::size_t closed = proof.closed ? proof.closed->rows : 0;
  const auto border = page.rows.begin() + static_cast<std::ptrdiff_t>(closed);
  const std::lock_guard lock(mutex_);
  Entry& entry = touched(key);
  if (proof.closed) {
    entry.series.add(proof.closed->from, proof.closed->to, {page.rows.begin(), border});
  }
  entry.lesson = ++lessons_;
  const auto& tail = entry.series.tail();
  if (proof.tail_from && !(tail && tail->at > page.at)) {
    entry.series.set_tail({.from = *proof.tail_from,
                           .rows = {border, page.rows.end()},
                           .at = page.at,
                           .clock = page.clock,
                           .ends = page.ends});
  }
  // The stream may have spoken while the answer was on its way.
  if (const auto live = live_.find(key); live != live_.end()) follow(entry.series, live->second);
  count(entry);
}

/// REQUIRES: locked. The entry may be gone after it.
void CandleStore::count(Entry& entry) {
  state_.bytes -= entry.bytes;
  entry.bytes = entry.series.bytes();
  state_.bytes += entry.bytes;
  make_room();
}

void CandleStore::heard(const std::string& symbol, Interval interval, const Candle& row, Time at) {
  const Instant now = client_.exchange().clock().now();
  const Key key{symbol, interval};
  const std::lock_guard lock(mutex_);
  const auto [place, is_new] = live_.try_emplace(key, Live{.since = now});
  Live& live = place->second;
  // During a rotation the same comes twice, and older behind newer.
  const Candle& known = live.newest;
  const bool is_old =
      !is_new && (row.open_ms < known.open_ms || (row.open_ms == known.open_ms &&
                                                  (at < live.at || (known.closed && !row.closed))));
  if (is_old) return;
  live.newest = row;
  live.at = at;
  live.heard_at = now;
  live.words = ++words_;
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return;
  follow(entry->second.series, live);
  count(entry->second);
}

/// A tail of before the stream's first word has a hole behind it.
void CandleStore::follow(CandleSeries& series, const Live& live) {
  const auto& tail = series.tail();
  if (!tail) return;
  if (!tail->is_followed && tail->at < live.since) return series.drop_tail();
  const std::chrono::milliseconds left(live.newest.close_ms + 1 - to_ms(live.at));
  series.follow(live.newest, live.heard_at, live.at, live.heard_at + left + kLateWords);
}

void CandleStore::doubted(const std::string& symbol, Interval interval) {
  const Key key{symbol, interval};
  const std::lock_guard lock(mutex_);
  live_.erase(key);
  const auto entry = entries_.find(key);
  if (entry != entries_.end()) entry->second.series.drop_tail();
}

/// The series, made if there is none, as the one used last. REQUIRES: locked.
CandleStore::Entry& CandleStore::touched(const Key& key) {
  const auto [entry, is_new] = entries_.try_emplace(key);
  if (is_new) {
    by_use_.push_front(key);
    entry->second.place = by_use_.begin();
  } else {
    by_use_.splice(by_use_.begin(), by_use_, entry->second.place);
  }
  return entry->second;
}

void CandleStore::make_room() {
  while (state_.bytes > options_.bytes_max && entries_.size() > 1) {
    const auto oldest = entries_.find(by_use_.back());
    state_.bytes -= oldest->second.bytes;
    by_use_.pop_back();
    entries_.erase(oldest);
  }
  if (state_.bytes <= options_.bytes_max) return;
  Entry& last = entries_.begin()->second;
  last.series.shrink(options_.bytes_max);
  last.bytes = last.series.bytes();
  state_.bytes = last.bytes;
}

CandleStore::State CandleStore::state() const {
  const std::lock_guard lock(mutex_);
  State state = state_;
  state.series = entries_.size();
  return state;
}

}  // namespace bourse::binance
