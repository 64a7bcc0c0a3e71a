// SPDX-License-Identifier: MIT
//
// Series, candles and what is known of them in a SQLite history.
#include <sqlite3.h>

#include <utility>

#include "plugins/sources/history/store/sqlite_connection.hpp"

namespace bourse::history {

namespace {

Series series_of(const SqliteRun& run) {
  Series series;
  series.id = static_cast<SeriesId>(run.integer(0));
  series.key = {run.text(1), run.text(2), run.text(4), run.text(3)};
  series.scale = {static_cast<int>(run.integer(5)), static_cast<int>(run.integer(6)),
                  static_cast<int>(run.integer(7))};
  if (!run.is_null(8)) series.tick = decimal_of(run.text(8));
  if (!run.is_null(9)) series.anchor = run.integer(9);
  return series;
}

/// Columns from `at` on: open_time, the values and trades as the tables have them, close_time.
void read_row(const SqliteRun& run, Row& row) {
  row.open_time = run.integer(0);
  for (int i = 0; i < 6; ++i) row.values[static_cast<std::size_t>(i)] = run.integer(1 + i);
  row.trades = run.integer(7);
  row.values[kTakerBase] = run.integer(8);
  row.values[kTakerQuote] = run.integer(9);
}

/// False: one of the texts is no decimal.
bool read_text_row(const SqliteRun& run, Row& row) {
  row.open_time = run.integer(0);
  row.trades = run.integer(7);
  if (!run.is_null(10)) row.close_time = run.integer(10);
  std::array<Decimal, kValues> values;
  for (std::size_t i = 0; i < kValues; ++i) {
    const auto value = decimal_of(run.text(static_cast<int>(i < kTakerBase ? 1 + i : 2 + i)));
    if (!value) return false;
    values[i] = *value;
  }
  row.text = std::make_unique<const std::array<Decimal, kValues>>(values);
  return true;
}

std::array<std::string, kValues> texts_of(const Series& series, const Row& row) {
  std::array<std::string, kValues> texts;
  for (std::size_t i = 0; i < kValues; ++i) {
    texts[i] = decimal_text(
        row.is_text() ? (*row.text)[i] : *Decimal::make(row.values[i], scale_of(series.scale, i)));
  }
  return texts;
}

/// 10 to the power of a scale; exact, as all of them are up to 10^22.
double unit_of(int scale) noexcept {
  double unit = 1;
  while (scale-- > 0) unit *= 10;
  return unit;
}

Error damaged(const std::string& file, std::string what) {
  return {ErrorKind::kCorrupt, file + ": " + std::move(what),
          "restore a backup, or delete the row with sqlite3"};
}

}  // namespace

// ---- reading

Result<std::vector<Series>> SqliteConnection::series(const SeriesKey* key, const SeriesId* id,
                                                     const char* dataset) {
  SqliteRun found = run(key != nullptr ? kSeriesByKey : id != nullptr ? kSeriesById : kAllSeries);
  if (!found) return error("reading");
  if (key != nullptr) {
    found.bind_all(1, std::string_view(key->source), std::string_view(key->symbol),
                   std::string_view(key->dataset), std::string_view(key->interval));
  } else if (id != nullptr) {
    found.bind_all(1, *id);
  } else {
    found.bind(1, std::string_view(dataset));
  }
  std::vector<Series> out;
  int code = found.step();
  for (; code == SQLITE_ROW; code = found.step()) {
    Series one = series_of(found);
    if (one.key.dataset == kCandles && !Interval::parse(one.key.interval)) {
      return damaged(file_, "series " + std::to_string(one.id) + " has no interval known here");
    }
    out.push_back(std::move(one));
  }
  if (code != SQLITE_DONE) return error("reading");
  return out;
}

Status SqliteConnection::rows(const Series& series, Span span, std::size_t limit, bool newest,
                              std::vector<Row>& out) {
  SqliteRun plain = run(newest ? kRowsNewest : kRows);
  SqliteRun text = run(newest ? kTextRowsNewest : kTextRows);
  if (!plain || !text) return error("reading");
  const auto limited = static_cast<std::int64_t>(limit);
  plain.bind_all(1, series.id, span.from, span.to, limited);
  text.bind_all(1, series.id, span.from, span.to, limited);
  int text_code = text.step();
  int code = plain.step();
  for (std::size_t i = 0; i < limit && (code == SQLITE_ROW || text_code == SQLITE_ROW); ++i) {
    const bool takes_plain = text_code != SQLITE_ROW ||
                             (code == SQLITE_ROW && (plain.integer(0) < text.integer(0)) != newest);
    Row& row = out.emplace_back();
    if (takes_plain) {
      read_row(plain, row);
      code = plain.step();
      continue;
    }
    if (!read_text_row(text, row)) {
      out.pop_back();
      return damaged(file_, "the text row of series " + std::to_string(series.id) + " at " +
                                std::to_string(text.integer(0)) + " ms is no decimals");
    }
    text_code = text.step();
  }
  const auto is_fine = [](int c) { return c == SQLITE_ROW || c == SQLITE_DONE; };
  if (!is_fine(code) || !is_fine(text_code)) return error("reading");
  return Done{};
}

Result<std::vector<Covered>> SqliteConnection::coverage(SeriesId series, Span span) {
  SqliteRun found = run(kCoverage);
  if (!found) return error("reading");
  found.bind_all(1, series, span.from, span.to);
  std::vector<Covered> out;
  int code = found.step();
  for (; code == SQLITE_ROW; code = found.step()) {
    out.push_back({{found.integer(0), found.integer(1)},
                   static_cast<State>(found.integer(2)),
                   static_cast<OriginKind>(found.integer(5)),
                   static_cast<OriginId>(found.integer(3)),
                   found.integer(4)});
  }
  if (code != SQLITE_DONE) return error("reading");
  return out;
}

Result<std::vector<Rollup>> SqliteConnection::rollups(SeriesId series, int minutes, Span span) {
  SqliteRun found = run(kRollups);
  if (!found) return error("reading");
  found.bind_all(1, series, minutes, span.from, span.to);
  std::vector<Rollup> out;
  int code = found.step();
  for (; code == SQLITE_ROW; code = found.step()) {
    Rollup& rollup = out.emplace_back();
    read_row(found, rollup.row);
    rollup.minutes = minutes;
    rollup.parts = found.integer(11);
  }
  if (code != SQLITE_DONE) return error("reading");
  return out;
}

Result<std::vector<Revision>> SqliteConnection::revisions(const Series& series, Span span,
                                                          std::size_t limit) {
  SqliteRun found = run(kRevisions);
  if (!found) return error("reading");
  found.bind_all(1, series.id, span.from, span.to, static_cast<std::int64_t>(limit));
  std::vector<Revision> out;
  int code = found.step();
  for (; code == SQLITE_ROW; code = found.step()) {
    Row row;
    if (!read_text_row(found, row)) return damaged(file_, "a revision is no decimals");
    out.push_back(
        {to_candle(series, row), found.integer(11), static_cast<OriginId>(found.integer(12)),
         found.is_null(13) ? OriginKind::kApi : static_cast<OriginKind>(found.integer(13))});
  }
  if (code != SQLITE_DONE) return error("reading");
  return out;
}

Result<std::optional<Origin>> SqliteConnection::origin(OriginId id) {
  SqliteRun found = run(kOrigin);
  if (!found) return error("reading");
  found.bind_all(1, id);
  const int code = found.step();
  if (code == SQLITE_DONE) return std::optional<Origin>();
  if (code != SQLITE_ROW) return error("reading");
  return std::optional<Origin>(Origin{static_cast<OriginKind>(found.integer(0)), found.text(1),
                                      found.text(2), found.text(3), found.text(4),
                                      found.integer(5)});
}

Result<std::vector<Connection::Counts>> SqliteConnection::counts() {
  SqliteRun found = run(kCounts);
  if (!found) return error("reading");
  const auto count = [&](int at) { return static_cast<std::uint64_t>(found.integer(at)); };
  std::vector<Counts> out;
  int code = found.step();
  for (; code == SQLITE_ROW; code = found.step()) {
    out.push_back({static_cast<SeriesId>(found.integer(0)), count(1), count(2), count(3)});
  }
  if (code != SQLITE_DONE) return error("reading");
  return out;
}

// ---- writing

Result<Series> SqliteConnection::create(const NewSeries& series, Millis now) {
  SqliteRun insert = run(kInsertSeries);
  if (!insert) return error("writing");
  const SeriesKey& key = series.key;
  const std::string tick = series.tick ? decimal_text(*series.tick) : std::string();
  insert.bind_all(1, std::string_view(key.source), std::string_view(key.symbol),
                  std::string_view(key.dataset), std::string_view(key.interval), series.scale.price,
                  series.scale.base, series.scale.quote, unit_of(series.scale.price),
                  unit_of(series.scale.base), unit_of(series.scale.quote));
  if (series.tick) insert.bind(11, std::string_view(tick));
  insert.bind(12, series.anchor);
  insert.bind(13, now);
  if (auto done = change(insert, "writing"); !done) return std::move(done).error();
  Series made;
  static_cast<NewSeries&>(made) = series;
  made.id = static_cast<SeriesId>(sqlite3_last_insert_rowid(db_));
  return made;
}

Result<OriginId> SqliteConnection::origin_id(const Origin& origin) {
  SqliteRun found = run(kFindOrigin);
  SqliteRun insert = run(kInsertOrigin);
  if (!found || !insert) return error("writing");
  const auto kind = static_cast<int>(origin.kind);
  found.bind_all(1, kind, std::string_view(origin.source), std::string_view(origin.file),
                 std::string_view(origin.sha256), std::string_view(origin.published_sha256));
  const int code = found.step();
  if (code == SQLITE_ROW) return static_cast<OriginId>(found.integer(0));
  if (code != SQLITE_DONE) return error("reading");
  insert.bind_all(1, kind, std::string_view(origin.source), std::string_view(origin.file),
                  std::string_view(origin.sha256), std::string_view(origin.published_sha256),
                  origin.taken_at);
  if (auto done = change(insert, "writing"); !done) return std::move(done).error();
  return static_cast<OriginId>(sqlite3_last_insert_rowid(db_));
}

Status SqliteConnection::insert(SqliteRun& run, SeriesId series, const Row& row) {
  run.bind_all(1, series, row.open_time);
  for (int i = 0; i < 6; ++i) run.bind(3 + i, row.values[static_cast<std::size_t>(i)]);
  run.bind(9, row.trades);
  run.bind(10, row.values[kTakerBase]);
  run.bind(11, row.values[kTakerQuote]);
  return change(run, "writing");
}

Status SqliteConnection::insert_text(SqliteRun& run, const Series& series, const Row& row) {
  const auto texts = texts_of(series, row);
  run.bind_all(1, series.id, row.open_time);
  for (int i = 0; i < 6; ++i) run.bind(3 + i, std::string_view(texts[static_cast<std::size_t>(i)]));
  run.bind(9, row.trades);
  run.bind(10, std::string_view(texts[kTakerBase]));
  run.bind(11, std::string_view(texts[kTakerQuote]));
  run.bind(12, row.close_time);
  return change(run, "writing");
}

Status SqliteConnection::apply(const Series& series, const Changes& changes) {
  if (auto done = apply_rows(series, changes); !done) return done;
  if (auto done = apply_rollups(series.id, changes); !done) return done;
  return apply_coverage(series.id, changes);
}

Status SqliteConnection::apply_rows(const Series& series, const Changes& changes) {
  SqliteRun plain = run(kInsertRow), replace = run(kReplaceRow), text = run(kInsertTextRow);
  SqliteRun erase = run(kDeleteRow), erase_text = run(kDeleteTextRow);
  SqliteRun revision = run(kInsertRevision), count = run(kAddCounts);
  if (!plain || !replace || !text || !erase || !erase_text || !revision || !count) {
    return error("writing");
  }
  std::int64_t text_rows = 0;
  for (const Row& row : changes.added) {
    text_rows += row.is_text();
    auto done = row.is_text() ? insert_text(text, series, row) : insert(plain, series.id, row);
    if (!done) return done;
  }
  for (const auto& [row, was_text] : changes.replaced) {
    text_rows += int{row.is_text()} - int{was_text};
    if (row.is_text() != was_text) {
      SqliteRun& other = was_text ? erase_text : erase;
      other.bind_all(1, series.id, row.open_time);
      if (auto done = change(other, "writing"); !done) return done;
    }
    auto done = row.is_text() ? insert_text(text, series, row) : insert(replace, series.id, row);
    if (!done) return done;
  }
  for (const auto& [row, origin] : changes.revisions) {
    revision.bind(13, changes.now);
    revision.bind(14, origin != 0 ? std::optional<std::int64_t>(origin) : std::nullopt);
    if (auto done = insert_text(revision, series, row); !done) return done;
  }
  if (changes.added.empty() && text_rows == 0 && changes.revisions.empty()) return Done{};
  count.bind_all(1, series.id, static_cast<std::int64_t>(changes.added.size()), text_rows,
                 static_cast<std::int64_t>(changes.revisions.size()));
  return change(count, "writing");
}

Status SqliteConnection::apply_rollups(SeriesId series, const Changes& changes) {
  SqliteRun erase = run(kDeleteRollup), insert = run(kInsertRollup);
  if (!erase || !insert) return error("writing");
  for (const RollupKey& key : changes.rollups_dropped) {
    erase.bind_all(1, series, key.minutes, key.open_time);
    if (auto done = change(erase, "writing"); !done) return done;
  }
  for (const Rollup& rollup : changes.rollups) {
    const Row& row = rollup.row;
    insert.bind_all(1, series, row.open_time);
    for (int i = 0; i < 6; ++i) insert.bind(3 + i, row.values[static_cast<std::size_t>(i)]);
    insert.bind_all(9, row.trades, row.values[kTakerBase], row.values[kTakerQuote], rollup.minutes,
                    rollup.parts);
    if (auto done = change(insert, "writing"); !done) return done;
  }
  return Done{};
}

Status SqliteConnection::apply_coverage(SeriesId series, const Changes& changes) {
  SqliteRun erase = run(kDeleteCoverage), insert = run(kInsertCoverage);
  if (!erase || !insert) return error("writing");
  for (const Span& span : changes.covered_dropped) {
    erase.bind_all(1, series, span.from);
    if (auto done = change(erase, "writing"); !done) return done;
  }
  for (const Covered& piece : changes.covered) {
    insert.bind_all(1, series, piece.span.from, piece.span.to, static_cast<int>(piece.state),
                    piece.origin, piece.asked_at);
    if (auto done = change(insert, "writing"); !done) return done;
  }
  return Done{};
}

Result<std::optional<Millis>> SqliteConnection::millis(Statement statement, SeriesId series,
                                                       std::int64_t second) {
  SqliteRun found = run(statement);
  if (!found) return error("reading");
  found.bind_all(1, series, second);
  const int code = found.step();
  if (code != SQLITE_ROW && code != SQLITE_DONE) return error("reading");
  if (code == SQLITE_DONE || found.is_null(0)) return std::optional<Millis>();
  return std::optional<Millis>(found.integer(0));
}

Result<Connection::Deleted> SqliteConnection::erase(const Series& series, Millis before,
                                                    std::size_t rows_max) {
  // The row after the last one that goes.
  auto next = millis(kPruneBound, series.id, static_cast<std::int64_t>(rows_max));
  if (!next) return std::move(next).error();
  Deleted deleted;
  Millis bound = before;
  if (*next && **next < before) {
    bound = **next;
    deleted.left_from = bound;
  }
  std::int64_t text_rows = 0, revisions = 0;
  for (const Statement statement : {kPruneRows, kPruneTextRows, kPruneRollups, kPruneRevisions}) {
    SqliteRun prune = run(statement);
    if (!prune) return error("writing");
    prune.bind_all(1, series.id, bound);
    if (auto done = change(prune, "writing"); !done) return std::move(done).error();
    const std::int64_t count = sqlite3_changes64(db_);
    if (statement == kPruneRows || statement == kPruneTextRows) {
      deleted.rows += static_cast<std::uint64_t>(count);
    }
    if (statement == kPruneTextRows) text_rows = count;
    if (statement == kPruneRevisions) revisions = count;
  }
  SqliteRun count = run(kAddCounts);
  if (!count) return error("writing");
  count.bind_all(1, series.id, -static_cast<std::int64_t>(deleted.rows), -text_rows, -revisions);
  if (auto done = change(count, "writing"); !done) return std::move(done).error();
  return deleted;
}

}  // namespace bourse::history
