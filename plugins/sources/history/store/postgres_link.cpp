// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/postgres_link.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bourse::history {

namespace {

/// 2000-01-01, where PostgreSQL's time begins.
constexpr Millis kEpoch = 946'684'800'000;

std::uint64_t big_endian_of(const char* bytes, int length) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < length; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string first_line(const char* text) {
  std::string line = text == nullptr ? "" : text;
  std::ranges::replace(line, '\n', ' ');
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

bool is_here(std::string_view host) {
  return host.empty() || host.front() == '/' || host.front() == '@' || host == "localhost" ||
         host == "127.0.0.1" || host == "::1";
}

struct Parsed {
  std::string host, port, name, sslmode;
  bool has_password = false;
};

Result<Parsed> parsed(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), &message), &PQconninfoFree);
  PQfreemem(message);  // it quotes the address, and may quote a password
  if (!options) {
    return Error{ErrorKind::kInvalid, "the address of the database cannot be read",
                 "write postgresql://USER@HOST:PORT/NAME"};
  }
  Parsed out;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "host" || keyword == "hostaddr") out.host = option->val;
    if (keyword == "port") out.port = option->val;
    if (keyword == "dbname") out.name = option->val;
    if (keyword == "sslmode") out.sslmode = option->val;
    if (keyword == "password") out.has_password = true;
  }
  return out;
}

struct Known {
  std::string_view state;
  ErrorKind kind;
  const char* advice;
};
constexpr Known kStates[] = {
    {"53100", ErrorKind::kFull,
     "make room on the server's disk, or let `prune` take old candles away"},
    {"53200", ErrorKind::kBusy, "the server has no memory left; it is tried again"},
    {"53300", ErrorKind::kGone, "raise max_connections of the server, or lower what others use"},
    {"57P03", ErrorKind::kGone, "the server is starting; it is tried again"},
    {"57P01", ErrorKind::kGone, "the server stops, or an administrator ended the connection"},
    {"57P02", ErrorKind::kGone, "the server restarts; it is tried again"},
    {"57014", ErrorKind::kBusy, "it took longer than a statement may; it is tried again"},
    {"55P03", ErrorKind::kBusy, "another one writes; it is tried again with the next question"},
    {"40P01", ErrorKind::kBusy, "it is tried again with the next question"},
    {"40001", ErrorKind::kBusy, "it is tried again with the next question"},
    {"25006", ErrorKind::kReadOnly, "name the server that takes writes; a standby does not"},
    {"42501", ErrorKind::kRefused,
     "let the owner of the database run: CREATE SCHEMA bourse AUTHORIZATION \"the user\""},
    {"3D000", ErrorKind::kRefused, "make the database: createdb NAME"},
    {"23505", ErrorKind::kCorrupt, "rows were changed by another program: `verify` says which"},
};

}  // namespace

std::string time_literal(Millis time) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds{time}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "'%04d-%02u-%02u %02d:%02d:%02d.%03d+00'",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::string text_literal(std::string_view text) {
  // The escape form, so that it does not depend on standard_conforming_strings.
  std::string out = "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

PgRows::PgRows(pg_result* result) : result_(result, &PQclear) {}
int PgRows::count() const noexcept { return PQntuples(result_.get()); }
bool PgRows::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::int64_t PgRows::integer(int row, int column) const {
  const int length = PQgetlength(result_.get(), row, column);
  const std::uint64_t bits = big_endian_of(PQgetvalue(result_.get(), row, column), length);
  if (length == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
  if (length == 2) return static_cast<std::int16_t>(static_cast<std::uint16_t>(bits));
  return static_cast<std::int64_t>(bits);
}

Millis PgRows::millis(int row, int column) const {
  const std::int64_t micros = integer(row, column);
  return micros / 1000 - (micros % 1000 < 0 ? 1 : 0) + kEpoch;
}

std::string PgRows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::uint64_t PgRows::changed() const {
  return std::strtoull(PQcmdTuples(result_.get()), nullptr, 10);
}

Result<PgPlace> pg_place(const Options& options) {
  auto url = parsed(options.database);
  if (!url) return std::move(url).error();
  if (url->has_password) {
    return Error{ErrorKind::kInvalid, "the address of the database holds a password",
                 "leave it out there, and give it by the environment or a file"};
  }
  if (!is_here(url->host) && url->sslmode.empty()) {
    return Error{ErrorKind::kInvalid,
                 "the database is on " + url->host +
                     ", and nothing says how the way there is kept "
                     "secret: libpq would fall back to plain text",
                 "add ?sslmode=verify-full to the address, or the sslmode that is meant"};
  }
  PgPlace place{options.database, options.password, options.name, {}, options.wait};
  place.shown = "PostgreSQL database " +
                (url->name.empty() ? std::string("of the user") : url->name) + " on " +
                (is_here(url->host) ? std::string("this machine") : url->host) +
                (url->port.empty() ? "" : ":" + url->port);
  return place;
}

PgLink::~PgLink() { PQfinish(connection_); }
bool PgLink::is_alive() const noexcept { return PQstatus(connection_) == CONNECTION_OK; }
bool PgLink::is_in_transaction() const noexcept {
  return PQtransactionStatus(connection_) != PQTRANS_IDLE;
}

Result<std::unique_ptr<PgLink>> PgLink::open(const PgPlace& place, bool is_writer) {
  const std::string timeout =
      std::to_string(std::max<std::int64_t>(2, (place.wait.count() + 999) / 1000));
  // What comes before dbname is only a default; what comes after it holds.
  const std::array<const char*, 12> keys = {"connect_timeout",
                                            "keepalives_idle",
                                            "keepalives_interval",
                                            "keepalives_count",
                                            "tcp_user_timeout",
                                            "application_name",
                                            "dbname",
                                            "client_encoding",
                                            "target_session_attrs",
                                            place.password.empty() ? nullptr : "password",
                                            nullptr,
                                            nullptr};
  const std::array<const char*, 12> values = {timeout.c_str(),
                                              "10",
                                              "5",
                                              "3",
                                              "10000",
                                              place.name.c_str(),
                                              place.url.c_str(),
                                              "UTF8",
                                              is_writer ? "read-write" : "any",
                                              place.password.c_str(),
                                              nullptr,
                                              nullptr};
  std::unique_ptr<PgLink> link(
      new PgLink(PQconnectdbParams(keys.data(), values.data(), 1), place.shown));
  PGconn* const connection = link->connection_;
  if (PQstatus(connection) != CONNECTION_OK) {
    const std::string text = first_line(PQerrorMessage(connection));
    const bool is_refused = text.find("authentication") != std::string::npos ||
                            text.find("no pg_hba.conf") != std::string::npos ||
                            text.find("password") != std::string::npos ||
                            text.find("does not exist") != std::string::npos ||
                            text.find("certificate") != std::string::npos;
    const bool is_standby = text.find("read-only") != std::string::npos;
    return Error{is_refused   ? ErrorKind::kRefused
                 : is_standby ? ErrorKind::kReadOnly
                              : ErrorKind::kGone,
                 "no connection to the " + place.shown + ": " + text,
                 is_refused   ? "look at user, password, database and pg_hba.conf"
                 : is_standby ? "name the server that takes writes; a standby does not"
                              : "start the server, or look at its address; it is tried again"};
  }
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  auto pid = link->ask("SELECT pg_backend_pid()");
  if (!pid) return std::move(pid).error();
  if (pid->integer(0, 0) != PQbackendPID(connection)) {
    return Error{ErrorKind::kRefused,
                 "between here and the " + place.shown +
                     " is a pooler (PgBouncer or one like it), which breaks the writer's lock",
                 "name the server itself in `database`"};
  }
  if (auto done = link->run(
          "SET timezone = 'UTC'; SET search_path = bourse, pg_temp; SET datestyle = 'ISO';"
          "SET statement_timeout = '120s'; SET idle_in_transaction_session_timeout = '30s';"
          "SET lock_timeout = " +
          std::to_string(place.wait.count()) +
          ";"
          // Of what was told as kept nothing may hang on when the server flushes.
          "SELECT set_config('synchronous_commit', 'on', false) WHERE "
          "current_setting('synchronous_commit') = 'off'");
      !done) {
    return std::move(done).error();
  }
  // A client that is killed while its query runs keeps its locks until the server notices.
  if (is_writer) static_cast<void>(link->run("SET client_connection_check_interval = '500ms'"));
  return link;
}

Result<PgRows> PgLink::ask(const std::string& sql) {
  PGresult* const result =
      PQexecParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1);
  const ExecStatusType status = PQresultStatus(result);
  PgRows rows(result);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return rows;
  return error(result);
}

Status PgLink::run(const std::string& sql) {
  PGresult* const result = PQexec(connection_, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  const PgRows rows(result);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return Done{};
  return error(result);
}

Status PgLink::copy_in(const std::string& sql, std::string_view bytes) {
  {
    PGresult* const begun = PQexec(connection_, sql.c_str());
    const PgRows rows(begun);
    if (PQresultStatus(begun) != PGRES_COPY_IN) return error(begun);
  }
  constexpr std::size_t kPiece = 1 << 20;
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const std::string_view piece = bytes.substr(at, kPiece);
    if (PQputCopyData(connection_, piece.data(), static_cast<int>(piece.size())) != 1) break;
  }
  PQputCopyEnd(connection_, nullptr);
  Status done = Done{};
  while (PGresult* const result = PQgetResult(connection_)) {
    const PgRows rows(result);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && done) done = error(result);
  }
  if (done && !is_alive()) done = error(nullptr);
  return done;
}

Error PgLink::error(const PGresult* result) const {
  const char* const state =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const text =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string code = state == nullptr ? "" : state;
  std::string message =
      shown_ + ": " + first_line(text != nullptr ? text : PQerrorMessage(connection_));
  if (!code.empty()) message += " (" + code + ")";
  for (const Known& known : kStates) {
    if (known.state == code) return {known.kind, std::move(message), known.advice};
  }
  if (!is_alive() || code.starts_with("08")) {
    return {ErrorKind::kGone, std::move(message), "the connection is lost; it is tried again"};
  }
  if (code.starts_with("28")) {
    return {ErrorKind::kRefused, std::move(message), "look at user, password and pg_hba.conf"};
  }
  return {ErrorKind::kCorrupt, std::move(message), "look at the server's log"};
}

}  // namespace bourse::history
