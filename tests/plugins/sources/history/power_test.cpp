// SPDX-License-Identifier: MIT
//
// The power goes: what was told as kept is there, whatever of the rest has reached the disk.
#include "tests/plugins/sources/history/power.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "tests/plugins/sources/history/store_tools.hpp"

namespace bourse::history {
namespace {

/// What a disk held when the power went, and how much had been told as kept by then.
struct Loss {
  Power::Disk disk;
  Millis told = 0;
};

Options options_for(const std::string& file) {
  Options options;
  options.database = "sqlite:" + file;
  options.role = Role::kTask;
  return options;
}

void put_down(const Power::Disk& disk, const std::string& file) {
  for (const auto& [name, bytes] : disk) {
    if (!name.empty() && bytes.empty()) continue;
    std::ofstream(file + name, std::ios::binary) << bytes;
  }
}

class PowerLoss : public testing::Test {
 protected:
  /// Takes one in `each` of the moments before a write or a sync.
  std::function<void()> one_in(std::size_t each) {
    return [this, each] {
      if (std::uniform_int_distribution<std::size_t>(0, each - 1)(random_) == 0) {
        losses_.push_back({power_->cut(random_), told_});
      }
    };
  }

  std::uint32_t seed_ = std::random_device{}();
  std::mt19937 random_{seed_};
  Folder folder_;
  std::string file_ = folder_.path() + "/history.db";
  std::optional<Power> power_;
  Millis told_ = kNewYear;
  std::vector<Loss> losses_;
};

TEST_F(PowerLoss, TakesNothingThatWasToldAsKept) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  got(open_store(options_for(file_))).reset();  // there is one
  power_.emplace(file_, one_in(18));
  Series series;
  {
    auto store = got(open_store(options_for(file_)));
    series = got(store->create(new_series()));
    for (int page = 0; page < 60; ++page) {
      const Span span{told_, told_ + 250 * kMinute};
      keep(*store, series, span, candles(span.from, span.to));
      told_ = span.to;
      if (page % 20 == 19) got(store->settle());
    }
  }
  power_.reset();
  ASSERT_GT(losses_.size(), 60U);
  std::size_t n = 0;
  for (const Loss& loss : losses_) {
    SCOPED_TRACE("loss " + std::to_string(n++));
    const Folder folder;
    const std::string file = folder.path() + "/history.db";
    put_down(loss.disk, file);
    auto store = open_store(options_for(file));
    ASSERT_TRUE(store) << store.error().text();
    const auto kept = got((*store)->find(new_series().key));
    ASSERT_TRUE(kept || loss.told == kNewYear);
    if (!kept) continue;
    const SeriesStatus status = got((*store)->status(kLater)).at(0);
    const Millis until = status.known ? status.known->to : kNewYear;
    ASSERT_GE(until, loss.told);
    ASSERT_EQ(got((*store)->read(kept->id, kEver, 100'000)), candles(kNewYear, until));
    ASSERT_THAT(got((*store)->check(Depth::kFull)), testing::IsEmpty());
  }
}

/// The same disk, and a program that does not wait for it: this is how a loss would look.
TEST_F(PowerLoss, TakesWhatIsNotSynced) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  const auto run = [](sqlite3* db, const std::string& sql) {
    char* message = nullptr;
    if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message) != SQLITE_OK) {
      throw std::runtime_error(sql + ": " + (message != nullptr ? message : ""));
    }
  };
  told_ = 0;
  power_.emplace(file_, one_in(3));
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
  run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE t (n)");
  for (told_ = 0; told_ < 60; ++told_) run(db, "INSERT INTO t VALUES (1)");
  sqlite3_close(db);
  power_.reset();
  std::size_t lost = 0;
  for (const Loss& loss : losses_) {
    const Folder folder;
    const std::string file = folder.path() + "/history.db";
    put_down(loss.disk, file);
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &statement, nullptr);
    const bool is_row = statement != nullptr && sqlite3_step(statement) == SQLITE_ROW;
    lost += !is_row || sqlite3_column_int64(statement, 0) < loss.told;
    sqlite3_finalize(statement);
    sqlite3_close(db);
  }
  EXPECT_GT(lost, losses_.size() / 10);
}

}  // namespace
}  // namespace bourse::history
