// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/sqlite_connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

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

int stop_sqlite(void* stop) { return (*static_cast<const Store::Stop*>(stop))() ? 1 : 0; }

}  // namespace

SqliteRun::~SqliteRun() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}
void SqliteRun::bind(int at, std::int64_t value) { sqlite3_bind_int64(statement_, at, value); }
void SqliteRun::bind(int at, double value) { sqlite3_bind_double(statement_, at, value); }
void SqliteRun::bind(int at, std::string_view text) {
  sqlite3_bind_text64(statement_, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}
void SqliteRun::bind(int at, std::optional<std::int64_t> value) {
  if (value) return bind(at, *value);
  sqlite3_bind_null(statement_, at);
}
int SqliteRun::step() { return sqlite3_step(statement_); }
void SqliteRun::reset() { sqlite3_reset(statement_); }
std::int64_t SqliteRun::integer(int at) const { return sqlite3_column_int64(statement_, at); }
bool SqliteRun::is_null(int at) const { return sqlite3_column_type(statement_, at) == SQLITE_NULL; }
bool SqliteRun::is_text(int at) const { return sqlite3_column_type(statement_, at) == SQLITE_TEXT; }
std::string SqliteRun::text(int at) const {
  const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, at));
  return bytes == nullptr
             ? std::string()
             : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, at)));
}

Error sqlite_error(int code, int system_error, std::string_view text, const std::string& file,
                   std::string_view doing) {
  std::string message = std::string(doing) + " " + file + ": " + std::string(text);
  const bool is_full = system_error == ENOSPC || system_error == EDQUOT;
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
      return {ErrorKind::kBusy, std::move(message), "it is tried again with the next question"};
    case SQLITE_INTERRUPT:
      return {ErrorKind::kBusy, std::move(message), {}};
    case SQLITE_FULL:
      return {
          ErrorKind::kFull, std::move(message),
          "make room on the disk, or let `prune` take old candles away; what was kept is there"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      if (is_full) break;
      return {
          ErrorKind::kReadOnly, std::move(message),
          "give this user the right to write the file and its folder, where two more files live"};
    case SQLITE_NOTADB:
      return {ErrorKind::kForeign, std::move(message), "name another file in `database`"};
    case SQLITE_IOERR:
      if (is_full) break;
      message += system_error != 0 ? std::string(" (") + std::strerror(system_error) + ")" : "";
      return {ErrorKind::kCorrupt, std::move(message), "look at the disk, then restore a backup"};
    case SQLITE_CONSTRAINT:
      return {ErrorKind::kCorrupt, std::move(message),
              "rows were changed by another program: `verify` says which"};
    default:
      return {
          ErrorKind::kCorrupt, std::move(message),
          "restore a backup, or move the file away and fill a new one with backfill and import"};
  }
  return {ErrorKind::kFull, std::move(message),
          "make room on the disk, or let `prune` take old candles away; what was kept is there"};
}

Error sqlite_error(sqlite3* db, const std::string& file, std::string_view doing) {
  return sqlite_error(sqlite3_extended_errcode(db), sqlite3_system_errno(db), sqlite3_errmsg(db),
                      file, doing);
}

// ---- opening

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& file, Mode mode,
                                                                 std::chrono::milliseconds wait) {
  // One connection a thread, so its mutex would only cost: a tenth of a scan.
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  flags |= mode == Mode::kWrite       ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
           : mode == Mode::kImmutable ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                                      : SQLITE_OPEN_READWRITE;
  std::string name = file;
  if (mode == Mode::kImmutable) {
    name = "file:";
    for (const char c : file) {
      name += c == '?' ? "%3F" : c == '#' ? "%23" : c == '%' ? "%25" : std::string(1, c);
    }
    name += "?immutable=1";
  }
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &db, flags, nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(db, file));
  if (code != SQLITE_OK) return connection->error("opening");
  sqlite3_busy_timeout(db, static_cast<int>(wait.count()));
  sqlite3_wal_hook(
      db,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<SqliteConnection*>(self)->log_pages_ = pages;
        return SQLITE_OK;
      },
      connection.get());
  // synchronous=FULL: what was told as kept is on the disk, also when the power goes.
  // trusted_schema=OFF: the file's views and triggers may do nothing beyond SQL. The log is written
  // back by the writer alone.
  std::string set =
      "PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
      "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-2000;";
  if (mode != Mode::kWrite) {
    set += "PRAGMA query_only=ON; PRAGMA cache_size=-1000;";
    connection->keep_log_on_close();
  }
  if (auto done = connection->execute(set); !done) return std::move(done).error();
  return connection;
}

void SqliteConnection::keep_log_on_close() noexcept {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

SqliteConnection::~SqliteConnection() {
  for (sqlite3_stmt* const statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

// ---- statements

#define BOURSE_PLAIN                                                                     \
  "open_time, open, high, low, close, volume, quote_volume, trades, taker_base_volume, " \
  "taker_quote_volume"
#define BOURSE_ROW BOURSE_PLAIN ", close_time"
#define BOURSE_TRADES                                                                            \
  "SELECT t.id, t.time, t.price, t.quantity, t.quote_quantity, t.buyer_is_maker, t.origin, "     \
  "o.kind FROM trade AS t JOIN origin AS o ON o.id = t.origin WHERE t.series = ? AND t.id >= ? " \
  "AND t.id <= ? "
#define BOURSE_BOOKS                                                                              \
  "SELECT time, last_update_id, depth, complete, bids, asks FROM book WHERE series = ? AND time " \
  ">= ? AND time < ? "
#define BOURSE_OLD_TRADES \
  "SELECT id FROM trade WHERE series = ?1 AND time < ?2 ORDER BY time LIMIT ?3"
#define BOURSE_SERIES                                                                          \
  "SELECT id, source, symbol, dataset, interval, price_scale, base_scale, quote_scale, tick, " \
  "anchor FROM series "

const char* SqliteConnection::sql_of(Statement statement) {
  static constexpr std::array<const char*, kStatements> kSql = {
      BOURSE_SERIES "WHERE dataset = ? ORDER BY id",
      BOURSE_SERIES "WHERE source = ? AND symbol = ? AND dataset = ? AND interval = ?",
      BOURSE_SERIES "WHERE id = ?",
      "SELECT " BOURSE_PLAIN
      " FROM candle WHERE series = ? AND open_time >= ? AND open_time < ? "
      "ORDER BY open_time LIMIT ?",
      "SELECT " BOURSE_PLAIN
      " FROM candle WHERE series = ? AND open_time >= ? AND open_time < ? "
      "ORDER BY open_time DESC LIMIT ?",
      "SELECT " BOURSE_ROW
      " FROM candle_text WHERE series = ? AND open_time >= ? AND "
      "open_time < ? ORDER BY open_time LIMIT ?",
      "SELECT " BOURSE_ROW
      " FROM candle_text WHERE series = ? AND open_time >= ? AND "
      "open_time < ? ORDER BY open_time DESC LIMIT ?",
      // From the last piece that begins before the span: pieces are disjoint, so none before
      // reaches it.
      "SELECT start_time, end_time, state, origin, asked_at, kind FROM coverage JOIN origin ON "
      "origin.id = origin WHERE series = ?1 AND start_time >= coalesce((SELECT max(start_time) "
      "FROM coverage WHERE series = ?1 AND start_time < ?2), ?2) AND start_time <= ?3 AND "
      "end_time >= ?2 ORDER BY start_time",
      "SELECT open_time, open, high, low, close, volume, quote_volume, trades, "
      "taker_base_volume, taker_quote_volume, NULL, parts FROM rollup WHERE series = ? AND "
      "minutes = ? AND open_time >= ? AND open_time < ? ORDER BY open_time",
      "SELECT " BOURSE_ROW
      ", seen_at, origin, (SELECT kind FROM origin AS o WHERE o.id = "
      "revision.origin) FROM revision WHERE series = ? AND open_time >= ? AND open_time < ? "
      "ORDER BY open_time, id LIMIT ?",
      "SELECT kind, source, file, sha256, published_sha256, taken_at FROM origin WHERE id = ?",
      "SELECT id FROM origin WHERE kind = ? AND source = ? AND file = ? AND sha256 = ? AND "
      "published_sha256 = ?",
      "SELECT id, row_count, text_row_count, revision_count FROM series ORDER BY id",
      "INSERT INTO series (source, symbol, dataset, interval, price_scale, base_scale, "
      "quote_scale, price_unit, base_unit, quote_unit, tick, anchor, created_at) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "INSERT INTO origin (kind, source, file, sha256, published_sha256, taken_at) VALUES "
      "(?, ?, ?, ?, ?, ?)",
      "INSERT INTO candle (series, " BOURSE_PLAIN ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "REPLACE INTO candle (series, " BOURSE_PLAIN ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "REPLACE INTO candle_text (series, " BOURSE_ROW
      ") VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "DELETE FROM candle WHERE series = ? AND open_time = ?",
      "DELETE FROM candle_text WHERE series = ? AND open_time = ?",
      "INSERT INTO revision (series, " BOURSE_ROW
      ", seen_at, origin) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "DELETE FROM rollup WHERE series = ? AND minutes = ? AND open_time = ?",
      "INSERT INTO rollup (series, open_time, open, high, low, close, volume, quote_volume, "
      "trades, taker_base_volume, taker_quote_volume, minutes, parts) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "DELETE FROM coverage WHERE series = ? AND start_time = ?",
      "INSERT INTO coverage (series, start_time, end_time, state, origin, asked_at) VALUES "
      "(?, ?, ?, ?, ?, ?)",
      "UPDATE series SET row_count = row_count + ?2, text_row_count = text_row_count + ?3, "
      "revision_count = revision_count + ?4 WHERE id = ?1",
      "SELECT open_time FROM candle WHERE series = ?1 UNION ALL SELECT open_time FROM candle_text "
      "WHERE series = ?1 ORDER BY open_time LIMIT 1 OFFSET ?2",
      "DELETE FROM candle WHERE series = ? AND open_time < ?",
      "DELETE FROM candle_text WHERE series = ? AND open_time < ?",
      "DELETE FROM rollup WHERE series = ?1 AND minutes IN (60, 1440) AND open_time < ?2",
      "DELETE FROM revision WHERE series = ? AND open_time < ?",
      BOURSE_TRADES "ORDER BY t.id LIMIT ?",
      BOURSE_TRADES "ORDER BY t.id DESC LIMIT ?",
      "SELECT first, last FROM (SELECT lag(id) OVER (ORDER BY id) + 1 AS first, id - 1 AS last "
      "FROM trade WHERE series = ?) WHERE first <= last ORDER BY first LIMIT ?",
      "SELECT id, time, price, quantity, quote_quantity, buyer_is_maker, seen_at, origin FROM "
      "trade_revision WHERE series = ? AND id >= ? AND id <= ? ORDER BY id, number LIMIT ?",
      BOURSE_BOOKS "ORDER BY time LIMIT ?",
      BOURSE_BOOKS "ORDER BY time DESC LIMIT ?",
      "REPLACE INTO trade (series, id, time, price, quantity, quote_quantity, buyer_is_maker, "
      "origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      "INSERT INTO trade_revision (series, id, time, price, quantity, quote_quantity, "
      "buyer_is_maker, seen_at, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "INSERT INTO book (series, time, last_update_id, depth, complete, bids, asks, origin) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      "DELETE FROM trade_revision WHERE series = ?1 AND id IN (" BOURSE_OLD_TRADES ")",
      "DELETE FROM trade WHERE series = ?1 AND id IN (" BOURSE_OLD_TRADES ")",
      "DELETE FROM book WHERE series = ?1 AND time IN (SELECT time FROM book WHERE series = ?1 AND "
      "time < ?2 ORDER BY time LIMIT ?3)",
  };
  return kSql[statement];
}

#undef BOURSE_ROW
#undef BOURSE_SERIES
#undef BOURSE_PLAIN
#undef BOURSE_TRADES
#undef BOURSE_BOOKS
#undef BOURSE_OLD_TRADES

SqliteRun SqliteConnection::run(Statement statement) {
  sqlite3_stmt*& prepared = statements_[statement];
  if (prepared == nullptr) {
    sqlite3_prepare_v3(db_, sql_of(statement), -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  }
  return SqliteRun(prepared);
}

Status SqliteConnection::execute(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return Done{};
  return error("using");
}

Result<std::int64_t> SqliteConnection::integer(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr);
  const int stepped = code == SQLITE_OK ? sqlite3_step(statement) : code;
  const std::int64_t value = stepped == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  auto failed = stepped == SQLITE_ROW || stepped == SQLITE_DONE
                    ? std::nullopt
                    : std::optional<Error>(error("reading"));
  sqlite3_finalize(statement);
  if (failed) return std::move(*failed);
  return value;
}

void SqliteConnection::end_read() noexcept {
  sqlite3_exec(db_, sqlite3_get_autocommit(db_) == 0 ? "ROLLBACK" : "", nullptr, nullptr, nullptr);
}

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

Result<std::vector<std::string>> SqliteConnection::check(Depth depth, const Store::Stop& stop) {
  if (stop) sqlite3_progress_handler(db_, 10'000, stop_sqlite, const_cast<Store::Stop*>(&stop));
  sqlite3_stmt* statement = nullptr;
  const char* const sql =
      depth == Depth::kQuick ? "PRAGMA quick_check(100)" : "PRAGMA integrity_check(100)";
  int code = sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr);
  std::vector<std::string> findings;
  if (code == SQLITE_OK) {
    for (code = sqlite3_step(statement); code == SQLITE_ROW; code = sqlite3_step(statement)) {
      const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
      if (text != nullptr && std::strcmp(text, "ok") != 0) findings.emplace_back(text);
    }
  }
  auto failed = code == SQLITE_DONE ? std::nullopt : std::optional<Error>(error("checking"));
  sqlite3_finalize(statement);
  sqlite3_progress_handler(db_, 0, nullptr, nullptr);
  if (failed && failed->kind == ErrorKind::kBusy) return std::move(*failed);
  if (failed) findings.push_back(failed->message);  // so damaged that it cannot even be checked
  return findings;
}

// ---- writing

Status SqliteConnection::change(SqliteRun& run, std::string_view doing) {
  const int code = run.step();
  if (code != SQLITE_DONE) {
    Error failed = error(doing);
    run.reset();
    return failed;
  }
  run.reset();
  return Done{};
}

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
