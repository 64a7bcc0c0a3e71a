// SPDX-License-Identifier: MIT
//
// What can happen to a SQLite history: its file, its folder, its disk.
#include <grp.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/plugins/sources/history/store_tools.hpp"

namespace bourse::history {
namespace {

std::string bytes_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Options options_for(const std::string& file, Role role = Role::kServer) {
  Options options;
  options.database = "sqlite:" + file;
  options.role = role;
  options.name = "a test";
  return options;
}

/// A connection of somebody else.
class Raw {
 public:
  explicit Raw(const std::string& file) {
    if (sqlite3_open(file.c_str(), &db_) != SQLITE_OK) throw std::runtime_error("cannot open");
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  ~Raw() { sqlite3_close(db_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;
  void run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sql + ": " + sqlite3_errmsg(db_));
    }
  }

 private:
  sqlite3* db_ = nullptr;
};

class SqliteStoreTest : public testing::Test {
 protected:
  /// A history of a day, closed.
  void fill() const {
    auto store = got(open_store(options_for(file_)));
    const Series series = got(store->create(new_series()));
    keep(*store, series, {kNewYear, kNewYear + kDay}, candles(kNewYear, kNewYear + kDay));
  }
  /// It is refused for that reason, in a sentence with these words, and left as it is.
  void expect_refused(ErrorKind kind, const std::string& words) const {
    const std::string before = bytes_of(file_);
    for (const Role role : {Role::kServer, Role::kTask, Role::kReader}) {
      const auto store = open_store(options_for(file_, role));
      ASSERT_FALSE(store);
      EXPECT_EQ(store.error().kind, kind) << store.error().text();
      EXPECT_THAT(store.error().message, testing::HasSubstr(words));
      EXPECT_THAT(store.error().message, testing::HasSubstr(file_));
      EXPECT_FALSE(store.error().advice.empty());
    }
    EXPECT_EQ(bytes_of(file_), before);
  }

  Folder folder_;
  std::string file_ = folder_.path() + "/history.db";
};

// ---- T14: files that are not, or no longer, a history of ours

TEST_F(SqliteStoreTest, AFileThatWasEmptiedIsALossAndNotABeginning) {
  fill();
  std::filesystem::resize_file(file_, 0);
  expect_refused(ErrorKind::kCorrupt, "emptied");
}

TEST_F(SqliteStoreTest, AnEmptyFileWithoutAHistoryBesideItIsABeginning) {
  std::ofstream(file_).flush();
  fill();
  EXPECT_GT(std::filesystem::file_size(file_), 80'000U);
}

TEST_F(SqliteStoreTest, AFileCutInHalfIsRefused) {
  fill();
  std::filesystem::resize_file(file_, std::filesystem::file_size(file_) / 2);
  expect_refused(ErrorKind::kCorrupt, "cut off");
}

TEST_F(SqliteStoreTest, ATextFileIsRefused) {
  std::ofstream(file_) << std::string(5000, 'a');
  expect_refused(ErrorKind::kForeign, "another kind");
}

TEST_F(SqliteStoreTest, AnotherProgramsDatabaseIsRefused) {
  Raw(file_).run("CREATE TABLE notes (text); PRAGMA application_id = 252006673");
  expect_refused(ErrorKind::kForeign, "another program");
}

TEST_F(SqliteStoreTest, ADatabaseThatDoesNotSayWhoseItIsIsRefusedWhenItHasTables) {
  Raw(file_).run("CREATE TABLE notes (text)");
  expect_refused(ErrorKind::kForeign, "somebody else");
}

TEST_F(SqliteStoreTest, ALaterSchemaIsRefused) {
  fill();
  {
    Raw raw(file_);
    raw.run("PRAGMA user_version = 99");
    raw.run("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  expect_refused(ErrorKind::kNewer, "schema 99");
}

TEST_F(SqliteStoreTest, GarbledPagesAreFoundByTheCheck) {
  fill();
  {
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file_) - 6 * 4096));
    file << std::string(4096, '\x5a');
  }
  const auto store = open_store(options_for(file_));
  if (!store) {
    EXPECT_EQ(store.error().kind, ErrorKind::kCorrupt);
    return;
  }
  EXPECT_THAT(got((*store)->check(Depth::kQuick)), testing::Not(testing::IsEmpty()));
}

TEST_F(SqliteStoreTest, AFileThatIsTakenAwayUnderAServerIsALossThatIsSaid) {
  auto store = got(open_store(options_for(file_)));
  const Series series = got(store->create(new_series()));
  std::filesystem::remove(file_);
  const std::vector<Candle> rows{candle_at(kNewYear)};
  EXPECT_EQ(store->write({series.id, api(), rows, {}, kLater}).error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(store->read(series.id, kEver, 1).error().kind, ErrorKind::kCorrupt);
}

TEST_F(SqliteStoreTest, WhereTheFolderIsMissingItIsSaidAndNotMade) {
  const auto store = open_store(options_for(folder_.path() + "/nowhere/history.db"));
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::kReadOnly);
  EXPECT_THAT(store.error().message, testing::HasSubstr("does not exist"));
  EXPECT_EQ(open_store(options_for("history.db")).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(open_store(options_for(file_, Role::kReader)).error().kind, ErrorKind::kGone);
}

// ---- the log

// T16: a reader holds the log as long as it reads; when it has ended, the log goes back to nothing.
TEST_F(SqliteStoreTest, ALogThatAReaderHeldIsGivenBackWhenItHasEnded) {
  auto store = got(open_store(options_for(file_)));
  const Series series = got(store->create(new_series()));
  const auto import_from = [&](Millis from) {
    import(*store, series, candles(from, from + 10'000 * kMinute), api());
  };
  {
    Raw reader(file_);
    reader.run("BEGIN; SELECT count(*) FROM candle");
    for (int n = 0; n < 20; ++n) import_from(kNewYear + n * 10'000 * kMinute);
    EXPECT_GT(got(store->health()).wal_bytes, 12'000'000U);
    EXPECT_EQ(got(store->read(series.id, kEver, 1'000'000)).size(), 200'000U);
  }
  got(store->settle());
  EXPECT_EQ(got(store->health()).wal_bytes, 0U);
  // Without one it stays small by itself: 4 MB, and what one batch adds.
  for (int n = 20; n < 30; ++n) import_from(kNewYear + n * 10'000 * kMinute);
  EXPECT_LT(got(store->health()).wal_bytes, 7'000'000U);
}

TEST_F(SqliteStoreTest, AnUncleanEndIsKnownAtTheNextBeginning) {
  fill();
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = open_store(options_for(file_));
    if (store)
      keep(**store, got((*store)->create(new_series("ETHUSDT"))), {kNewYear, kNewYear + kMinute},
           {candle_at(kNewYear)});
    ::_exit(0);  // without a farewell
  }
  int how = 0;
  ASSERT_EQ(::waitpid(child, &how, 0), child);
  auto store = got(open_store(options_for(file_)));
  EXPECT_TRUE(got(store->health()).was_unclean);
  EXPECT_THAT(got(store->check(Depth::kQuick)), testing::IsEmpty());
  EXPECT_EQ(got(store->status(kLater)).size(), 2U);
  store.reset();
  EXPECT_FALSE(got(got(open_store(options_for(file_)))->health()).was_unclean);
}

// T28
TEST_F(SqliteStoreTest, ABackupTakenDuringAnImportIsWhole) {
  auto store = got(open_store(options_for(file_)));
  const Series series = got(store->create(new_series()));
  std::atomic<bool> is_over = false;
  std::atomic<int> pages = 0;
  std::thread importer([&] {
    for (Millis from = kNewYear; !is_over; from += 1'440 * kMinute, ++pages) {
      keep(*store, series, {from, from + 1'440 * kMinute}, candles(from, from + 1'440 * kMinute));
    }
  });
  while (pages < 5) std::this_thread::yield();
  const std::string copy = folder_.path() + "/it's a copy.db";
  const auto done = store->backup(copy);
  is_over = true;
  importer.join();
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(store->backup(copy).error().kind, ErrorKind::kInvalid);
  auto second = got(open_store(options_for(copy, Role::kTask)));
  EXPECT_THAT(got(second->check(Depth::kFull)), testing::IsEmpty());
  const SeriesStatus status = got(second->status(kLater)).at(0);
  EXPECT_GE(status.rows, 5U * 1'440U);
  EXPECT_EQ(got(second->read(series.id, kEver, 10'000'000)), candles(kNewYear, status.known->to));
}

TEST_F(SqliteStoreTest, ACheckIsStoppedWhenItIsAskedTo) {
  auto store = got(open_store(options_for(file_)));
  const Series series = got(store->create(new_series()));
  import(*store, series, candles(kNewYear, kNewYear + 10'000 * kMinute), api());
  const auto stopped = store->check(Depth::kFull, [] { return true; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::kBusy);
}

// ---- T17: the disk is full

class SmallDisk {
 public:
  explicit SmallDisk(const char* size) {
    is_mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, size) == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool is_mounted() const noexcept { return is_mounted_; }
  [[nodiscard]] const std::string& path() const noexcept { return folder_.path(); }

 private:
  Folder folder_;
  bool is_mounted_ = false;
};

TEST_F(SqliteStoreTest, AFullDiskLosesNothingThatWasToldAndIsLeftWithoutARestart) {
  const SmallDisk disk("size=24m");
  if (!disk.is_mounted()) GTEST_SKIP() << "a small disk of its own takes root and CAP_SYS_ADMIN";
  auto store = got(open_store(options_for(disk.path() + "/history.db")));
  const Series series = got(store->create(new_series()));
  Millis told = kNewYear;
  const auto fill_up = [&]() -> Error {
    for (;;) {
      const auto rows = candles(told, told + 1'000 * kMinute);
      const std::vector<Mark> marks{{{told, told + 1'000 * kMinute}, State::kKnown}};
      auto written = store->write({series.id, api(), rows, marks, kLater});
      if (!written) return written.error();
      told += 1'000 * kMinute;
    }
  };
  const auto expect_kept = [&](Millis from) {
    EXPECT_EQ(got(store->read(series.id, kEver, 10'000'000)), candles(from, told));
    EXPECT_EQ(got(store->status(kLater)).at(0).known, (Span{from, told}));
    EXPECT_THAT(got(store->check(Depth::kFull)), testing::IsEmpty());
  };
  const Error full = fill_up();
  EXPECT_EQ(full.kind, ErrorKind::kFull) << full.text();
  EXPECT_FALSE(full.advice.empty());
  ASSERT_GT(told, kNewYear + 10'000 * kMinute);
  expect_kept(kNewYear);
  // A full disk cannot free itself, but for what was set aside.
  const Millis half = kNewYear + (told - kNewYear) / 2 / kDay * kDay;
  for (;;) {
    const auto pruned = store->prune(series.id, half, 2'000);
    ASSERT_TRUE(pruned) << pruned.error().text();
    if (pruned->is_done) break;
  }
  expect_kept(half);
  EXPECT_EQ(fill_up().kind, ErrorKind::kFull);
  expect_kept(half);
}

TEST_F(SqliteStoreTest, WhenSpaceReturnsWritingDoesToo) {
  const SmallDisk disk("size=6m");
  if (!disk.is_mounted()) GTEST_SKIP() << "a small disk of its own takes root and CAP_SYS_ADMIN";
  const std::string ballast = disk.path() + "/ballast";
  std::ofstream(ballast) << std::string(2'000'000, 'x');
  auto store = got(open_store(options_for(disk.path() + "/history.db")));
  const Series series = got(store->create(new_series()));
  Millis told = kNewYear;
  const auto write = [&] {
    const auto rows = candles(told, told + 500 * kMinute);
    auto written = store->write({series.id, api(), rows, {}, kLater});
    if (written) told += 500 * kMinute;
    return written;
  };
  auto written = write();
  while (written) written = write();
  EXPECT_EQ(written.error().kind, ErrorKind::kFull) << written.error().text();
  EXPECT_EQ(got(store->read(series.id, kEver, 10'000'000)), candles(kNewYear, told));
  std::filesystem::remove(ballast);
  for (int n = 0; n < 4; ++n) got(write());
  EXPECT_EQ(got(store->read(series.id, kEver, 10'000'000)), candles(kNewYear, told));
  EXPECT_THAT(got(store->check(Depth::kFull)), testing::IsEmpty());
}

// ---- T30: a folder that may not be written

/// Runs `check` as a user without rights; true when it says so.
bool as_nobody(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_nobody =
        ::setgroups(0, nullptr) == 0 && ::setgid(65534) == 0 && ::setuid(65534) == 0;
    try {
      ::_exit(is_nobody && check() ? 0 : 1);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      ::_exit(1);
    }
  }
  int how = 0;
  return ::waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

TEST_F(SqliteStoreTest, AFolderThatMayNotBeWrittenIsReadWhereThatIsTrue) {
  if (::geteuid() != 0) GTEST_SKIP() << "another user takes root";
  fill();
  ::chmod(file_.c_str(), 0444);
  ::chmod(folder_.path().c_str(), 0555);
  EXPECT_TRUE(as_nobody([&] {
    auto store = got(open_store(options_for(file_)));
    const Series series = got(store->find(new_series().key)).value();
    const auto written = store->write({series.id, api(), {}, {}, kLater});
    return got(store->read(series.id, kEver, 5'000)) == candles(kNewYear, kNewYear + kDay) &&
           !written && written.error().kind == ErrorKind::kReadOnly &&
           !written.error().advice.empty() && !got(store->health()).can_write;
  }));
  // With a log beside it the file alone would lie.
  std::ofstream(file_ + "-wal") << std::string(4'152, 'x');
  EXPECT_TRUE(as_nobody([&] {
    const auto store = open_store(options_for(file_));
    return !store && store.error().kind == ErrorKind::kReadOnly &&
           store.error().advice.find("folder") != std::string::npos;
  }));
}

}  // namespace
}  // namespace bourse::history
