// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/merge.hpp"

#include <algorithm>

namespace bourse::history {

namespace {

constexpr std::size_t kConflictsShown = 100;
constexpr std::size_t kChunk = 10'000;
constexpr Millis kMillisOfMinute = 60'000;

Millis floor_to(Millis time, Millis length) noexcept {
  const Millis rest = time % length;
  return time - (rest < 0 ? rest + length : rest);
}

Error invalid_batch(const Series& series, std::string what) {
  return {ErrorKind::kInvalid,
          "a batch for " + series.key.symbol + " " + series.key.interval + " " + std::move(what),
          "write at most " + std::to_string(Write::kRowsMax) + " rows and marks at once"};
}

/// One merge: the state that its steps share.
class Merging {
 public:
  Merging(Connection& connection, const Series& series, const Write& batch, OriginId origin)
      : connection_(connection),
        series_(series),
        batch_(batch),
        origin_(origin),
        grid_(series.grid()),
        levels_(levels_of(grid_)),
        closed_(closed_until(grid_, batch.clock)) {}

  Result<Merged> run() {
    for (const auto step : {&Merging::take_rows, &Merging::take_marks, &Merging::read_rows,
                            &Merging::read_coverage, &Merging::compare, &Merging::find_vanished,
                            &Merging::extend_coverage, &Merging::roll_up}) {
      if (auto done = (this->*step)(); !done) return std::move(done).error();
    }
    deliver();
    return std::move(merged_);
  }

 private:
  Status take_rows() {
    if (batch_.rows.size() > Write::kRowsMax || batch_.marks.size() > Write::kRowsMax) {
      return invalid_batch(series_, "has " + std::to_string(batch_.rows.size()) + " rows and " +
                                        std::to_string(batch_.marks.size()) + " marks");
    }
    incoming_.reserve(batch_.rows.size());
    for (const Candle& candle : batch_.rows) {
      auto row = to_row(series_, grid_, candle);
      if (!row) return std::move(row).error();
      if (slot_of(grid_, row->open_time).to > closed_) {
        ++merged_.written.forming;
      } else {
        incoming_.push_back(std::move(*row));
      }
    }
    const auto by_time = [](const Row& row) { return row.open_time; };
    if (!std::ranges::is_sorted(incoming_, {}, by_time)) {
      std::ranges::stable_sort(incoming_, {}, by_time);
    }
    drop_repeated();
    return Done{};
  }

  /// The last one of an open time counts.
  void drop_repeated() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < incoming_.size(); ++kept) {
      std::size_t last = i;
      while (last + 1 < incoming_.size() &&
             incoming_[last + 1].open_time == incoming_[i].open_time) {
        ++last;
      }
      for (; i < last; ++i) {
        ++merged_.written.repeated;
        if (!equal(incoming_[i], incoming_[last])) {
          beaten_.push_back({std::move(incoming_[i]), origin_});
        }
      }
      if (kept != last) incoming_[kept] = std::move(incoming_[last]);
      i = last + 1;
    }
    incoming_.resize(kept);
  }

  Status take_marks() {
    for (const Mark& mark : batch_.marks) {
      const Span span = mark.span;
      if (span.from >= span.to || span.from < kMillisMin || span.to > kMillisMax) {
        return invalid_batch(series_, "has a mark from " + std::to_string(span.from) + " to " +
                                          std::to_string(span.to));
      }
      // Of a slot that is marked in part, nothing is known. Inward, therefore.
      const Span first = slot_of(grid_, span.from);
      const Millis from = first.from == span.from ? span.from : first.to;
      const Millis to = std::min(slot_of(grid_, span.to).from, closed_);
      if (from < to) marks_.push_back({{from, to}, mark.state});
    }
    std::vector<Millis> times(incoming_.size());
    std::ranges::transform(incoming_, times.begin(), [](const Row& row) { return row.open_time; });
    for (const Mark& mark : proof_of_rows(grid_, times)) marks_.push_back(mark);
    return Done{};
  }

  /// Rows that are there, around those that come: as far as the buckets go that they may complete.
  Status read_rows() {
    const Millis bucket = levels_.empty() ? 0 : levels_.front().length;
    for (std::size_t i = 0; i < incoming_.size();) {
      Span run = slot_of(grid_, incoming_[i].open_time);
      const Millis near = 2 * std::max(bucket, 32 * (run.to - run.from));
      std::size_t last = i;
      while (last + 1 < incoming_.size() &&
             incoming_[last + 1].open_time - incoming_[last].open_time < near) {
        ++last;
      }
      run.to = slot_of(grid_, incoming_[last].open_time).to;
      if (bucket > 0) run = {floor_to(run.from, bucket), floor_to(run.to - 1, bucket) + bucket};
      if (!existing_.empty()) run.from = std::max(run.from, existing_.back().open_time + 1);
      if (auto done = read_all(run, existing_); !done) return done;
      i = last + 1;
    }
    return Done{};
  }

  Status read_all(Span span, std::vector<Row>& out) {
    while (span.from < span.to) {
      const std::size_t before = out.size();
      if (auto done = connection_.rows(series_, span, kChunk, false, out); !done) return done;
      if (out.size() - before < kChunk) break;
      span.from = out.back().open_time + 1;
    }
    return Done{};
  }

  Status read_coverage() {
    if (marks_.empty()) return Done{};
    Span all = marks_.front().span;
    for (const Mark& mark : marks_) {
      all = {std::min(all.from, mark.span.from), std::max(all.to, mark.span.to)};
    }
    auto covered = connection_.coverage(series_.id, all);
    if (!covered) return std::move(covered).error();
    covered_ = std::move(*covered);
    return Done{};
  }

  Status compare() {
    std::size_t old = 0;
    now_.reserve(existing_.size() + incoming_.size());
    for (std::size_t i = 0; i < incoming_.size(); ++i) {
      const Millis time = incoming_[i].open_time;
      while (old < existing_.size() && existing_[old].open_time < time) {
        now_.push_back(&existing_[old++]);
      }
      if (old == existing_.size() || existing_[old].open_time > time) {
        touch(incoming_[i]);
        added_.push_back(i);
        continue;
      }
      if (equal(existing_[old], incoming_[i])) {
        ++merged_.written.equal;
        now_.push_back(&existing_[old]);
      } else if (auto done = decide(existing_[old], i); !done) {
        return done;
      }
      ++old;
    }
    while (old < existing_.size()) now_.push_back(&existing_[old++]);
    merged_.written.added = added_.size();
    for (NewRevision& revision : beaten_) {
      if (auto done = revise(std::move(revision)); !done) return done;
    }
    return Done{};
  }

  void touch(const Row& row) {
    now_.push_back(&row);
    touched_.push_back(row.open_time);
  }

  Status decide(const Row& kept, std::size_t fresh) {
    const Covered* const piece = piece_at(covered_, kept.open_time);
    conflict(kept.open_time);
    if (piece != nullptr && piece->state == State::kKnown &&
        stays(piece->kind, batch_.origin.kind)) {
      ++merged_.written.refused;
      now_.push_back(&kept);
      return revise({copy_of(incoming_[fresh]), origin_});
    }
    ++merged_.written.revised;
    touch(incoming_[fresh]);
    replaced_.push_back({fresh, kept.is_text()});
    return revise({copy_of(kept), piece != nullptr ? piece->origin : 0});
  }

  void conflict(Millis time) {
    auto& shown = merged_.written.conflicts;
    if (shown.size() < kConflictsShown) shown.push_back(time);
  }

  /// A version is kept once, however often it is imported.
  Status revise(NewRevision revision) {
    const Millis time = revision.row.open_time;
    auto there = connection_.revisions(series_, {time, time + 1}, kChunk);
    if (!there) return std::move(there).error();
    const Candle candle = to_candle(series_, revision.row);
    const bool is_there =
        std::ranges::any_of(*there, [&](const Revision& other) { return other.candle == candle; });
    const bool is_new = std::ranges::none_of(
        merged_.changes.revisions,
        [&](const NewRevision& other) { return equal(other.row, revision.row); });
    if (!is_there && is_new) merged_.changes.revisions.push_back(std::move(revision));
    return Done{};
  }

  /// A source that has no candle where one is kept does not take it away: it is a finding.
  Status find_vanished() {
    const std::size_t given = marks_.size();
    for (std::size_t i = 0; i < given; ++i) {
      if (marks_[i].state != State::kEmpty) continue;
      std::vector<Row> rows;
      if (auto done = read_all(marks_[i].span, rows); !done) return done;
      for (const Row& row : rows) {
        marks_.push_back({slot_of(grid_, row.open_time), State::kKnown});
        if (std::ranges::binary_search(incoming_, row.open_time, {}, &Row::open_time)) continue;
        ++merged_.written.vanished;
        conflict(row.open_time);
      }
    }
    return Done{};
  }

  Status extend_coverage() {
    std::vector<Covered> after = covered_;
    for (const Mark& mark : marks_) {
      after =
          with_fact(grid_, after,
                    {mark.span, mark.state, batch_.origin.kind, origin_, batch_.origin.taken_at});
    }
    const auto same = [](const Covered& a, const Covered& b) {
      return a.span == b.span && a.state == b.state && a.origin == b.origin &&
             a.asked_at == b.asked_at;
    };
    const auto is_in = [&same](const std::vector<Covered>& pieces, const Covered& piece) {
      const Covered* const found = piece_at(pieces, piece.span.from);
      return found != nullptr && same(*found, piece);
    };
    for (const Covered& piece : covered_) {
      if (!is_in(after, piece)) merged_.changes.covered_dropped.push_back(piece.span);
    }
    for (const Covered& piece : after) {
      if (!is_in(covered_, piece)) merged_.changes.covered.push_back(piece);
    }
    return Done{};
  }

  // ---- roll-ups

  Status roll_up() {
    std::ranges::sort(touched_);
    for (const RollupLevel& level : levels_) {
      std::vector<Millis> buckets;
      for (const Millis time : touched_) {
        const Millis bucket = floor_to(time, level.length);
        if (buckets.empty() || buckets.back() != bucket) buckets.push_back(bucket);
      }
      if (auto done = roll_up(level, buckets); !done) return done;
    }
    return Done{};
  }

  /// Buckets that lie close are read at once.
  Status roll_up(const RollupLevel& level, const std::vector<Millis>& buckets) {
    for (std::size_t i = 0; i < buckets.size();) {
      std::size_t last = i;
      while (last + 1 < buckets.size() && buckets[last + 1] - buckets[last] < 32 * level.length) {
        ++last;
      }
      const Span span{buckets[i], buckets[last] + level.length};
      auto there = connection_.rollups(series_.id, level.minutes, span);
      if (!there) return std::move(there).error();
      std::vector<Rollup> parts;
      if (level.is_of_rollups) {
        auto shorter = connection_.rollups(series_.id, levels_.front().minutes, span);
        if (!shorter) return std::move(shorter).error();
        parts = after_changes(std::move(*shorter));
      }
      for (; i <= last; ++i) {
        const bool was_there = std::ranges::binary_search(
            *there, buckets[i], {}, [](const Rollup& rollup) { return rollup.row.open_time; });
        if (was_there) merged_.changes.rollups_dropped.push_back({level.minutes, buckets[i]});
        auto row =
            level.is_of_rollups ? of_rollups(level, parts, buckets[i]) : of_rows(level, buckets[i]);
        if (row) merged_.changes.rollups.push_back({level.minutes, level.parts, std::move(*row)});
      }
    }
    return Done{};
  }

  /// Every slot of it exactly once, regular, and all of its sums within 64 bits; else none.
  std::optional<Row> of_rows(const RollupLevel& level, Millis bucket) {
    auto row =
        std::ranges::lower_bound(now_, bucket, {}, [](const Row* r) { return r->open_time; });
    const Millis step = level.length / level.parts;
    Fold fold;
    for (; row != now_.end() && (*row)->open_time < bucket + level.length; ++row) {
      if ((*row)->is_text() || (*row)->close_time ||
          (*row)->open_time != bucket + fold.parts() * step) {
        return std::nullopt;
      }
      fold.add(series_, **row);
    }
    return fold.parts() == level.parts ? fold.row(bucket) : std::nullopt;
  }

  std::vector<Rollup> after_changes(std::vector<Rollup> rollups) {
    const int minutes = levels_.front().minutes;
    std::erase_if(rollups, [&](const Rollup& rollup) {
      return std::ranges::any_of(merged_.changes.rollups_dropped, [&](const RollupKey& dropped) {
        return dropped.minutes == minutes && dropped.open_time == rollup.row.open_time;
      });
    });
    for (const Rollup& fresh : merged_.changes.rollups) {
      if (fresh.minutes == minutes) {
        rollups.push_back({fresh.minutes, fresh.parts, copy_of(fresh.row)});
      }
    }
    std::ranges::sort(rollups, {}, [](const Rollup& rollup) { return rollup.row.open_time; });
    return rollups;
  }

  std::optional<Row> of_rollups(const RollupLevel& level, const std::vector<Rollup>& parts,
                                Millis bucket) {
    auto part = std::ranges::lower_bound(parts, bucket, {},
                                         [](const Rollup& rollup) { return rollup.row.open_time; });
    Fold fold;
    for (; part != parts.end() && part->row.open_time < bucket + level.length; ++part) {
      fold.add(series_, part->row, part->parts);
    }
    return fold.parts() == level.parts ? fold.row(bucket) : std::nullopt;
  }

  /// Rows move out of where the steps pointed at them.
  void deliver() {
    Changes& changes = merged_.changes;
    changes.now = batch_.origin.taken_at;
    changes.replaced.reserve(replaced_.size());
    for (const auto& [index, was_text] : replaced_) {
      changes.replaced.push_back({std::move(incoming_[index]), was_text});
    }
    changes.added.reserve(added_.size());
    for (const std::size_t index : added_) changes.added.push_back(std::move(incoming_[index]));
  }

  Connection& connection_;
  const Series& series_;
  const Write& batch_;
  OriginId origin_;
  Interval grid_;
  std::vector<RollupLevel> levels_;
  Millis closed_;

  std::vector<Row> incoming_, existing_;
  std::vector<Mark> marks_;
  std::vector<Covered> covered_;
  std::vector<const Row*> now_;  ///< what will be there, in the windows that were read
  std::vector<Millis> touched_;
  std::vector<std::size_t> added_;  ///< of incoming_
  std::vector<std::pair<std::size_t, bool>> replaced_;
  std::vector<NewRevision> beaten_;
  Merged merged_;
};

}  // namespace

std::vector<RollupLevel> levels_of(const Interval& interval) {
  constexpr std::int64_t kHour = 3'600'000, kDay = 24 * kHour;
  const auto length = interval.length();
  if (!length || *length / 1'000'000 >= kDay) return {};
  const Millis step = *length / 1'000'000;
  const RollupLevel day{1440, 1440 * kMillisOfMinute, kDay / step, step < kHour};
  if (step >= kHour) return {day};
  return {{60, 60 * kMillisOfMinute, kHour / step, false}, day};
}

Result<Merged> merge(Connection& connection, const Series& series, const Write& batch,
                     OriginId origin) {
  return Merging(connection, series, batch, origin).run();
}

}  // namespace bourse::history
