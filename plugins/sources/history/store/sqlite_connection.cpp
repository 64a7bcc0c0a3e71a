// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/sqlite_connection.hpp"

#include <sqlite3.h>

#include <cstring>
#include <utility>

namespace bourse::history {

namespace {

int stop_sqlite(void* stop) { return (*static_cast<const Store::Stop*>(stop))() ? 1 : 0; }

}  // namespace

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

// ---- looking for damage

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

}  // namespace bourse::history
