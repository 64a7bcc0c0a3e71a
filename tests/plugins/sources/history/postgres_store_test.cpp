// SPDX-License-Identifier: MIT
//
// What can happen to a PostgreSQL history: its server, its connections, its partitions.
#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "tests/plugins/sources/history/store_tools.hpp"

namespace bourse::history {
namespace {

class PostgresStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    place_ = make_place(Kind::kPostgres);
    if (const std::string reason = place_->reason_to_skip(); !reason.empty())
      GTEST_SKIP() << reason;
  }
  /// Ends the session that holds the lease, as an administrator does.
  void end_writer() {
    place_->query(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' "
        "AND classid = 1651471730 AND objid = 1 AND granted");
  }
  /// The lease is its session's, and free when the server has noticed that the session has ended.
  void wait_until_nobody_writes() {
    while (place_->query(
               "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 1") != "0") {
    }
  }
  std::unique_ptr<Place> place_;
};

// T13 and T21: bounds are UTC whatever the zone of the process, the months' edges part the rows.
TEST_F(PostgresStoreTest, PartitionsAreMonthsOfUtcWhateverTheZone) {
  ::setenv("TZ", "America/New_York", 1);
  ::setenv("PGTZ", "America/New_York", 1);
  auto store = place_->open();
  const Series series = got(store->create(new_series()));
  const Millis february = 1'612'137'600'000;  // date -u -d '2021-02-01' +%s
  import(*store, series, {candle_at(february - kMinute), candle_at(february)}, api());
  ::unsetenv("TZ");
  ::unsetenv("PGTZ");
  EXPECT_EQ(
      place_->query("SELECT tableoid::regclass, extract(epoch FROM open_time)::bigint FROM candle "
                    "ORDER BY open_time"),
      "candle_2021_01|1612137540\ncandle_2021_02|1612137600");
  EXPECT_EQ(place_->query("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = "
                          "'candle_2021_01'"),
            "FOR VALUES FROM ('2021-01-01 00:00:00+00') TO ('2021-02-01 00:00:00+00')");
}

TEST_F(PostgresStoreTest, TwoWhoNeedTheSamePartitionMakeItOnce) {
  auto server = place_->open(), task = place_->open(Role::kTask);
  const Series one = got(server->create(new_series())),
               two = got(task->create(new_series("ETHUSDT")));
  std::atomic<int> failures = 0;
  const auto write = [&](Store& store, const Series& series) {
    for (int month = 0; month < 12; ++month) {
      const std::vector<Candle> rows{candle_at(kNewYear + month * 31 * kDay)};
      failures += !store.write({series.id, api(), rows, {}, kLater});
    }
  };
  std::thread other([&] { write(*task, two); });
  write(*server, one);
  other.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(place_->query("SELECT count(*), count(DISTINCT open_time) FROM candle"), "24|12");
}

// T22
TEST_F(PostgresStoreTest, FewPartitionsAreLockedHoweverManyThereAre) {
  auto store = place_->open();
  const Series series = got(store->create(new_series()));
  const Millis now = kNewYear + 5'000 * kDay;
  for (int month = 0; month < 120; ++month) {
    const std::vector<Candle> rows{candle_at(kNewYear + month * 30 * kDay)};
    got(store->write({series.id, api(now), rows, {}, now}));
  }
  const Millis end = kNewYear + 119 * 30 * kDay;
  const auto newest = candles(end - 9'000 * kMinute, end);
  got(store->write({series.id, api(now), newest, {}, now}));
  got(store->settle());
  EXPECT_EQ(got(store->newest(series.id, kEver, 1'396)).size(), 1'396U);
  // Within one transaction, as a question is: what six of them lock.
  const std::string question =
      "SELECT count(*) FROM candle WHERE series = 1 AND open_time >= '2033-10-10 00:00:00+00' AND "
      "open_time < '2033-10-24 00:00:00+00'; ";
  std::string six = "BEGIN; ";
  for (int n = 0; n < 6; ++n) six += question;
  EXPECT_LT(
      std::stoi(place_->query(six + "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()")),
      20);
}

// T18: the writer's session is ended while another server waits; there are never two writers, and
// no row comes twice.
TEST_F(PostgresStoreTest, WhoseLeaseIsLostWritesNoMoreWhenAnotherHasTakenIt) {
  auto first = place_->open();
  const Series series = got(first->create(new_series()));
  auto second = place_->open();
  const auto write = [&](Store& store, int page) {
    const Millis from = kNewYear + page * kHour;
    const auto rows = candles(from, from + kHour);
    return store.write({series.id, api(), rows, {}, kLater});
  };
  ASSERT_TRUE(write(*first, 0));
  EXPECT_EQ(write(*second, 1).error().kind, ErrorKind::kLocked);
  end_writer();
  wait_until_nobody_writes();
  const auto taken = write(*second, 1);
  ASSERT_TRUE(taken) << taken.error().text();
  const auto late = write(*first, 1);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::kLocked) << late.error().text();
  EXPECT_EQ(got(second->read(series.id, kEver, 1'000)), candles(kNewYear, kNewYear + 2 * kHour));
  second.reset();
  wait_until_nobody_writes();
  EXPECT_EQ(got(write(*first, 2)).added, 60U);
  EXPECT_THAT(got(first->check(Depth::kFull)), testing::IsEmpty());
}

TEST_F(PostgresStoreTest, ConnectionsThatAreCutAreMadeAgain) {
  auto store = place_->open();
  const Series series = got(store->create(new_series()));
  import(*store, series, candles(kNewYear, kNewYear + kHour), api());
  got(store->read(series.id, kEver, 1));
  place_->query(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
      "current_database() AND pid <> pg_backend_pid()");
  EXPECT_EQ(got(store->read(series.id, kEver, 1'000)).size(), 60U);
  EXPECT_EQ(import(*store, series, candles(kNewYear + kHour, kNewYear + 2 * kHour), api()).added,
            60U);
}

TEST_F(PostgresStoreTest, WhatIsNotOursIsRefusedAndLeftAsItIs) {
  place_->query("CREATE SCHEMA bourse; CREATE TABLE notes (text text)");
  const auto foreign = place_->try_open();
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().kind, ErrorKind::kForeign);
  EXPECT_EQ(place_->query("SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = "
                          "c.relnamespace WHERE nspname = 'bourse' AND relkind = 'r'"),
            "1");
  place_ = make_place(Kind::kPostgres);
  EXPECT_EQ(place_->try_open(Role::kReader).error().kind, ErrorKind::kGone);
  place_->open().reset();
  place_->query("UPDATE version SET version = 99");
  EXPECT_EQ(place_->try_open().error().kind, ErrorKind::kNewer);
}

TEST_F(PostgresStoreTest, AnAddressIsCheckedBeforeAnythingIsSent) {
  const auto kind_of = [](const char* address) {
    Options options;
    options.database = address;
    const auto store = open_store(options);
    EXPECT_FALSE(store);
    EXPECT_EQ(store.error().text().find("hunter2"), std::string::npos);
    return store.error().kind;
  };
  EXPECT_EQ(kind_of("postgresql://me:hunter2@localhost/name"), ErrorKind::kInvalid);
  EXPECT_EQ(kind_of("postgresql://db.example/name"), ErrorKind::kInvalid);
  EXPECT_EQ(kind_of("postgresql://localhost:1/name"), ErrorKind::kGone);
  EXPECT_EQ(kind_of("mysql://localhost/name"), ErrorKind::kInvalid);
}

}  // namespace
}  // namespace bourse::history
