// SPDX-License-Identifier: MIT
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "plugins/sources/history/store/readers.hpp"
#include "plugins/sources/history/store/sqlite_connection.hpp"
#include "plugins/sources/history/store/sqlite_file.hpp"
#include "plugins/sources/history/store/sqlite_schema.hpp"
#include "plugins/sources/history/store/timed_mutex.hpp"

namespace bourse::history {

namespace {

using Mode = SqliteConnection::Mode;
using Lock = LockFile::Lock;

/// Pages of the log after which a commit writes them back: 4 MB.
constexpr int kLogPages = 1000;

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.find_last_of('/');
  return slash == 0 ? "/" : file.substr(0, slash);
}

std::uint64_t bytes_of(const std::string& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

/// Ends the turn that was taken.
class Turn {
 public:
  explicit Turn(LockFile& lock) noexcept : lock_(lock) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { lock_.release(Lock::kTurn); }

 private:
  LockFile& lock_;
};

std::string whoever(const Options& options) {
  std::array<char, 65> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return options.name + " (process " + std::to_string(::getpid()) + " on " + host.data() + ")";
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const Options& options, std::string file)
      : options_(options),
        file_(std::move(file)),
        me_(whoever(options)),
        lock_(file_ + ".lock"),
        reserve_(file_ + ".reserve"),
        readers_(options.readers_max) {}

  ~SqliteDatabase() override {
    readers_.drop_idle();
    if (!writer_) return;
    // The last one to close writes the log back, which only whose turn it is may do.
    if (!lock_.take(Lock::kTurn, options_.wait)) writer_->keep_log_on_close();
    writer_.reset();
    lock_.release(Lock::kTurn);
  }

  Status open() {
    if (auto done = check_file_system(folder_of(file_)); !done) return done;
    auto found = inspect(file_);
    if (!found) return std::move(found).error();
    was_unclean_ = found->has_log;
    if (options_.role == Role::kReader) {
      if (!found->exists) return no_database();
      refusal_ = Error{ErrorKind::kReadOnly, description() + " is open for reading only", {}};
    } else if (auto may = may_write(found->exists); !may) {
      if (!found->exists) return may;
      refusal_ = std::move(may).error();
    } else if (auto made = open_to_write(*found); !made) {
      return made;
    }
    return read(false, [this](Connection& connection) { return try_out(connection); });
  }

  Status read(bool is_one_state, const Work& work) override {
    auto reader = borrow();
    if (!reader) return std::move(reader).error();
    Status done = Done{};
    SqliteConnection& connection = **reader;
    if (is_one_state) done = connection.begin_read();
    if (done) done = work(connection);
    if (is_one_state) connection.end_read();
    // What reads a file as if nobody ever wrote it is not kept: somebody may.
    if (!is_immutable_) reader->keep();
    return done;
  }

  Status write(const Work& work, bool is_freeing) override {
    if (refusal_) return *refusal_;
    std::unique_lock lock(write_mutex_, options_.wait);
    if (!lock) return busy();
    if (auto mine = take_turn(); !mine) return mine;
    const Turn turn(lock_);
    if (is_freeing && is_full_) reserve_.give_up();
    Status done = change(work);
    if (!done && done.error().kind == ErrorKind::kFull) is_full_ = true;
    if (done && !is_freeing) is_full_ = false;
    if (done && writer_->log_pages() >= kLogPages) checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    return done;
  }

  Status settle() override {
    if (refusal_) return Done{};
    std::unique_lock lock(write_mutex_, options_.wait);
    if (!lock) return busy();
    if (auto mine = take_turn(); !mine) return mine;
    const Turn turn(lock_);
    checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
    if (!is_full_) reserve_.take();
    return Done{};
  }

  Result<Health> health() override {
    Health health;
    health.writer = lock_.who();
    health.can_write =
        !refusal_ && (options_.role == Role::kTask || has_lease_ || health.writer.empty());
    health.database_bytes = bytes_of(file_);
    health.wal_bytes = bytes_of(file_ + "-wal");
    health.schema = kSchema;
    health.was_unclean = was_unclean_;
    return health;
  }

  Status backup(const std::string& file) override;
  [[nodiscard]] std::string description() const override { return "SQLite database " + file_; }

 private:
  [[nodiscard]] Error no_database() const {
    return {ErrorKind::kGone, "there is no database " + file_,
            "it is made when a server or a task first writes to it"};
  }
  [[nodiscard]] Error busy() const {
    const std::string who = lock_.who();
    return {ErrorKind::kBusy,
            description() + " was written by " + (who.empty() ? "another task" : who) + " for " +
                std::to_string(options_.wait.count()) + " ms",
            "it is tried again with the next question"};
  }
  [[nodiscard]] Error replaced() const {
    return {ErrorKind::kCorrupt, file_ + " was deleted or replaced while it was in use",
            "restart the server; what is deleted under a running one is lost"};
  }

  [[nodiscard]] Status may_write(bool exists) const {
    const std::string folder = folder_of(file_);
    const bool is_fine = ::access(folder.c_str(), W_OK | X_OK) == 0 &&
                         (!exists || ::access(file_.c_str(), W_OK) == 0);
    if (is_fine) return Done{};
    const int error = errno;
    if (error == ENOENT) {
      return Error{ErrorKind::kReadOnly, "folder " + folder + " does not exist",
                   "make it, and give it to the user of the server"};
    }
    return Error{
        ErrorKind::kReadOnly, file_ + " may not be written: " + std::strerror(error),
        "give this user the right to write the file and its folder, where more files live"};
  }

  Status open_to_write(const Inspected& found) {
    if (auto opened = lock_.open(); !opened) return opened;
    if (!lock_.take(Lock::kTurn, options_.wait)) return busy();
    const Turn turn(lock_);
    Status done = found.exists ? Status(Done{}) : make();
    if (done) {
      auto writer = SqliteConnection::open(file_, Mode::kWrite, options_.wait);
      if (writer) writer_ = std::move(*writer);
      done = writer ? migrate(*writer_) : Status(std::move(writer).error());
    }
    if (done) remember_file();
    if (done) reserve_.take();
    if (!done && writer_) writer_->keep_log_on_close();
    if (!done) writer_.reset();
    return done;
  }

  /// Beside it and renamed, so that there is never half of one: a file of 0 bytes is a loss, not a
  /// beginning.
  Status make() {
    if (auto again = inspect(file_); again && again->exists)
      return Done{};  // another one was faster
    const std::string draft = file_ + ".new";
    for (const char* const suffix : {"", "-wal", "-shm", "-journal"}) {
      ::unlink((draft + suffix).c_str());
    }
    Status done = Done{};
    {
      auto made = SqliteConnection::open(draft, Mode::kWrite, options_.wait);
      if (!made) return std::move(made).error();
      done = migrate(**made);
    }
    if (done && ::rename(draft.c_str(), file_.c_str()) != 0) {
      done = Error{ErrorKind::kReadOnly, draft + " cannot be renamed: " + std::strerror(errno), {}};
    }
    if (!done) ::unlink(draft.c_str());
    return done;
  }

  Status migrate(SqliteConnection& connection) {
    auto mode = connection.integer("SELECT count(*) FROM sqlite_master");  // the first look at it
    if (!mode) return std::move(mode).error();
    auto version = connection.integer("PRAGMA user_version");
    if (!version) return std::move(version).error();
    if (auto done = connection.execute("PRAGMA journal_mode=WAL"); !done) return done;
    for (std::int64_t next = *version + 1; next <= kSchema; ++next) {
      const std::string step = "BEGIN IMMEDIATE;" + sqlite_migration(static_cast<int>(next)) +
                               "PRAGMA application_id=" + std::to_string(kApplicationId) +
                               ";PRAGMA user_version=" + std::to_string(next) + ";COMMIT";
      if (auto done = connection.execute(step); !done) {
        connection.end_read();
        return done;
      }
    }
    return Done{};
  }

  static Status try_out(Connection& connection) {
    // One row of each table: what is cut off or garbled says so here, not in the midst of a
    // question.
    auto& sqlite = static_cast<SqliteConnection&>(connection);
    for (const char* const table :
         {"series", "origin", "candle", "candle_text", "revision", "rollup", "coverage"}) {
      auto value = sqlite.integer(std::string("SELECT 1 FROM ") + table + " LIMIT 1");
      if (!value) return std::move(value).error();
    }
    return Done{};
  }

  // ---- the file under us

  void remember_file() {
    struct stat status {};
    if (::stat(file_.c_str(), &status) != 0) return;
    device_ = status.st_dev;
    inode_ = status.st_ino;
  }
  [[nodiscard]] bool is_replaced() const {
    if (inode_ == 0) return false;
    struct stat status {};
    return ::stat(file_.c_str(), &status) != 0 || status.st_dev != device_ ||
           status.st_ino != inode_;
  }

  // ---- writing; under write_mutex_

  void take_lease() {
    if (has_lease_ || !lock_.try_take(Lock::kLease)) return;
    has_lease_ = true;
    lock_.say_who(me_);
  }

  /// Within the process by the mutex, between processes by the lock: two connections that write, or
  /// write the log back, at the same instant can damage it (SQLite before 3.51.3, "WAL-reset bug").
  Status take_turn() {
    if (is_replaced()) return replaced();
    if (options_.role == Role::kServer) {
      take_lease();
      if (!has_lease_) {
        return Error{ErrorKind::kLocked,
                     description() + " is written by " + lock_.who() + "; this one only reads",
                     "let one server have it, or keep the history in PostgreSQL"};
      }
    }
    if (!lock_.take(Lock::kTurn, options_.wait)) return busy();
    return Done{};
  }

  Status change(const Work& work) {
    // At once for writing: one that began with a read fails when another has written meanwhile.
    if (auto begun = writer_->execute("BEGIN IMMEDIATE"); !begun) return begun;
    try {
      Status done = work(*writer_);
      if (done) done = writer_->execute("COMMIT");
      if (!done) writer_->end_read();  // unless SQLite has undone it already
      return done;
    } catch (...) {
      writer_->end_read();
      throw;
    }
  }

  void checkpoint(int mode) {
    sqlite3_wal_checkpoint_v2(writer_->get(), nullptr, mode, nullptr, nullptr);
    writer_->forget_log_pages();
  }

  // ---- readers

  Result<Readers<SqliteConnection>::Loan> borrow() {
    if (is_replaced()) return replaced();
    auto loan = readers_.borrow(options_.wait);
    if (!loan) {
      return Error{ErrorKind::kBusy, description() + " has all of its readers at work",
                   "it is tried again with the next question"};
    }
    if (!loan->is_set()) {
      auto opened = open_reader();
      if (!opened) return std::move(opened).error();
      loan->set(std::move(*opened));
    }
    return *std::move(loan);
  }

  Result<std::unique_ptr<SqliteConnection>> open_reader() {
    auto reader = SqliteConnection::open(file_, Mode::kRead, options_.wait);
    if (reader) {
      auto first = (*reader)->integer("SELECT count(*) FROM sqlite_master");
      if (first) return reader;
      reader = std::move(first).error();
    }
    if (reader.error().kind != ErrorKind::kReadOnly) return reader;
    // Without the right to make a -shm beside it, a database in WAL mode opens only as one that
    // nobody writes; true enough when no log lies there.
    auto found = inspect(file_);
    if (!found) return std::move(found).error();
    if (!found->is_wal || found->has_log) {
      return Error{ErrorKind::kReadOnly,
                   file_ +
                       " cannot be read here: its log holds rows, and its folder may not be "
                       "written",
                   "give this user the right to write the folder, not only the file"};
    }
    is_immutable_ = true;
    return SqliteConnection::open(file_, Mode::kImmutable, options_.wait);
  }

  Options options_;
  std::string file_, me_;
  std::optional<Error> refusal_;  ///< why this one never writes
  bool was_unclean_ = false;
  dev_t device_ = 0;
  ino_t inode_ = 0;  ///< 0: not looked at

  TimedMutex write_mutex_;
  LockFile lock_;
  Reserve reserve_;
  std::unique_ptr<SqliteConnection> writer_;
  std::atomic<bool> has_lease_ = false;
  bool is_full_ = false;

  Readers<SqliteConnection> readers_;
  std::atomic<bool> is_immutable_ = false;
};

Status SqliteDatabase::backup(const std::string& file) {
  if (bytes_of(file) > 0 || ::access(file.c_str(), F_OK) == 0) {
    return Error{ErrorKind::kInvalid, file + " is there already", "name a file that is not"};
  }
  // A reader's transaction from its beginning to its end: one state, whatever is written meanwhile.
  auto source = SqliteConnection::open(file_, Mode::kRead, options_.wait);
  if (!source) return std::move(source).error();
  std::string quoted;
  for (const char c : file) quoted += c == '\'' ? "''" : std::string(1, c);
  Status done = (*source)->execute("PRAGMA query_only=OFF");
  if (done) done = (*source)->execute("VACUUM INTO '" + quoted + "'");
  if (done) {
    auto copy = SqliteConnection::open(file, Mode::kRead, options_.wait);
    if (!copy) return std::move(copy).error();
    auto findings = (*copy)->check(Depth::kQuick, {});
    if (!findings) return std::move(findings).error();
    if (!findings->empty()) {
      done = Error{ErrorKind::kCorrupt, "the copy " + file + " is damaged: " + findings->front(),
                   "check the database, and the disk"};
    }
  }
  if (!done) ::unlink(file.c_str());
  return done;
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const Options& options, const std::string& file) {
  if (file.empty() || file.front() != '/' || file.back() == '/' ||
      file.find('\0') != std::string::npos) {
    return Error{ErrorKind::kInvalid, "\"sqlite:" + file + "\" names no file",
                 "write an absolute path: sqlite:/var/lib/bourse/history.db"};
  }
  auto database = std::make_unique<SqliteDatabase>(options, file);
  if (auto done = database->open(); !done) return std::move(done).error();
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace bourse::history
