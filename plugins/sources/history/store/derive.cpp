// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/derive.hpp"

#include <algorithm>

#include "plugins/sources/history/store/merge.hpp"

namespace bourse::history {

namespace {

constexpr std::size_t kRowsOfPiece = 10'000;
/// Buckets that are worked on at once, so that what is read for nothing stays small.
constexpr std::int64_t kBucketsOfPiece = 1'024;

/// Parts in ascending order become candles of the longer interval.
class Deriving {
 public:
  Deriving(Connection& connection, const Series& series, const Interval& longer, std::size_t limit)
      : connection_(connection),
        series_(series),
        longer_(longer),
        limit_(limit),
        levels_(levels_of(series.grid())) {
    // A level serves when its buckets lie whole within those of the longer interval.
    std::erase_if(levels_, [&](const RollupLevel& level) {
      const auto interval = Interval::parse(level.minutes == 60 ? "1h" : "1d");
      return !interval->divides(longer);
    });
  }

  Result<DerivedRows> run(Span span) {
    Millis next = first_bucket(span.from);
    const Millis end = slot_of(longer_, span.to - 1).to;
    if (next >= end) return std::move(out_);
    // Rows of 300 bytes that move as they grow in number cost more than reading them.
    const auto buckets =
        static_cast<std::size_t>((end - next) / (slot_of(longer_, next).to - next));
    out_.rows.reserve(std::min({limit_, buckets, kRowsOfPiece}));
    auto covered = connection_.coverage(series_.id, {next, end});
    if (!covered) return std::move(covered).error();
    covered_ = std::move(*covered);
    for (std::size_t i = 0; i < covered_.size() && !is_full();) {
      Span run = covered_[i].span;
      for (++i; i < covered_.size() && covered_[i].span.from == run.to; ++i) {
        run.to = covered_[i].span.to;
      }
      const Millis from = std::max(next, first_bucket(run.from));
      const Millis to = std::min(end, slot_of(longer_, run.to).from);
      if (from >= to) continue;
      if (from > next) out_.missing.push_back({next, from});
      next = to;
      if (auto done = fold({from, to}); !done) return std::move(done).error();
    }
    if (!is_full() && next < end) out_.missing.push_back({next, end});
    return std::move(out_);
  }

 private:
  [[nodiscard]] Millis first_bucket(Millis time) const {
    const Span slot = slot_of(longer_, time);
    return slot.from == time ? time : slot.to;
  }
  [[nodiscard]] bool is_full() const noexcept { return out_.rows.size() >= limit_; }

  /// REQUIRES: whole buckets, all of them covered.
  Status fold(Span span) {
    while (span.from < span.to && !is_full()) {
      const Millis step = slot_of(longer_, span.from).to - span.from;
      Span piece = span;
      if ((span.to - span.from) / kBucketsOfPiece > step) {
        piece.to = slot_of(longer_, span.from + kBucketsOfPiece * step).from;
      }
      if (auto done = feed(piece, levels_.size()); !done) return done;
      if (!is_full()) finish();
      span.from = piece.to;
    }
    return Done{};
  }

  /// Roll-ups of a level, and where there is none what is below it.
  Status feed(Span span, std::size_t level) {
    if (level == 0) {
      return for_each_row(connection_, series_, span, [&](const Row& row) { return take(row, 1); });
    }
    const RollupLevel& of = levels_[level - 1];
    auto rollups = connection_.rollups(series_.id, of.minutes, span);
    if (!rollups) return std::move(rollups).error();
    Millis reached = span.from;
    for (const Rollup& rollup : *rollups) {
      if (rollup.row.open_time > reached) {
        if (auto done = feed({reached, rollup.row.open_time}, level - 1); !done) return done;
      }
      if (!take(rollup.row, rollup.parts)) return Done{};
      reached = rollup.row.open_time + of.length;
    }
    if (reached < span.to && !is_full()) return feed({reached, span.to}, level - 1);
    return Done{};
  }

  bool take(const Row& row, std::int64_t parts) {
    if (is_full()) return false;
    if (row.open_time >= bucket_.to || fold_.empty()) {
      finish();
      if (is_full()) return false;
      bucket_ = slot_of(longer_, row.open_time);
    }
    fold_.add(series_, row, parts);
    return true;
  }

  void finish() {
    if (fold_.empty()) return;
    if (auto candle = fold_.candle(series_, bucket_.from)) {
      out_.rows.push_back({std::move(*candle), has_gaps()});
    } else {  // beyond 38 digits: the source has to say it
      out_.missing.push_back(bucket_);
    }
    fold_ = Fold();
  }

  [[nodiscard]] bool has_gaps() const {
    auto piece = std::ranges::upper_bound(covered_, bucket_.from, {},
                                          [](const Covered& c) { return c.span.to; });
    for (; piece != covered_.end() && piece->span.from < bucket_.to; ++piece) {
      if (piece->state == State::kEmpty) return true;
    }
    return false;
  }

  Connection& connection_;
  const Series& series_;
  const Interval& longer_;
  std::size_t limit_;
  std::vector<RollupLevel> levels_;
  std::vector<Covered> covered_;
  Span bucket_;
  Fold fold_;
  DerivedRows out_;
};

}  // namespace

Result<DerivedRows> derive(Connection& connection, const Series& series, const Interval& longer,
                           Span span, std::size_t limit) {
  return Deriving(connection, series, longer, limit).run(span);
}

Status for_each_row(Connection& connection, const Series& series, Span span,
                    const std::function<bool(const Row&)>& take) {
  std::vector<Row> rows;
  while (span.from < span.to) {
    rows.clear();
    if (auto done = connection.rows(series, span, kRowsOfPiece, false, rows); !done) return done;
    for (const Row& row : rows) {
      if (!take(row)) return Done{};
    }
    if (rows.size() < kRowsOfPiece) break;
    span.from = rows.back().open_time + 1;
  }
  return Done{};
}

}  // namespace bourse::history
