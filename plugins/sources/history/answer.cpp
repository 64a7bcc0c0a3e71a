// SPDX-License-Identifier: MIT
#include "plugins/sources/history/answer.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace bourse::history {
namespace {

/// Before it no market had candles.
constexpr Millis kEarliest = 0;

/// Candles that closed so many slots ago, or less, are asked for together with the newest.
constexpr std::size_t kRecent = 3;

/// `n` slots before `time`, which begins one.
Millis back(const Interval& grid, Millis time, std::size_t n) {
  Millis from = time;
  if (const auto length = grid.length()) {
    from = time - static_cast<Millis>(n) * (*length / 1'000'000);
  } else {
    for (std::size_t i = 0; i < n && from > kEarliest; ++i) {
      from = to_millis(grid.previous(to_time(from)));
    }
  }
  return std::max(from, kEarliest);
}

/// How many begin in a span.
std::size_t slots(const Interval& grid, Span span) {
  if (const auto length = grid.length()) {
    return static_cast<std::size_t>((span.to - span.from) / (*length / 1'000'000));
  }
  std::size_t n = 0;
  for (Millis at = span.from; at < span.to; at = to_millis(grid.next(to_time(at)))) ++n;
  return n;
}

std::vector<Millis> open_times(const std::vector<Candle>& rows) {
  std::vector<Millis> times(rows.size());
  std::transform(rows.begin(), rows.end(), times.begin(),
                 [](const Candle& row) { return row.open_time; });
  return times;
}

/// The whole slots of a hole that touch none of `unknown`, which is sorted.
std::vector<Span> whole_slots_beside(const Interval& grid, Span hole,
                                     const std::vector<Span>& unknown) {
  std::vector<Span> known;
  Millis at = hole.from;
  const auto add = [&](Millis until) {
    if (at >= until) return;
    const Span first = slot_of(grid, at);
    const Span part{first.from == at ? at : first.to, slot_of(grid, until).from};
    if (part.from < part.to) known.push_back(part);
  };
  for (const Span& each : unknown) {
    add(each.from);
    at = std::max(at, each.to);
  }
  add(hole.to);
  return known;
}

void keep_those_in(std::vector<Candle>& rows, Span span) {
  std::erase_if(rows, [span](const Candle& row) {
    return row.open_time < span.from || row.open_time >= span.to;
  });
}

}  // namespace

std::vector<SeriesKey> shorter_keys(const SeriesKey& key, const Interval& interval) {
  std::vector<SeriesKey> keys;
  for (const Interval shorter : Interval::all()) {
    if (shorter >= interval || !shorter.divides(interval)) continue;
    keys.push_back(key);
    keys.back().interval = shorter.name();
  }
  return keys;
}

std::shared_ptr<TimedMutex> SeriesLocks::of(const SeriesKey& key) {
  const std::lock_guard lock(mutex_);
  std::erase_if(locks_, [](const auto& entry) { return entry.second.expired(); });
  auto& kept = locks_[key];
  auto mutex = kept.lock();
  if (!mutex) kept = mutex = std::make_shared<TimedMutex>();
  return mutex;
}

Answering::Answering(Store* store, std::optional<Error> why_not, Below& below, SeriesLocks& locks,
                     std::string_view source, std::optional<Millis> clock_ahead)
    : store_(store), below_(below), locks_(locks), source_(source), clock_ahead_(clock_ahead) {
  shown_.unkept = std::move(why_not);
}

Shown Answering::answer(const Question& question) {
  question_ = &question;
  grid_ = question.interval;
  shown_.clock = question.now + clock_ahead_.value_or(0);
  if (!find_series()) {
    straight();
  } else if (question.start) {
    forwards();
  } else {
    backwards();
  }
  if (shown_.rows.empty() && !shown_.failure.empty()) below_.fail();
  shown_.grid = grid_;
  look_for_gaps();
  return std::move(shown_);
}

bool Answering::find_series() {
  if (store_ == nullptr) return false;
  auto found = store_->find(question_->key);
  if (!found) {
    stop_reading(std::move(found.error()));
    return false;
  }
  if (!*found) return false;
  series_ = std::move(**found);
  grid_ = series_->grid();
  return true;
}

/// Nothing is kept of the series: the question goes below as it is.
void Answering::straight() {
  if (store_ != nullptr) {
    lock();
    if (find_series() || begin_from_shorter()) return question_->start ? forwards() : backwards();
  }
  Page page;
  if (!ask({question_->start, question_->end, question_->limit}, page)) return;
  if (store_ != nullptr && !page.rows.empty()) begin_series(page);
  const Millis to = std::min(stop(), closed_to());
  if (question_->start) {
    keep(page, {*question_->start, to}, page.is_complete);
  } else if (!page.rows.empty()) {
    keep(page, {page.is_complete ? kEarliest : page.rows.front().open_time, to}, true);
  }
  shown_.is_forming = !page.forming.empty();
  add(std::move(page.rows));
  add(std::move(page.forming));
}

/// Where shorter candles of the market are kept, these may be made of them.
bool Answering::begin_from_shorter() {
  if (store_ == nullptr || !question_->derives || !grid_.has_common_grid()) return false;
  for (const SeriesKey& key : shorter_keys(question_->key, grid_)) {
    const auto found = store_->find(key);
    if (!found || !*found) continue;
    auto made =
        store_->create({.key = question_->key, .scale = (*found)->scale, .tick = (*found)->tick});
    if (!made) return false;
    series_ = std::move(*made);
    return true;
  }
  return false;
}

void Answering::begin_series(const Page& page) {
  NewSeries fresh{.key = question_->key, .scale = scale_of(page.rows)};
  if (!grid_.has_common_grid()) fresh.anchor = page.rows.front().open_time;
  auto made = store_->create(fresh);
  if (made) {
    series_ = std::move(*made);
    grid_ = series_->grid();
  } else {
    shown_.unkept = std::move(made.error());
  }
}

/// The oldest ones from `start`.
void Answering::forwards() {
  Millis at = *question_->start;
  while (wanted() > 0 && at < stop()) {
    below_.poll();
    const Millis closed = std::min(stop(), closed_to());
    if (at < closed) {
      const std::vector<Span> unknown = holes({at, closed});
      const Millis known_to = unknown.empty() ? closed : std::max(at, unknown.front().from);
      if (known_to > at) {
        auto rows = kept({at, known_to}, false);
        if (!rows) continue;  // the database failed: all is unknown
        add(std::move(*rows));
        at = known_to;
        continue;
      }
      if (lock()) continue;  // somebody else may have filled it
      const Span hole{at, std::min(unknown.front().to, closed)};
      if (auto made = derived(hole, wanted())) {
        add(std::move(*made));
        at = hole.to;
        continue;
      }
      if (hole.to < closed_to() || stop() <= closed_to()) {
        at = fill_forwards(hole);
        continue;
      }
    }
    return fill_to_now(at);
  }
}

/// Asks below for a hole in what is over. Returns from where to go on.
Millis Answering::fill_forwards(Span hole) {
  Page page;
  if (!ask({hole.from, hole.to - 1, std::min(wanted(), Asked::kPageMax)}, page)) {
    return make_forwards(hole);
  }
  keep_those_in(page.rows, hole);
  keep(page, hole, page.is_complete);
  const bool is_over = page.is_complete || page.rows.empty();
  const Millis next = is_over ? hole.to : page.rows.back().open_time + 1;
  add(std::move(page.rows));
  return next;
}

/// Of a hole that the source did not fill: what can be made of shorter candles. Returns from where
/// to go on.
Millis Answering::make_forwards(Span hole) {
  const Span part = known_of_shorter(hole, false).value_or(Span{hole.to, hole.to});
  if (hole.from < part.from) shown_.unknown.push_back({hole.from, part.from});
  if (part.from == part.to) return hole.to;
  if (auto made = derived(part, wanted())) add(std::move(*made));
  return part.to;
}

/// Asks below for all from `at` on, with the candle that forms.
void Answering::fill_to_now(Millis at) {
  while (wanted() > 0) {
    Page page;
    if (!ask({at, question_->end, std::min(wanted(), Asked::kPageMax)}, page)) {
      const Millis closed = std::min(stop(), closed_to());
      while (at < closed && wanted() > 0) at = make_forwards({at, closed});
      return;
    }
    keep_those_in(page.rows, {at, stop()});
    const Millis to = std::min(stop(), closed_to());
    if (at < to) keep(page, {at, to}, page.is_complete);
    const bool is_over = page.is_complete || page.rows.empty() || !page.forming.empty();
    if (!is_over) at = page.rows.back().open_time + 1;
    shown_.is_forming = !page.forming.empty();
    add(std::move(page.rows));
    add(std::move(page.forming));
    if (is_over) return;
  }
}

/// The newest ones up to `end`.
void Answering::backwards() {
  Millis at = stop() > closed_to() ? newest() : stop();
  while (wanted() > 0 && at > kEarliest) {
    below_.poll();
    const std::vector<Span> unknown = holes({kEarliest, at});
    const Millis known_from = unknown.empty() ? kEarliest : std::min(at, unknown.back().to);
    if (known_from < at) {
      auto rows = kept({known_from, at}, true);
      if (!rows) continue;
      add_before(std::move(*rows));
      at = known_from;
      continue;
    }
    if (lock()) continue;
    const Span hole{unknown.back().from, at};
    const Span end_of_hole{std::max(hole.from, back(grid_, at, wanted())), at};
    if (auto made = derived(end_of_hole, wanted())) {
      add_before(std::move(*made));
      at = end_of_hole.from;
      continue;
    }
    at = fill_backwards(hole);
  }
}

Millis Answering::fill_backwards(Span hole) {
  Page page;
  if (!ask({std::nullopt, hole.to - 1, std::min(wanted(), Asked::kPageMax)}, page)) {
    return make_backwards(hole);
  }
  keep_those_in(page.rows, {kEarliest, hole.to});
  const bool is_over = page.is_complete || page.rows.empty();
  const Millis from = is_over ? hole.from : std::max(hole.from, page.rows.front().open_time);
  keep(page, {from, hole.to}, true);
  keep_those_in(page.rows, hole);
  add_before(std::move(page.rows));
  return from;
}

Millis Answering::make_backwards(Span hole) {
  const Span part = known_of_shorter(hole, true).value_or(Span{hole.from, hole.from});
  if (part.to < hole.to) shown_.unknown.push_back({part.to, hole.to});
  if (part.from == part.to) return hole.from;
  const Span end{std::max(part.from, back(grid_, part.to, wanted())), part.to};
  if (auto made = derived(end, wanted())) add_before(std::move(*made));
  return end.from;
}

/// What closed since the newest that is known, and what forms. Returns from where on all is shown.
Millis Answering::newest() {
  lock();
  const Millis closed = closed_to();
  const Span window{back(grid_, closed, wanted()), closed};
  const std::vector<Span> unknown = window.from < closed ? holes(window) : std::vector<Span>();
  // Those that are asked once more may have newer ones behind them that are not due yet.
  const bool is_behind = !unknown.empty() && unknown.back().to >= back(grid_, closed, kRecent);
  const Millis from = is_behind ? unknown.back().from : closed;
  // One more forms, and one may have closed since this began.
  const std::size_t n = slots(grid_, {from, closed}) + 2;
  Page page;
  if (clock_ahead_ && from > window.from && n <= Asked::kPageMax) {
    if (!ask({from, question_->end, n}, page)) return give_up_newest({from, closed});
    if (page.is_complete) {
      show_newest(page, from, from);
      return from;
    }
  }
  if (!ask({std::nullopt, question_->end, wanted()}, page)) return give_up_newest({from, closed});
  if (page.rows.empty()) {
    show_newest(page, closed_to(), closed_to());
    return std::min(stop(), closed_to());
  }
  const Millis first = page.rows.front().open_time;
  show_newest(page, first, page.is_complete ? kEarliest : first);
  return first;
}

void Answering::show_newest(Page& page, Millis from, Millis proven_from) {
  const Millis to = std::min(stop(), closed_to());
  keep_those_in(page.rows, {from, stop()});
  if (proven_from < to) keep(page, {proven_from, to}, true);
  shown_.is_forming = !page.forming.empty();
  add(std::move(page.rows));
  add(std::move(page.forming));
  if (shown_.rows.size() > question_->limit) {
    const auto surplus = static_cast<std::ptrdiff_t>(shown_.rows.size() - question_->limit);
    shown_.rows.erase(shown_.rows.begin(), shown_.rows.begin() + surplus);
  }
}

Millis Answering::give_up_newest(Span span) {
  Millis at = span.to;
  while (span.from < at && wanted() > 0) at = make_backwards({span.from, at});
  return at;
}

bool Answering::ask(const Asked& asked, Page& page) {
  if (!shown_.failure.empty()) return false;  // once is enough
  auto answer = below_.candles(*question_, asked);
  if (!answer) {
    shown_.failure = below_.why();
    return false;
  }
  page = std::move(*answer);
  shown_.clock = page.clock;
  shown_.was_asked = true;
  clock_ahead_ = page.clock - question_->now;
  return true;
}

void Answering::keep(const Page& page, Span asked, bool is_complete) {
  if (store_ == nullptr || !series_ || asked.from >= asked.to) return;
  const auto marks = proof(grid_, asked, open_times(page.rows), is_complete);
  if (marks.empty() && page.rows.empty()) return;
  auto written = store_->write(
      {.series = series_->id,
       .origin = {.kind = OriginKind::kApi, .source = source_, .taken_at = question_->now},
       .rows = page.rows,
       .marks = marks,
       .clock = page.clock});
  if (!written) {
    shown_.unkept = std::move(written.error());
    return;
  }
  shown_.kept_rows += written->added;
  shown_.revised.insert(shown_.revised.end(), written->conflicts.begin(), written->conflicts.end());
}

std::vector<Span> Answering::holes(Span span) {
  if (store_ == nullptr) return {span};
  auto missing = store_->missing(series_->id, span, question_->now);
  if (missing) return std::move(*missing);
  stop_reading(std::move(missing.error()));
  return {span};
}

/// nullopt: the database failed, and is asked no more.
std::optional<std::vector<Candle>> Answering::kept(Span span, bool newest) {
  auto rows = newest ? store_->newest(series_->id, span, wanted())
                     : store_->read(series_->id, span, wanted());
  if (!rows) {
    stop_reading(std::move(rows.error()));
    return std::nullopt;
  }
  shown_.from_database += rows->size();
  return std::move(*rows);
}

/// The candles of a span, made of shorter ones, where all of them are known; the oldest `limit`.
std::optional<std::vector<Candle>> Answering::derived(Span span, std::size_t limit) {
  if (store_ == nullptr || !question_->derives) return std::nullopt;
  const Span whole{slot_of(grid_, span.from).from, slot_of(grid_, span.to - 1).to};
  if (whole.to > closed_to()) return std::nullopt;
  for (const SeriesKey& key : shorter_keys(question_->key, grid_)) {
    const auto series = store_->find(key);
    if (!series || !*series) continue;
    const auto unknown = store_->missing((*series)->id, whole, question_->now);
    if (!unknown || !unknown->empty()) continue;
    // Two more: those that the span only touches are left out below.
    auto made = store_->derive((*series)->id, grid_, whole, limit + 2);
    if (!made || !made->missing.empty()) continue;
    std::vector<Candle> rows;
    rows.reserve(made->rows.size());
    for (Derived& each : made->rows) {
      if (each.has_gaps) shown_.empty.push_back(slot_of(grid_, each.candle.open_time));
      rows.push_back(each.candle);
    }
    keep_those_in(rows, span);
    shown_.from_database += rows.size();
    return rows;
  }
  return std::nullopt;
}

/// The first or the last whole candles of a hole of which all is known in shorter ones.
std::optional<Span> Answering::known_of_shorter(Span hole, bool last) {
  if (store_ == nullptr || !question_->derives) return std::nullopt;
  // A candle that opens in the hole belongs to it, wherever it ends.
  hole.to = std::min(slot_of(grid_, hole.to - 1).to, closed_to());
  for (const SeriesKey& key : shorter_keys(question_->key, grid_)) {
    const auto series = store_->find(key);
    if (!series || !*series) continue;
    const auto unknown = store_->missing((*series)->id, hole, question_->now);
    if (!unknown) continue;
    const std::vector<Span> known = whole_slots_beside(grid_, hole, *unknown);
    if (!known.empty()) return last ? known.back() : known.front();
  }
  return std::nullopt;
}

/// True: it was not held before, so what was read is to be read again.
bool Answering::lock() {
  if (store_ == nullptr || lock_.owns_lock()) return false;
  lock_of_series_ = locks_.of(question_->key);
  lock_ = std::unique_lock(*lock_of_series_, std::defer_lock);
  while (!lock_.try_lock_for(std::chrono::milliseconds(20))) below_.poll();
  return true;
}

void Answering::add(std::vector<Candle> rows) {
  if (rows.size() > wanted()) rows.resize(wanted());
  shown_.rows.insert(shown_.rows.end(), rows.begin(), rows.end());
}

void Answering::add_before(std::vector<Candle> rows) {
  const std::size_t surplus = rows.size() > wanted() ? rows.size() - wanted() : 0;
  shown_.rows.insert(shown_.rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(surplus),
                     rows.end());
}

void Answering::look_for_gaps() {
  if (store_ == nullptr || !series_ || shown_.rows.size() < 2) return;
  const Span span{shown_.rows.front().open_time, shown_.rows.back().open_time};
  auto pieces = store_->coverage(series_->id, span);
  if (!pieces) return;
  for (const Covered& piece : *pieces) {
    const Span inside{std::max(piece.span.from, span.from), std::min(piece.span.to, span.to)};
    if (piece.state == State::kEmpty && inside.from < inside.to) shown_.empty.push_back(inside);
  }
  std::erase_if(shown_.unknown,
                [span](Span hole) { return hole.to <= span.from || hole.from >= span.to; });
}

void Answering::stop_reading(Error error) {
  shown_.unkept = std::move(error);
  store_ = nullptr;
}

}  // namespace bourse::history
