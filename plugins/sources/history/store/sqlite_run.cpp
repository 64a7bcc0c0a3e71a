// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/sqlite_run.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace bourse::history {

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

}  // namespace bourse::history
