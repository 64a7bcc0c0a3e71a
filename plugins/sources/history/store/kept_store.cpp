// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/kept_store.hpp"

#include <algorithm>
#include <chrono>

#include "plugins/sources/history/store/audit.hpp"
#include "plugins/sources/history/store/derive.hpp"
#include "plugins/sources/history/store/merge.hpp"

namespace bourse::history {

namespace {

constexpr std::size_t kRowsAtOnce = 10'000;
constexpr std::size_t kTextMax = 200;  ///< bytes of each part of a key

Millis wall_clock() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Error invalid(std::string message, std::string advice) {
  return {ErrorKind::kInvalid, std::move(message), std::move(advice)};
}

std::optional<Error> fault_of(const NewSeries& series) {
  const SeriesKey& key = series.key;
  for (const std::string* const text : {&key.source, &key.symbol}) {
    if (text->empty() || text->size() > kTextMax || text->find('\0') != std::string::npos) {
      return invalid("a series needs a source and a symbol of 1 to 200 bytes",
                     "name both when it is made");
    }
  }
  if (key.dataset != "candles") {
    return invalid("dataset \"" + key.dataset + "\" is not kept", "candles are");
  }
  if (!Interval::parse(key.interval)) {
    return invalid("interval \"" + key.interval + "\" is none", "take one of market.h, such as 1m");
  }
  for (const int scale : {series.scale.price, series.scale.base, series.scale.quote}) {
    if (scale < 0 || scale > Scale::kMax) {
      return invalid("a scale of " + std::to_string(scale) + " decimals cannot be kept",
                     "take 0 to " + std::to_string(Scale::kMax));
    }
  }
  return std::nullopt;
}

/// A span as it may be compared with what is stored; nullopt: empty.
std::optional<Span> bounded(Span span) noexcept {
  span = {std::max(span.from, kMillisMin), std::min(span.to, kMillisMax)};
  if (span.from >= span.to) return std::nullopt;
  return span;
}

std::uint64_t slots_between(const Interval& grid, Millis from, Millis to) {
  if (from >= to) return 0;
  if (const auto length = grid.length()) {
    return static_cast<std::uint64_t>((to - from) / (*length / 1'000'000));
  }
  std::uint64_t months = 0;
  for (; from < to; from = slot_of(grid, from).to) ++months;
  return months;
}

void summarize(SeriesStatus& status, const std::vector<Covered>& covered, Millis now) {
  if (covered.empty()) return;
  status.known = Span{covered.front().span.from, covered.back().span.to};
  status.spans = covered.size();
  Millis reached = covered.front().span.from;
  for (const Covered& piece : covered) {
    const Millis length = piece.span.to - piece.span.from;
    (piece.state == State::kKnown ? status.known_ms : status.empty_ms) += length;
    if (piece.span.from > reached) {
      ++status.gaps;
      status.unknown_ms += piece.span.from - reached;
    }
    reached = piece.span.to;
  }
  const Interval grid = status.series.grid();
  status.behind = slots_between(grid, status.known->to, closed_until(grid, now));
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const Options& options) {
  constexpr std::string_view kSqlite = "sqlite:";
  Result<std::unique_ptr<Database>> database =
      invalid("the database is named in no way that is known here",
              "write sqlite:/var/lib/bourse/history.db, or postgresql://HOST/NAME");
  if (options.database.starts_with(kSqlite)) {
    database = open_sqlite(options, options.database.substr(kSqlite.size()));
  } else if (options.database.starts_with("postgresql://") ||
             options.database.starts_with("postgres://")) {
    database = open_postgres(options);
  }
  if (!database) return std::move(database).error();
  return std::unique_ptr<Store>(std::make_unique<KeptStore>(std::move(*database)));
}

// ---- series

Result<std::optional<Series>> KeptStore::find(const SeriesKey& key) {
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, series] : series_) {
      if (series.key == key) return std::optional<Series>(series);
    }
  }
  std::optional<Series> found;
  auto done = database_->read(false, [&](Connection& connection) -> Status {
    auto all = connection.series(&key, nullptr);
    if (!all) return std::move(all).error();
    found.reset();
    if (!all->empty()) found = std::move(all->front());
    return Done{};
  });
  if (!done) return std::move(done).error();
  if (found) {
    const std::scoped_lock lock(mutex_);
    series_.emplace(found->id, *found);
  }
  return found;
}

Result<Series> KeptStore::create(const NewSeries& series) {
  if (auto fault = fault_of(series)) return std::move(*fault);
  auto there = find(series.key);
  if (!there) return std::move(there).error();
  if (*there) return std::move(**there);
  std::optional<Series> made;
  auto done = database_->write(
      [&](Connection& connection) -> Status {
        auto all = connection.series(&series.key, nullptr);  // another one may have been faster
        if (!all) return std::move(all).error();
        if (!all->empty()) {
          made = std::move(all->front());
          return Done{};
        }
        auto fresh = connection.create(series, wall_clock());
        if (!fresh) return std::move(fresh).error();
        made = std::move(*fresh);
        return Done{};
      },
      false);
  if (!done) return std::move(done).error();
  const std::scoped_lock lock(mutex_);
  series_.emplace(made->id, *made);
  return *made;
}

Result<std::vector<Series>> KeptStore::list() {
  std::vector<Series> all;
  auto done = database_->read(false, [&](Connection& connection) -> Status {
    auto listed = connection.series(nullptr, nullptr);
    if (!listed) return std::move(listed).error();
    all = std::move(*listed);
    return Done{};
  });
  if (!done) return std::move(done).error();
  std::ranges::sort(all, {}, [](const Series& series) { return series.key; });
  return all;
}

Result<Series> KeptStore::series_of(SeriesId id) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto known = series_.find(id); known != series_.end()) return known->second;
  }
  std::optional<Series> found;
  auto done = database_->read(false, [&](Connection& connection) -> Status {
    auto all = connection.series(nullptr, &id);
    if (!all) return std::move(all).error();
    found.reset();
    if (!all->empty()) found = std::move(all->front());
    return Done{};
  });
  if (!done) return std::move(done).error();
  if (!found) {
    return invalid("series " + std::to_string(id) + " does not exist",
                   "take it from find() or create()");
  }
  const std::scoped_lock lock(mutex_);
  return series_.emplace(id, std::move(*found)).first->second;
}

// ---- questions

Result<std::vector<Span>> KeptStore::missing(SeriesId id, Span asked, Millis now) {
  auto series = series_of(id);
  if (!series) return std::move(series).error();
  auto covered = coverage(id, asked);
  if (!covered) return std::move(covered).error();
  const auto span = bounded(asked);
  if (!span) return std::vector<Span>();
  return history::missing(series->grid(), *span, *covered, now);
}

Result<std::vector<Covered>> KeptStore::coverage(SeriesId id, Span span) {
  if (auto series = series_of(id); !series) return std::move(series).error();
  std::vector<Covered> out;
  const auto asked = bounded(span);
  if (!asked) return out;
  auto done = database_->read(false, [&](Connection& connection) -> Status {
    auto covered = connection.coverage(id, *asked);
    if (!covered) return std::move(covered).error();
    out = std::move(*covered);
    return Done{};
  });
  if (!done) return std::move(done).error();
  std::erase_if(out, [&](const Covered& piece) {  // those that only meet it
    return piece.span.to <= asked->from || piece.span.from >= asked->to;
  });
  return out;
}

Result<std::vector<Candle>> KeptStore::rows(SeriesId id, Span span, std::size_t limit,
                                            bool newest) {
  auto series = series_of(id);
  if (!series) return std::move(series).error();
  std::vector<Candle> out;
  const auto asked = bounded(span);
  if (!asked || limit == 0) return out;
  auto done = database_->read(true, [&](Connection& connection) -> Status {
    out.clear();
    Span left = *asked;
    std::vector<Row> rows;
    while (out.size() < limit && left.from < left.to) {
      rows.clear();
      const std::size_t piece = std::min(limit - out.size(), kRowsAtOnce);
      if (auto read = connection.rows(*series, left, piece, newest, rows); !read) return read;
      for (const Row& row : rows) out.push_back(to_candle(*series, row));
      if (rows.size() < piece) break;
      (newest ? left.to : left.from) = rows.back().open_time + (newest ? 0 : 1);
    }
    return Done{};
  });
  if (!done) return std::move(done).error();
  if (newest) std::ranges::reverse(out);
  return out;
}

Result<std::vector<Candle>> KeptStore::read(SeriesId id, Span span, std::size_t limit) {
  return rows(id, span, limit, false);
}

Result<std::vector<Candle>> KeptStore::newest(SeriesId id, Span span, std::size_t limit) {
  return rows(id, span, limit, true);
}

Result<DerivedRows> KeptStore::derive(SeriesId id, const Interval& longer, Span span,
                                      std::size_t limit) {
  auto series = series_of(id);
  if (!series) return std::move(series).error();
  if (!series->grid().divides(longer)) {
    return invalid("candles of " + std::string(longer.name()) + " are not made of whole ones of " +
                       series->key.interval,
                   "take a series of a shorter interval");
  }
  DerivedRows out;
  const auto asked = bounded(span);
  if (!asked || limit == 0) return out;
  auto done = database_->read(true, [&](Connection& connection) -> Status {
    auto derived = history::derive(connection, *series, longer, *asked, limit);
    if (!derived) return std::move(derived).error();
    out = std::move(*derived);
    return Done{};
  });
  if (!done) return std::move(done).error();
  return out;
}

Result<std::vector<Revision>> KeptStore::revisions(SeriesId id, Span span, std::size_t limit) {
  auto series = series_of(id);
  if (!series) return std::move(series).error();
  std::vector<Revision> out;
  const auto asked = bounded(span);
  if (!asked || limit == 0) return out;
  auto done = database_->read(false, [&](Connection& connection) -> Status {
    auto found = connection.revisions(*series, *asked, limit);
    if (!found) return std::move(found).error();
    out = std::move(*found);
    return Done{};
  });
  if (!done) return std::move(done).error();
  return out;
}

Result<std::optional<Origin>> KeptStore::origin(OriginId id) {
  std::optional<Origin> out;
  auto done = database_->read(false, [&](Connection& connection) -> Status {
    auto found = connection.origin(id);
    if (!found) return std::move(found).error();
    out = std::move(*found);
    return Done{};
  });
  if (!done) return std::move(done).error();
  return out;
}

Result<std::vector<SeriesStatus>> KeptStore::status(Millis now) {
  std::vector<SeriesStatus> out;
  auto done = database_->read(true, [&](Connection& connection) -> Status {
    out.clear();
    auto all = connection.series(nullptr, nullptr);
    if (!all) return std::move(all).error();
    auto counts = connection.counts();
    if (!counts) return std::move(counts).error();
    for (Series& series : *all) {
      SeriesStatus status{std::move(series)};
      for (const Connection::Counts& count : *counts) {
        if (count.series != status.series.id) continue;
        status.rows = count.rows;
        status.text_rows = count.text_rows;
        status.revisions = count.revisions;
      }
      auto covered = connection.coverage(status.series.id, {kMillisMin, kMillisMax});
      if (!covered) return std::move(covered).error();
      summarize(status, *covered, now);
      out.push_back(std::move(status));
    }
    return Done{};
  });
  if (!done) return std::move(done).error();
  std::ranges::sort(out, {}, [](const SeriesStatus& status) { return status.series.key; });
  return out;
}

Result<std::vector<std::string>> KeptStore::check(Depth depth, const Stop& stop) {
  std::vector<std::string> findings;
  auto done = database_->read(true, [&](Connection& connection) -> Status {
    auto found = connection.check(depth, stop);
    if (!found) return std::move(found).error();
    findings = std::move(*found);
    if (depth == Depth::kQuick || !findings.empty()) return Done{};
    auto more = audit(connection, stop);
    if (!more) return std::move(more).error();
    findings = std::move(*more);
    return Done{};
  });
  if (!done) return std::move(done).error();
  return findings;
}

// ---- changes

Result<Written> KeptStore::write(const Write& batch) {
  auto series = series_of(batch.series);
  if (!series) return std::move(series).error();
  Written written;
  auto done = database_->write(
      [&](Connection& connection) -> Status {
        auto origin = connection.origin_id(batch.origin);
        if (!origin) return std::move(origin).error();
        auto merged = merge(connection, *series, batch, *origin);
        if (!merged) return std::move(merged).error();
        written = std::move(merged->written);
        return connection.apply(*series, merged->changes);
      },
      false);
  if (!done) return std::move(done).error();
  return written;
}

Status KeptStore::forget(SeriesId id, Span span) {
  auto series = series_of(id);
  if (!series) return std::move(series).error();
  const auto asked = bounded(span);
  if (!asked) return Done{};
  const Interval grid = series->grid();
  const Span whole{slot_of(grid, asked->from).from, slot_of(grid, asked->to - 1).to};
  return database_->write(
      [&](Connection& connection) -> Status {
        auto covered = connection.coverage(id, whole);
        if (!covered) return std::move(covered).error();
        Changes changes;
        for (const Covered& piece : *covered) changes.covered_dropped.push_back(piece.span);
        changes.covered = without(*covered, whole);
        return connection.apply(*series, changes);
      },
      true);
}

Result<Pruned> KeptStore::prune(SeriesId id, Millis before, std::size_t rows_max) {
  auto series = series_of(id);
  if (!series) return std::move(series).error();
  const Interval grid = series->grid();
  const Millis bound = slot_of(grid, std::clamp(before, kMillisMin, kMillisMax)).from;
  Pruned pruned;
  auto done = database_->write(
      [&](Connection& connection) -> Status {
        auto deleted = connection.erase(*series, bound, rows_max);
        if (!deleted) return std::move(deleted).error();
        pruned = {deleted->rows, !deleted->left_from};
        const Millis gone = deleted->left_from ? slot_of(grid, *deleted->left_from).from : bound;
        auto covered = connection.coverage(id, {kMillisMin, gone});
        if (!covered) return std::move(covered).error();
        Changes changes;
        for (const Covered& piece : *covered) changes.covered_dropped.push_back(piece.span);
        changes.covered = without(*covered, {kMillisMin, gone});
        return connection.apply(*series, changes);
      },
      true);
  if (!done) return std::move(done).error();
  return pruned;
}

}  // namespace bourse::history
