// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/postgres_link.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bourse::history {

namespace {

/// 2000-01-01, where PostgreSQL's time begins.
constexpr Millis kEpoch = 946'684'800'000;
/// After a statement's limit, in which the server says that it is over.
constexpr std::chrono::milliseconds kSlack{500};

std::uint64_t big_endian_of(const char* bytes, int length) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < length; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// What libpq says, as one line: without its guesses, which are indented.
std::string one_line(const char* text) {
  std::string_view left = text == nullptr ? "" : text;
  std::string out;
  while (!left.empty()) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), line.size() + 1));
    if (line.empty() || line.front() == '\t') continue;
    if (!out.empty()) out += "; ";
    out += line;
  }
  return out;
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

std::string timestamp_text(Millis time) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds{time}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d.%03d+00",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::string time_literal(Millis time) { return "'" + timestamp_text(time) + "'"; }

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
bool PgLink::is_alive() const noexcept {
  return !is_lost_ && !is_silent_ && PQstatus(connection_) == CONNECTION_OK;
}
bool PgLink::is_in_transaction() const noexcept {
  return PQtransactionStatus(connection_) != PQTRANS_IDLE;
}

Result<std::unique_ptr<PgLink>> PgLink::open(const PgPlace& place, bool is_writer,
                                             std::chrono::milliseconds limit) {
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
      new PgLink(PQconnectdbParams(keys.data(), values.data(), 1), place.shown, limit));
  PGconn* const connection = link->connection_;
  if (PQstatus(connection) != CONNECTION_OK) {
    const std::string text = one_line(PQerrorMessage(connection));
    const bool is_refused = text.find("authentication") != std::string::npos ||
                            text.find("no pg_hba.conf") != std::string::npos ||
                            text.find("password") != std::string::npos ||
                            text.find("does not exist") != std::string::npos ||
                            text.find("certificate") != std::string::npos;
    const bool is_standby = text.find("read-only") != std::string::npos;
    const bool is_crowded = text.find("too many c") != std::string::npos ||
                            text.find("connection slots") != std::string::npos;
    return Error{is_refused   ? ErrorKind::kRefused
                 : is_standby ? ErrorKind::kReadOnly
                              : ErrorKind::kGone,
                 "no connection to the " + place.shown + ": " + text,
                 is_refused   ? "look at user, password, database and pg_hba.conf"
                 : is_standby ? "name the server that takes writes; a standby does not"
                 : is_crowded ? "raise max_connections of the server, or lower what others use"
                              : "start the server, or look at its address; it is tried again"};
  }
  PQsetnonblocking(connection, 1);
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
          "SET idle_in_transaction_session_timeout = '30s'; SET statement_timeout = " +
          std::to_string(limit.count()) +
          "; SET lock_timeout = " + std::to_string(place.wait.count()) +
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

bool PgLink::wait(bool is_sending, Clock::time_point until) const {
  pollfd socket{PQsocket(connection_), POLLIN, 0};
  if (is_sending) socket.events |= POLLOUT;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    const int ready = ::poll(&socket, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready >= 0 || errno != EINTR) return ready != 0;
  }
}

PGresult* PgLink::next(Clock::time_point until) {
  while (PQstatus(connection_) == CONNECTION_OK) {
    const int unsent = PQflush(connection_);
    // Of what is wrong with the connection it says more when it is asked for the result.
    if (unsent < 0 || (unsent == 0 && PQisBusy(connection_) == 0)) return PQgetResult(connection_);
    if (!wait(unsent > 0, until)) {
      is_silent_ = true;
      return nullptr;
    }
    if (PQconsumeInput(connection_) == 0) break;
  }
  return PQgetResult(connection_);
}

Result<PgRows> PgLink::answer(bool is_sent) {
  if (!is_sent) return error(nullptr);
  const auto until = Clock::now() + limit_ + kSlack;
  std::optional<PgRows> last;
  std::optional<Error> failure;
  while (PGresult* const result = next(until)) {
    last.emplace(result);
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN) break;
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      Error told = error(result);  // the first says why; that the connection is lost comes after it
      if (!failure) failure = std::move(told);
    }
    if (PQstatus(connection_) != CONNECTION_OK) break;
  }
  if (is_silent_ || !last) return error(nullptr);
  if (failure) return std::move(*failure);
  return std::move(*last);
}

Result<PgRows> PgLink::ask(const std::string& sql) {
  return answer(
      PQsendQueryParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1) == 1);
}

Status PgLink::run(const std::string& sql) {
  auto rows = answer(PQsendQuery(connection_, sql.c_str()) == 1);
  if (!rows) return std::move(rows).error();
  return Done{};
}

Status PgLink::copy_in(const std::string& sql, std::string_view bytes) {
  if (auto begun = run(sql); !begun) return begun;
  const auto until = Clock::now() + limit_ + kSlack;
  constexpr std::size_t kPiece = 1 << 16;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    const int put = PQputCopyData(connection_, piece.data(), static_cast<int>(piece.size()));
    if (put < 0) break;
    if (put == 1) bytes.remove_prefix(piece.size());
    if (put == 1 && PQflush(connection_) == 0) continue;
    if (!wait(true, until)) {
      is_silent_ = true;
      return error(nullptr);
    }
    if (PQconsumeInput(connection_) == 0) break;
  }
  int ended = 0;
  while ((ended = PQputCopyEnd(connection_, nullptr)) == 0 && wait(true, until)) {
  }
  auto rows = answer(true);
  if (!rows) return std::move(rows).error();
  if (ended != 1 || !bytes.empty()) return error(nullptr);
  return Done{};
}

Error PgLink::error(const PGresult* result) {
  if (is_silent_) {
    return {ErrorKind::kGone,
            shown_ + ": the server has said nothing for " +
                std::to_string((limit_ + kSlack).count()) + " ms",
            "look at the server and its disk; it is tried again"};
  }
  const char* const state =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const text =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string code = state == nullptr ? "" : state;
  // What has no code is said by libpq, of the connection; its status may still be the old one.
  if (code.empty()) is_lost_ = true;
  std::string message =
      shown_ + ": " + one_line(text != nullptr ? text : PQerrorMessage(connection_));
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
