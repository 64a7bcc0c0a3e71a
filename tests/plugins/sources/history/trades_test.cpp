// SPDX-License-Identifier: MIT
//
// Trades and snapshots of books: what every store does with them, SQLite and PostgreSQL alike.
#include <libpq-fe.h>
#include <sqlite3.h>

#include <algorithm>
#include <random>

#include "plugins/sources/history/store/postgres_schema.hpp"
#include "plugins/sources/history/store/sqlite_schema.hpp"
#include "tests/plugins/sources/history/postgres_server.hpp"
#include "tests/plugins/sources/history/store_tools.hpp"

namespace bourse::history {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Market kMarket{"fake/spot", "BTCUSDT"};
constexpr TradeId kFirst = 4'999'000'001;  // beyond 32 bits, as the exchange's are

/// One a second: prices of two decimals, quantities of five, their product.
Trade trade_at(TradeId id, int version = 0) {
  const std::int64_t n = id - kFirst;
  const Decimal price = *Decimal::make(7'000'000 + n % 977 + version, 2);
  const Decimal quantity = *Decimal::make(1 + n % 131, 5);
  return {id, kNewYear + n * 1000, price, quantity, price * quantity, n % 2 == 0};
}
std::vector<Trade> trades_of(TradeId from, std::int64_t n) {
  std::vector<Trade> rows;
  for (TradeId id = from; id < from + n; ++id) rows.push_back(trade_at(id));
  return rows;
}

Book book_at(Millis time, std::optional<std::int64_t> update, std::int64_t depth = 3) {
  return {time,
          update,
          depth,
          true,
          {{dec("64999.99"), dec("0.431")}, {dec("64999.5"), dec("1.2")}},
          {{dec("65000"), dec("0.12")},
           {dec("65000.01"), dec("2")},
           {dec("65001"), dec("92233720368.54775807")}}};
}

class TradesTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    place_ = make_place(GetParam());
    if (const std::string reason = place_->reason_to_skip(); !reason.empty())
      GTEST_SKIP() << reason;
    store_ = place_->open();
  }
  WrittenTrades write(const std::vector<Trade>& rows, const Origin& origin = api()) {
    return got(store_->write_trades({kMarket, origin, rows}));
  }
  [[nodiscard]] std::vector<Trade> all() const { return got(store_->trades(kMarket, 0, 100'000)); }
  [[nodiscard]] TradesStatus status() const { return got(store_->trades_status()).at(0); }
  bool write_book(const Book& book, Millis pause = kMinute) {
    return got(store_->write_book(kMarket, book, api(), pause));
  }
  [[nodiscard]] std::vector<Book> books() const { return got(store_->books(kMarket, kEver, 1000)); }

  std::unique_ptr<Place> place_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(In, TradesTest, testing::Values(Kind::kSqlite, Kind::kPostgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(TradesTest, WhereNoneAreKeptTheyAreEmpty) {
  EXPECT_THAT(all(), IsEmpty());
  EXPECT_THAT(got(store_->newest_trades(kMarket, kFirst, 5)), IsEmpty());
  EXPECT_THAT(got(store_->missing_trades(kMarket, 5)), IsEmpty());
  EXPECT_THAT(books(), IsEmpty());
  EXPECT_FALSE(got(store_->newest_book(kMarket)));
  EXPECT_THAT(got(store_->trades_status()), IsEmpty());
  EXPECT_THAT(got(store_->books_status()), IsEmpty());
  EXPECT_TRUE(got(store_->prune_trades(kMarket, kLater, 10)).is_done);
  EXPECT_TRUE(got(store_->prune_books(kMarket, kLater, 10)).is_done);
}

TEST_P(TradesTest, TheyComeBackToTheLastDigitByTheirNumbers) {
  const auto rows = trades_of(kFirst, 1000);
  auto shuffled = rows;
  std::ranges::shuffle(shuffled, std::mt19937(1));
  EXPECT_EQ(write(shuffled).added, 1000U);
  EXPECT_EQ(all(), rows);
  EXPECT_EQ(got(store_->trades(kMarket, kFirst + 990, 3)), trades_of(kFirst + 990, 3));
  EXPECT_EQ(got(store_->newest_trades(kMarket, kFirst + 500, 3)), trades_of(kFirst + 497, 3));
  store_ = place_->open(Role::kReader);
  EXPECT_EQ(all(), rows);
}

TEST_P(TradesTest, PagesThatOverlapKeepEachOnce) {
  write(trades_of(kFirst, 600));
  const WrittenTrades second = write(trades_of(kFirst + 400, 600));
  EXPECT_EQ(second.added, 400U);
  EXPECT_EQ(second.equal, 200U);
  EXPECT_EQ(all(), trades_of(kFirst, 1000));
  EXPECT_EQ(status().rows, 1000U);
  EXPECT_EQ(status().missing, 0U);
  EXPECT_EQ(place_->query("SELECT count(*) FROM trade"), "1000");
}

TEST_P(TradesTest, NumbersThatAreLeftOutAreKnownHoles) {
  write(trades_of(kFirst, 10));
  write(trades_of(kFirst + 15, 10));
  write(trades_of(kFirst + 26, 1));
  EXPECT_THAT(got(store_->missing_trades(kMarket, 10)),
              ElementsAre(TradeIds{kFirst + 10, kFirst + 14}, TradeIds{kFirst + 25, kFirst + 25}));
  EXPECT_EQ(got(store_->missing_trades(kMarket, 1)).size(), 1U);
  EXPECT_EQ(status().missing, 6U);
  EXPECT_EQ(status().ids, (TradeIds{kFirst, kFirst + 26}));
  EXPECT_EQ(status().from, kNewYear);
  EXPECT_EQ(status().to, kNewYear + 26'000);
  EXPECT_EQ(place_->query("SELECT first_id, last_id, trades FROM trade_gaps ORDER BY first_id"),
            "4999000011|4999000015|5\n4999000026|4999000026|1");
  write(trades_of(kFirst + 5, 25));
  EXPECT_THAT(got(store_->missing_trades(kMarket, 10)), IsEmpty());
  EXPECT_EQ(status().missing, 0U);
}

TEST_P(TradesTest, OneThatDiffersIsShownAndTheOldOneIsKeptOnce) {
  write(trades_of(kFirst, 10));
  const Trade fresh = trade_at(kFirst + 4, 7);
  const WrittenTrades second = write({fresh}, api(kLater + 9));
  EXPECT_EQ(second.revised, 1U);
  EXPECT_THAT(second.conflicts, ElementsAre(kFirst + 4));
  EXPECT_EQ(got(store_->trades(kMarket, kFirst + 4, 1)), std::vector{fresh});
  const auto old = got(store_->trade_revisions(kMarket, 10));
  ASSERT_EQ(old.size(), 1U);
  EXPECT_EQ(old[0].trade, trade_at(kFirst + 4));
  EXPECT_EQ(old[0].seen_at, kLater + 9);
  EXPECT_EQ(got(store_->origin(old[0].origin))->kind, OriginKind::kApi);
  write({trade_at(kFirst + 4)});
  write({fresh});
  EXPECT_EQ(status().rows, 10U);
  EXPECT_EQ(status().revisions, 2U) << "each version once";
}

TEST_P(TradesTest, WhatTheSourceSaysIsBelievedMoreThanAFileWhateverCameFirst) {
  const Trade said = trade_at(kFirst), filed = trade_at(kFirst, 1);
  write({said});
  EXPECT_EQ(write({filed}, file(OriginKind::kMonthlyFile, "m.zip")).refused, 1U);
  EXPECT_EQ(all(), std::vector{said});
  const Trade other = trade_at(kFirst + 1, 1);
  write({other}, file(OriginKind::kMonthlyFile, "m.zip"));
  EXPECT_EQ(write({trade_at(kFirst + 1)}, file(OriginKind::kDailyFile, "d.zip")).revised, 1U);
  EXPECT_EQ(write({other}, file(OriginKind::kMonthlyFile, "m.zip")).refused, 1U);
  EXPECT_EQ(all(), trades_of(kFirst, 2));
  EXPECT_EQ(status().revisions, 2U);
}

TEST_P(TradesTest, RepeatedOnesOfOneBatchCountOnceAndTheLastIsShown) {
  const WrittenTrades written =
      write({trade_at(kFirst, 3), trade_at(kFirst + 1), trade_at(kFirst + 1), trade_at(kFirst)});
  EXPECT_EQ(written.added, 2U);
  EXPECT_EQ(written.repeated, 2U);
  EXPECT_EQ(all(), trades_of(kFirst, 2));
  EXPECT_EQ(got(store_->trade_revisions(kMarket, 10)).at(0).trade, trade_at(kFirst, 3));
}

TEST_P(TradesTest, WhatDoesNotFitTheScaleIsExact) {
  write(trades_of(kFirst, 1));
  Trade odd = trade_at(kFirst + 1);
  odd.price = dec("0.000000000000123456789");
  odd.quantity = dec("284227394804.0500001");
  odd.quote_quantity = dec("92233720368547758080.12345678");
  write({odd});
  EXPECT_EQ(all().at(1), odd);
  EXPECT_EQ(place_->query("SELECT price, quantity, quote_quantity FROM trades_exact WHERE id = " +
                          std::to_string(odd.id)),
            "0.000000000000123456789|284227394804.0500001|92233720368547758080.12345678");
  EXPECT_EQ(place_->query("SELECT price FROM trades ORDER BY id LIMIT 1").substr(0, 5), "70000");
  EXPECT_EQ(write({odd}).equal, 1U);
}

TEST_P(TradesTest, AFewThatLieFarApartAreComparedWithThousandsBetween) {
  for (int page = 0; page < 3; ++page) write(trades_of(kFirst + page * 10'000, 10'000));
  const WrittenTrades written = write({trade_at(kFirst), trade_at(kFirst + 12'345, 1),
                                       trade_at(kFirst + 29'999), trade_at(kFirst + 30'000)});
  EXPECT_EQ(written.equal, 2U);
  EXPECT_EQ(written.revised, 1U);
  EXPECT_EQ(written.added, 1U);
  EXPECT_EQ(status().rows, 30'001U);
}

TEST_P(TradesTest, ABatchBeyondItsBoundsChangesNothing) {
  const auto too_many = trades_of(kFirst, 10'001);
  EXPECT_EQ(store_->write_trades({kMarket, api(), too_many}).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(store_->write_trades({{"", "A"}, api(), trades_of(kFirst, 1)}).error().kind,
            ErrorKind::kInvalid);
  Trade timeless = trade_at(kFirst);
  timeless.time = kMillisMax;
  const std::vector<Trade> rows{timeless};
  EXPECT_EQ(store_->write_trades({kMarket, api(), rows}).error().kind, ErrorKind::kInvalid);
  EXPECT_THAT(got(store_->trades_status()), IsEmpty());
}

TEST_P(TradesTest, PruneTakesAwayTheOldInPiecesWithTheirRevisions) {
  write(trades_of(kFirst, 100));
  write({trade_at(kFirst + 1, 1), trade_at(kFirst + 90, 1)});
  Pruned pruned = got(store_->prune_trades(kMarket, kNewYear + 50'000, 30));
  EXPECT_EQ(pruned.rows, 30U);
  EXPECT_FALSE(pruned.is_done);
  pruned = got(store_->prune_trades(kMarket, kNewYear + 50'000, 30));
  EXPECT_EQ(pruned.rows, 20U);
  EXPECT_TRUE(pruned.is_done);
  EXPECT_EQ(status().rows, 50U);
  EXPECT_EQ(status().ids.first, kFirst + 50);
  EXPECT_EQ(status().revisions, 1U);
  EXPECT_EQ(place_->query("SELECT count(*) FROM trade_revision"), "1");
}

TEST_P(TradesTest, CandlesOfTheSameMarketAreUntouchedByThem) {
  const Series series = got(store_->create(new_series()));
  keep(*store_, series, {kNewYear, kNewYear + kHour}, candles(kNewYear, kNewYear + kHour));
  write(trades_of(kFirst, 10));
  write_book(book_at(kNewYear, 1));
  EXPECT_EQ(got(store_->list()).size(), 1U);
  EXPECT_EQ(got(store_->status(kLater)).size(), 1U);
  EXPECT_EQ(place_->query("SELECT count(*) FROM candles"), "60");
  EXPECT_THAT(got(store_->check(Depth::kFull)), IsEmpty());
  got(store_->prune_trades(kMarket, kLater, 100));
  EXPECT_EQ(got(store_->read(series.id, kEver, 100)).size(), 60U);
}

TEST_P(TradesTest, AReaderNeverWritesThem) {
  const auto reader = place_->open(Role::kReader);
  EXPECT_EQ(reader->write_trades({kMarket, api(), trades_of(kFirst, 1)}).error().kind,
            ErrorKind::kReadOnly);
  EXPECT_EQ(reader->write_book(kMarket, book_at(kNewYear, 1), api(), 0).error().kind,
            ErrorKind::kReadOnly);
}

TEST_P(TradesTest, TheRoomIsToldByKind) {
  write(trades_of(kFirst, 10'000));
  ASSERT_TRUE(store_->settle());
  const Sizes sizes = got(store_->sizes());
  // 10,000 rows of at least 20 bytes, and an index over them; the other tables are all but empty.
  EXPECT_GT(sizes.trades, 300'000U);
  EXPECT_LT(sizes.trades, 3'000'000U);
  EXPECT_LT(sizes.candles, 200'000U);
  EXPECT_LT(sizes.books, 100'000U);
}

TEST_P(TradesTest, AFullCheckCountsThem) {
  write(trades_of(kFirst, 100));
  EXPECT_THAT(got(store_->check(Depth::kFull)), IsEmpty());
  place_->query("DELETE FROM trade WHERE id = " + std::to_string(kFirst + 50));
  EXPECT_THAT(got(store_->check(Depth::kFull)),
              ElementsAre(testing::HasSubstr("99 are there, and 100 are counted")));
}

// ---- books

TEST_P(TradesTest, ABookComesBackWithAllOfItsDigits) {
  const Book book = book_at(kNewYear + 123, 1'027'024'001);
  EXPECT_TRUE(write_book(book));
  EXPECT_THAT(books(), ElementsAre(book));
  Book thin{kNewYear + kHour, std::nullopt, 100, false, {}, {{dec("1"), dec("2")}}};
  EXPECT_TRUE(write_book(thin));
  EXPECT_EQ(got(store_->newest_book(kMarket)), thin);
  EXPECT_THAT(got(store_->books(kMarket, {kNewYear, kNewYear + kHour}, 9)), ElementsAre(book));
  const auto status = got(store_->books_status());
  ASSERT_EQ(status.size(), 1U);
  EXPECT_EQ(status[0].rows, 2U);
  EXPECT_EQ(status[0].from, book.time);
  EXPECT_EQ(status[0].to, thin.time);
}

TEST_P(TradesTest, OneBookIsKeptInAPause) {
  EXPECT_TRUE(write_book(book_at(kNewYear, 1)));
  EXPECT_FALSE(write_book(book_at(kNewYear + 1, 2)));
  EXPECT_FALSE(write_book(book_at(kNewYear + kMinute - 1, 3)));
  EXPECT_TRUE(write_book(book_at(kNewYear + kMinute, 4)));
  // One that comes late, between them, is no more than that.
  EXPECT_FALSE(write_book(book_at(kNewYear + 30'000, 5)));
  EXPECT_FALSE(write_book(book_at(kNewYear - kMinute + 1, 6)));
  EXPECT_TRUE(write_book(book_at(kNewYear - kMinute, 7)));
  EXPECT_EQ(books().size(), 3U);
}

TEST_P(TradesTest, ABookThatHasNotChangedIsNotKeptAgainUnlessItIsDeeper) {
  EXPECT_TRUE(write_book(book_at(kNewYear, 1)));
  EXPECT_FALSE(write_book(book_at(kNewYear + kHour, 1)));
  EXPECT_TRUE(write_book(book_at(kNewYear + kHour, 1, 5)));
  EXPECT_TRUE(write_book(book_at(kNewYear + 2 * kHour, 2)));
  EXPECT_TRUE(write_book(book_at(kNewYear + 3 * kHour, std::nullopt)));
  EXPECT_TRUE(write_book(book_at(kNewYear + 4 * kHour, std::nullopt)));
}

TEST_P(TradesTest, ABookIsReadLevelByLevelInAQuery) {
  write_book(book_at(kNewYear, 1));
  EXPECT_EQ(place_->query("SELECT side, level FROM book_levels WHERE symbol = 'BTCUSDT' ORDER BY "
                          "side DESC, level"),
            "bid|1\nbid|2\nask|1\nask|2\nask|3");
  EXPECT_EQ(place_->query("SELECT price, quantity FROM book_levels WHERE side = 'bid' ORDER BY "
                          "level LIMIT 1"),
            "64999.99|0.431");
}

TEST_P(TradesTest, OldBooksArePruned) {
  for (int hour = 0; hour < 10; ++hour) write_book(book_at(kNewYear + hour * kHour, hour));
  const Pruned pruned = got(store_->prune_books(kMarket, kNewYear + 4 * kHour, 100));
  EXPECT_EQ(pruned.rows, 4U);
  EXPECT_TRUE(pruned.is_done);
  EXPECT_EQ(books().size(), 6U);
  EXPECT_EQ(got(store_->books_status()).at(0).rows, 6U);
}

// ---- a database of before there were any

/// Makes it by the statements of schema 1, with an hour of candles in it.
void make_version_1(Kind kind, const Options& options) {
  const std::string rows = [] {
    std::string sql =
        "INSERT INTO series (source, symbol, dataset, interval, price_scale, base_scale, "
        "quote_scale, price_unit, base_unit, quote_unit, created_at) VALUES ('fake/spot', "
        "'BTCUSDT', 'candles', '1m', 2, 5, 8, $u2, $u5, $u8, $now);"
        "INSERT INTO origin (kind, source, file, sha256, published_sha256, taken_at) VALUES (1, "
        "'fake/spot', '', '', '', $now);";
    return sql;
  }();
  const auto with = [&rows](const char* u2, const char* u5, const char* u8, const char* now) {
    std::string sql = rows;
    for (const auto& [name, value] :
         {std::pair{"$u2", u2}, {"$u5", u5}, {"$u8", u8}, {"$now", now}}) {
      for (std::size_t at; (at = sql.find(name)) != std::string::npos;) {
        sql.replace(at, std::string_view(name).size(), value);
      }
    }
    return sql;
  };
  if (kind == Kind::kSqlite) {
    sqlite3* db = nullptr;
    const std::string file = options.database.substr(7);
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    const std::string sql =
        "PRAGMA journal_mode=WAL; BEGIN;" + sqlite_migration(1) +
        "PRAGMA application_id=1651471730; PRAGMA user_version=1;" +
        with("100.0", "100000.0", "100000000.0", "0") +
        "INSERT INTO candle VALUES (1, 1704067200000, 7000000, 7000100, 6999900, 7000050, 100000, "
        "7000000000000, 12, 50000, 3500000000000);"
        "INSERT INTO coverage VALUES (1, 1704067200000, 1704067260000, 1, 1, 1704067300000);"
        "UPDATE series SET row_count = 1; COMMIT";
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
    return;
  }
  ask_postgres(options.database,
               "CREATE SCHEMA bourse; SET search_path = bourse; SET timezone = 'UTC';" +
                   postgres_migration(1) + "UPDATE version SET version = 1;" +
                   with("0.01", "0.00001", "0.00000001", "now()") +
                   "CREATE TABLE candle_2024_01 PARTITION OF candle FOR VALUES FROM ('2024-01-01 "
                   "00:00+00') TO ('2024-02-01 00:00+00');"
                   "INSERT INTO candle VALUES ('2024-01-01 00:00+00', 7000000, 7000100, 6999900, "
                   "7000050, 100000, 7000000000000, 50000, 3500000000000, 12, 1);"
                   "INSERT INTO coverage VALUES (1, '2024-01-01 00:00+00', '2024-01-01 00:01+00', "
                   "1, 1, '2024-01-01 00:02+00');"
                   "UPDATE series SET row_count = 1, first_row = '2024-01-01 00:00+00', last_row = "
                   "'2024-01-01 00:00+00'");
}

class MigrationTest : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(In, MigrationTest, testing::Values(Kind::kSqlite, Kind::kPostgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(MigrationTest, ADatabaseOfVersion1KeepsItsCandlesAndTakesTrades) {
  const auto place = make_place(GetParam());
  if (const std::string reason = place->reason_to_skip(); !reason.empty()) GTEST_SKIP() << reason;
  make_version_1(GetParam(), place->options(Role::kServer));
  {
    // Whoever only reads leaves it as it is, and finds no trades.
    const auto reader = place->open(Role::kReader);
    EXPECT_THAT(got(reader->trades_status()), IsEmpty());
    EXPECT_THAT(got(reader->trades(kMarket, 0, 10)), IsEmpty());
    EXPECT_THAT(got(reader->books(kMarket, kEver, 10)), IsEmpty());
    EXPECT_EQ(got(reader->sizes()).trades, 0U);
    EXPECT_EQ(got(reader->status(kLater)).at(0).rows, 1U);
  }
  const auto store = place->open();
  EXPECT_EQ(got(store->health()).schema, 2);
  const auto series = got(store->find(new_series().key));
  ASSERT_TRUE(series);
  const auto rows = got(store->read(series->id, kEver, 10));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].close, dec("70000.5"));
  EXPECT_EQ(got(store->write_trades({kMarket, api(), trades_of(kFirst, 5)})).added, 5U);
  EXPECT_TRUE(got(store->write_book(kMarket, book_at(kNewYear, 1), api(), kMinute)));
  EXPECT_EQ(place->query("SELECT count(*) FROM trades"), "5");
  EXPECT_THAT(got(store->check(Depth::kFull)), IsEmpty());
  EXPECT_TRUE(place->try_open(Role::kTask)) << "and is not migrated again";
}

}  // namespace
}  // namespace bourse::history
