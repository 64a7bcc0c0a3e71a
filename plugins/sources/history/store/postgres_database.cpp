// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include "plugins/sources/history/store/postgres_connection.hpp"
#include "plugins/sources/history/store/postgres_schema.hpp"
#include "plugins/sources/history/store/readers.hpp"
#include "plugins/sources/history/store/timed_mutex.hpp"

namespace bourse::history {

namespace {

using Clock = std::chrono::steady_clock;

/// The keys of our advisory locks: "bour", and which.
constexpr const char* kLeaseKey = "1651471730, 1";
constexpr const char* kTurnKey = "1651471730, 2";
/// Between two tries to connect, so that a server that is gone is not hammered.
constexpr auto kPause = std::chrono::seconds(1);
constexpr auto kPauseRefused = std::chrono::seconds(30);
/// After one that said nothing, so that of many questions one waits for it.
constexpr auto kPauseSilent = std::chrono::seconds(10);
/// How long a statement may take; of a server that answers people, Options::wait, and twice that
/// where it may wait for a lock.
constexpr auto kLimit = std::chrono::seconds(120);

class PgDatabase final : public Database {
 public:
  PgDatabase(const Options& options, PgPlace place)
      : options_(options),
        place_(std::move(place)),
        me_(whoever()),
        readers_(options.readers_max) {}

  Status open() {
    if (options_.role == Role::kReader) {
      return read(false, [this](Connection& connection) {
        auto version = version_of(static_cast<PgConnection&>(connection).link());
        if (!version) return Status(std::move(version).error());
        if (*version > 0) return fits(*version);
        return Status(Error{ErrorKind::kGone, "the " + place_.shown + " holds no history",
                            "it is made when a server or a task first writes to it"});
      });
    }
    const std::scoped_lock lock(write_mutex_);
    if (auto done = connect_writer(); !done) return done;
    return migrate(writer_->link());
  }

  Status read(bool is_one_state, const Work& work) override {
    for (bool is_again = false;; is_again = true) {
      bool is_fresh = false;
      auto reader = borrow(is_fresh);
      if (!reader) return std::move(reader).error();
      PgConnection& connection = **reader;
      Status done = Done{};
      if (is_one_state) done = connection.begin_read();
      if (done) done = work(connection);
      if (is_one_state) connection.end_read();
      const bool is_alive = connection.link().is_alive();
      if (!done) note_silence(connection.link(), done.error());
      if (is_alive) {
        reader->keep();
      } else {
        readers_.drop_idle();
      }
      // One that has waited may have been cut off meanwhile: once more, with a new one.
      if (done || is_alive || is_again || is_fresh) return done;
    }
  }

  Status write(const Work& work, bool) override {
    if (options_.role == Role::kReader) {
      return Error{ErrorKind::kReadOnly, description() + " is open for reading only", {}};
    }
    std::unique_lock lock(write_mutex_, options_.wait);
    if (!lock) return busy();
    try {
      Status done = write_once(work);
      if (!done && done.error().kind == ErrorKind::kGone && !has_written_) {
        done = write_once(work);  // the connection was lost while nothing was under way
      }
      return done;
    } catch (...) {
      lose_writer();  // what it had begun ends with it
      throw;
    }
  }

  Status settle() override {
    if (options_.role == Role::kReader) return Done{};
    std::unique_lock lock(write_mutex_, options_.wait);
    if (!lock) return busy();
    if (auto done = connect_writer(); !done) return done;
    // Without statistics the newest rows are found by sorting all of them.
    std::string sql = "ANALYZE series, origin, coverage, rollup, trade, book";
    for (const std::string& name : writer_->take_touched()) sql += ", " + name;
    return writer_->link().run(sql);
  }

  Result<Health> health() override {
    Health health;
    auto done = read(false, [&](Connection& connection) -> Status {
      auto rows =
          static_cast<PgConnection&>(connection)
              .link()
              .ask(std::string(
                  "SELECT pg_database_size(current_database()), (SELECT version FROM version), "
                  "coalesce((SELECT holder FROM writer WHERE EXISTS (SELECT FROM pg_locks WHERE "
                  "locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database "
                  "WHERE datname = current_database()) AND classid = 1651471730 AND objid = 1)), "
                  "'')"));
      if (!rows) return std::move(rows).error();
      health.database_bytes = static_cast<std::uint64_t>(rows->integer(0, 0));
      health.schema = static_cast<int>(rows->integer(0, 1));
      health.writer = rows->text(0, 2);
      return Done{};
    });
    if (!done) return std::move(done).error();
    health.can_write =
        options_.role == Role::kTask ||
        (options_.role == Role::kServer && (health.writer.empty() || health.writer == me_));
    return health;
  }

  Status backup(const std::string&) override {
    return Error{ErrorKind::kInvalid, "a " + description() + " is copied by its own program",
                 "run pg_dump --format=custom --schema=bourse --file=FILE NAME"};
  }
  [[nodiscard]] std::string description() const override { return place_.shown; }

 private:
  [[nodiscard]] std::string whoever() const {
    static std::atomic<int> count = 0;  // two of one process are two
    std::array<char, 65> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    const int n = count++;
    return options_.name + " (process " + std::to_string(::getpid()) + " on " + host.data() +
           (n == 0 ? "" : ", " + std::to_string(n + 1)) + ")";
  }
  [[nodiscard]] Error busy() const {
    return {ErrorKind::kBusy,
            description() + " was written by others for " + std::to_string(options_.wait.count()) +
                " ms",
            "it is tried again with the next question"};
  }

  // ---- connecting

  Result<std::unique_ptr<PgLink>> try_to_open(bool is_writer) {
    try {
      return PgLink::open(place_, is_writer, limit(is_writer));
    } catch (...) {
      const std::scoped_lock lock(pause_mutex_);
      is_trying_ = false;
      throw;
    }
  }

  Result<std::unique_ptr<PgConnection>> connect(bool is_writer) {
    {
      const std::scoped_lock lock(pause_mutex_);
      if (failed_ && (is_trying_ || Clock::now() < retry_at_)) return *failed_;
      is_trying_ = true;
    }
    const auto begun = Clock::now();
    auto link = try_to_open(is_writer);
    const std::scoped_lock lock(pause_mutex_);
    is_trying_ = false;
    if (!link) {
      const bool is_silent = Clock::now() - begun >= kPause;
      pause(link.error(), link.error().kind == ErrorKind::kRefused ? kPauseRefused
                          : is_silent                              ? kPauseSilent
                                                                   : kPause);
      return std::move(link).error();
    }
    failed_.reset();
    return std::make_unique<PgConnection>(std::move(*link));
  }

  [[nodiscard]] std::chrono::milliseconds limit(bool is_writer) const {
    if (options_.role != Role::kServer) return kLimit;
    return is_writer ? 2 * options_.wait : options_.wait;
  }

  /// REQUIRES: pause_mutex_.
  void pause(const Error& why, Clock::duration length) {
    failed_ = why;
    retry_at_ = Clock::now() + length;
  }
  void note_silence(const PgLink& link, const Error& why) {
    if (!link.is_silent()) return;
    const std::scoped_lock lock(pause_mutex_);
    pause(why, kPauseSilent);
  }

  void lose_writer() {
    epoch_.reset();  // the lease goes with the connection
    writer_.reset();
  }

  Status connect_writer() {
    if (writer_ && writer_->link().is_alive()) return Done{};
    lose_writer();
    auto connection = connect(true);
    if (!connection) return std::move(connection).error();
    writer_ = std::move(*connection);
    return Done{};
  }

  // ---- the schema

  /// 0: there is none.
  Result<int> version_of(PgLink& link) const {
    auto there = link.ask(
        "SELECT to_regclass('bourse.version') IS NOT NULL, EXISTS (SELECT FROM pg_class AS c JOIN "
        "pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'bourse')");
    if (!there) return std::move(there).error();
    const auto is_true = [&](int column) { return there->text(0, column) == std::string(1, '\1'); };
    if (!is_true(0) && !is_true(1)) return 0;
    if (!is_true(0)) {
      return Error{
          ErrorKind::kForeign,
          "the " + place_.shown +
              " has a schema \"bourse\" that is not a history of ours; it is left as it is",
          "name another database"};
    }
    auto version = link.ask("SELECT version FROM bourse.version");
    if (!version) return std::move(version).error();
    return version->count() == 0 ? 0 : static_cast<int>(version->integer(0, 0));
  }

  Status fits(int version) const {
    if (version <= kSchema) return Done{};
    return Error{ErrorKind::kNewer,
                 "the history in the " + place_.shown +
                     " was written by a later version of this program (schema " +
                     std::to_string(version) + ", this one knows " + std::to_string(kSchema) +
                     "); it is left as it is",
                 "run that version, or name another database"};
  }

  Status migrate(PgLink& link) const {
    auto version = version_of(link);
    if (!version) return std::move(version).error();
    if (*version >= kSchema) return fits(*version);
    auto begun = link.run(std::string("BEGIN; SELECT pg_advisory_xact_lock(") + kTurnKey + ")");
    if (begun) begun = migrate_in_turn(link);
    if (begun) begun = link.run("COMMIT");
    if (!begun && link.is_alive()) static_cast<void>(link.run("ROLLBACK"));
    return begun;
  }

  Status migrate_in_turn(PgLink& link) const {
    auto version = version_of(link);  // another one may have been faster
    if (!version) return std::move(version).error();
    if (*version == 0) {
      if (auto made = link.run("CREATE SCHEMA IF NOT EXISTS bourse"); !made) return made;
    }
    for (int next = *version + 1; next <= kSchema; ++next) {
      if (auto made = link.run(postgres_migration(next)); !made) return made;
      auto told = link.run("UPDATE version SET version = " + std::to_string(next));
      if (!told) return told;
    }
    return Done{};
  }

  // ---- writing; under write_mutex_

  /// The lease is a lock of the session that writes, so that it ends with it; and a number, so that
  /// one who does not know yet that he has lost it cannot commit.
  Status take_lease() {
    if (epoch_) return Done{};
    PgLink& link = writer_->link();
    auto locked = link.ask(std::string("SELECT pg_try_advisory_lock(") + kLeaseKey + ")");
    if (!locked) return std::move(locked).error();
    if (locked->text(0, 0) != std::string(1, '\1')) return Done{};
    auto taken = link.run(std::string("BEGIN; SELECT pg_advisory_xact_lock(") + kTurnKey +
                          "); UPDATE writer SET epoch = epoch + 1, holder = " + text_literal(me_) +
                          ", since = now(); COMMIT");
    auto epoch = link.ask("SELECT epoch FROM writer");
    if (!taken || !epoch) {
      if (link.is_alive() && link.is_in_transaction()) static_cast<void>(link.run("ROLLBACK"));
      static_cast<void>(link.run(std::string("SELECT pg_advisory_unlock(") + kLeaseKey + ")"));
      return !taken ? taken : Status(std::move(epoch).error());
    }
    epoch_ = epoch->integer(0, 0);
    return Done{};
  }

  [[nodiscard]] Error locked(const std::string& who) const {
    return {
        ErrorKind::kLocked,
        description() + " is written by " + (who.empty() ? "another server" : who) +
            "; this one only reads",
        "that is as it should be where several share a history: it takes over when the other ends"};
  }

  Status write_once(const Work& work) {
    has_written_ = false;
    if (auto done = connect_writer(); !done) return done;
    PgLink& link = writer_->link();
    if (options_.role == Role::kServer) {
      if (auto done = take_lease(); !done) return done;
    }
    std::string xid;
    Status done = begin(link, xid);
    if (done) done = work(*writer_);
    if (!done) {
      note_silence(link, done.error());
      if (link.is_alive() && link.is_in_transaction()) static_cast<void>(link.run("ROLLBACK"));
      writer_->forget_partitions();
      return done;
    }
    has_written_ = true;
    done = link.run("COMMIT");
    if (done || link.is_alive()) return done;
    note_silence(link, done.error());
    return what_became_of(xid);
  }

  Status begin(PgLink& link, std::string& xid) {
    if (auto begun = link.run(std::string("BEGIN; SELECT pg_advisory_xact_lock(") + kTurnKey + ")");
        !begun) {
      return begun;
    }
    auto fence = link.ask("SELECT epoch, holder, pg_current_xact_id()::text FROM writer");
    if (!fence) return std::move(fence).error();
    if (options_.role == Role::kServer && (!epoch_ || fence->integer(0, 0) != *epoch_)) {
      epoch_.reset();
      return locked(fence->text(0, 1));
    }
    xid = fence->text(0, 2);
    return Done{};
  }

  /// The connection broke while a commit was on its way: the server knows.
  Status what_became_of(const std::string& xid) {
    const Error unknown{
        ErrorKind::kUnknownOutcome,
        "the connection to the " + place_.shown + " broke while a commit was on its way",
        "what is known is read again before anything else is written"};
    const auto until = Clock::now() + options_.wait;
    while (Clock::now() < until) {
      if (!connect_writer()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        continue;
      }
      auto state = writer_->link().ask("SELECT coalesce(pg_xact_status('" + xid + "'::xid8), '')");
      if (!state) continue;
      const std::string text = state->text(0, 0);
      if (text == "committed") return Done{};
      if (text == "aborted") {
        return Error{ErrorKind::kGone, "the connection to the " + place_.shown + " broke",
                     "nothing was written; it is tried again"};
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return unknown;
  }

  // ---- readers

  Result<Readers<PgConnection>::Loan> borrow(bool& is_fresh) {
    auto loan = readers_.borrow(options_.wait);
    if (!loan) {
      return Error{ErrorKind::kBusy, description() + " has all of its readers at work",
                   "it is tried again with the next question"};
    }
    is_fresh = !loan->is_set();
    if (is_fresh) {
      auto opened = connect(false);
      if (!opened) return std::move(opened).error();
      loan->set(std::move(*opened));
    }
    return *std::move(loan);
  }

  Options options_;
  PgPlace place_;
  std::string me_;

  std::mutex pause_mutex_;
  std::optional<Error> failed_;  ///< why there is no connection, until retry_at_
  bool is_trying_ = false;
  Clock::time_point retry_at_;

  TimedMutex write_mutex_;
  std::unique_ptr<PgConnection> writer_;
  std::optional<std::int64_t> epoch_;  ///< of our lease
  bool has_written_ = false;           ///< a commit was sent

  Readers<PgConnection> readers_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const Options& options) {
  auto place = pg_place(options);
  if (!place) return std::move(place).error();
  auto database = std::make_unique<PgDatabase>(options, std::move(*place));
  if (auto done = database->open(); !done) return std::move(done).error();
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace bourse::history
