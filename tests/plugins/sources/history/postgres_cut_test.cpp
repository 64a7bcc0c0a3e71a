// SPDX-License-Identifier: MIT
//
// What lies between a history and its PostgreSQL server, and what that server may be: connections
// that are cut while a commit is on its way, poolers, standbys.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/plugins/sources/history/postgres_server.hpp"
#include "tests/plugins/sources/history/postgres_way.hpp"
#include "tests/plugins/sources/history/store_tools.hpp"

namespace bourse::history {
namespace {

Options options_at(std::string url, Role role = Role::kServer) {
  Options options;
  options.database = std::move(url);
  options.role = role;
  options.name = "a test";
  return options;
}

std::string database_in(const std::string& url) {
  const std::size_t end = url.find('?'), slash = url.rfind('/', end);
  return url.substr(slash + 1, end - slash - 1);
}

// T19
class CommitUnknown : public testing::Test {
 protected:
  using Cut = PostgresWay::Cut;

  void SetUp() override {
    const PostgresServer& server = PostgresServer::shared();
    if (!server.reason().empty()) GTEST_SKIP() << server.reason();
    direct_ = server.new_database();
    way_.emplace(server.folder());
    Options options = options_at(way_->url(database_in(direct_)));
    options.wait = std::chrono::milliseconds(2000);
    store_ = got(open_store(options));
    series_ = got(store_->create(new_series()));
    keep(*store_, series_, hour(0), candles(hour(0).from, hour(0).to));
  }
  void TearDown() override {
    store_.reset();
    way_.reset();
  }
  static Span hour(int n) { return {kNewYear + n * kHour, kNewYear + (n + 1) * kHour}; }
  Result<Written> write(int n) {
    const Span span = hour(n);
    const auto rows = candles(span.from, span.to);
    const std::vector<Mark> marks{{span, State::kKnown}};
    return store_->write({series_.id, api(), rows, marks, kLater});
  }
  /// What is there is known, all of it, and nothing twice; as another one sees it.
  void expect_hours(int n) {
    auto other = got(open_store(options_at(direct_, Role::kTask)));
    EXPECT_EQ(got(other->read(series_.id, kEver, 10'000)), candles(kNewYear, hour(n).from));
    EXPECT_EQ(got(other->status(kLater)).at(0).known, (Span{kNewYear, hour(n).from}));
    EXPECT_THAT(got(other->check(Depth::kFull)), testing::IsEmpty());
  }

  std::string direct_;
  std::optional<PostgresWay> way_;
  std::unique_ptr<Store> store_;
  Series series_;
};

TEST_F(CommitUnknown, WhatWasCommittedIsToldAsKeptThoughTheAnswerWasLost) {
  way_->cut = Cut::kAfter;
  EXPECT_EQ(got(write(1)).added, 60U);
  EXPECT_EQ(way_->cut, Cut::kNever) << "it was cut";
  expect_hours(2);
  EXPECT_EQ(got(write(1)).equal, 60U);
  EXPECT_EQ(got(write(2)).added, 60U);
  expect_hours(3);
}

TEST_F(CommitUnknown, WhatTheServerNeverSawIsNotToldAsKept) {
  way_->cut = Cut::kBefore;
  const auto lost = write(1);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::kGone) << lost.error().text();
  EXPECT_THAT(lost.error().advice, testing::HasSubstr("nothing was written"));
  expect_hours(1);
  EXPECT_EQ(got(write(1)).added, 60U);
  expect_hours(2);
}

TEST_F(CommitUnknown, WhereNobodyCanBeAskedNothingIsClaimedAndNothingComesTwice) {
  way_->cut = Cut::kAfterAndAway;
  const auto unknown = write(1);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::kUnknownOutcome) << unknown.error().text();
  expect_hours(2);  // the server had committed it
  way_->is_open = true;
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // between two tries to connect
  EXPECT_THAT(got(store_->missing(series_.id, {kNewYear, hour(3).from}, kLater)),
              testing::ElementsAre(hour(2)));
  EXPECT_EQ(got(write(1)).equal, 60U);
  EXPECT_EQ(got(write(2)).added, 60U);
  expect_hours(3);
}

TEST(PostgresWayTest, APoolerIsRefusedByName) {
  const PostgresServer& server = PostgresServer::shared();
  if (!server.reason().empty()) GTEST_SKIP() << server.reason();
  PostgresWay way(server.folder());
  way.is_pooler = true;
  for (const Role role : {Role::kServer, Role::kTask, Role::kReader}) {
    const auto refused = open_store(options_at(way.url("postgres"), role));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kRefused);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("pooler"));
    EXPECT_THAT(refused.error().advice, testing::HasSubstr("name the server itself"));
  }
}

TEST(PostgresStandbyTest, AStandbyIsReadAndNotWrittenAndWhoNamesBothWritesToTheOther) {
  PostgresServer primary;
  if (!primary.reason().empty()) GTEST_SKIP() << primary.reason();
  const std::string url = primary.new_database();
  auto store = got(open_store(options_at(url)));
  const Series series = got(store->create(new_series()));
  const auto rows = candles(kNewYear, kNewYear + kHour);
  keep(*store, series, {kNewYear, kNewYear + kHour}, rows);
  PostgresServer standby = PostgresServer::standby_of(primary);
  ASSERT_EQ(standby.reason(), "");
  const std::string name = database_in(url);
  auto reader = got(open_store(options_at(standby.url(name), Role::kReader)));
  EXPECT_EQ(got(reader->read(series.id, kEver, 1'000)), rows);
  for (const Role role : {Role::kServer, Role::kTask}) {
    const auto refused = open_store(options_at(standby.url(name), role));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kReadOnly) << refused.error().text();
    EXPECT_THAT(refused.error().advice, testing::HasSubstr("a standby does not"));
  }
  store.reset();
  const std::string both =
      "postgresql://tester@/" + name + "?host=" + standby.folder() + "," + primary.folder();
  auto either = got(open_store(options_at(both, Role::kTask)));
  keep(*either, series, {kNewYear + kHour, kNewYear + 2 * kHour},
       candles(kNewYear + kHour, kNewYear + 2 * kHour));
  EXPECT_EQ(ask_postgres(url, "SELECT count(*) FROM bourse.candle"), "120");
}

// T20
TEST(PostgresPlanTest, TheNewestAreReadByTheKeyOutOfFewPartitionsAndNeverSorted) {
  const PostgresServer server({"logging_collector=on", "log_directory=.", "log_filename=log",
                               "log_statement=all", "session_preload_libraries=auto_explain",
                               "auto_explain.log_min_duration=0"});
  if (!server.reason().empty()) GTEST_SKIP() << server.reason();
  const std::string url = server.new_database();
  auto store = got(open_store(options_at(url)));
  const Series series = got(store->create(new_series()));
  const Millis now = kNewYear + 5'000 * kDay;
  for (int month = 0; month < 120; ++month) {
    const std::vector<Candle> rows{candle_at(kNewYear + month * 30 * kDay)};
    got(store->write({series.id, api(now), rows, {}, now}));
  }
  const Millis end = kNewYear + 119 * 30 * kDay;
  const auto recent = candles(end - 9'000 * kMinute, end);
  got(store->write({series.id, api(now), recent, {}, now}));
  got(store->settle());
  ask_postgres(url, "SELECT 'from here on'");
  EXPECT_EQ(got(store->newest(series.id, kEver, 1'396)).back(), candle_at(end));
  ask_postgres(url, "SELECT 'up to here'");
  std::string log;
  for (int n = 0; n < 200 && log.find("SELECT 'up to here'") == std::string::npos; ++n) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::ifstream file(server.folder() + "/data/log");
    log.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  const std::size_t from = log.find("SELECT 'from here on'");
  ASSERT_NE(from, std::string::npos);
  // The plans of what the store asked of the table of candles.
  std::istringstream lines(log.substr(from, log.find("SELECT 'up to here'") - from));
  int queries = 0, scans = 0;
  for (std::string line; std::getline(lines, line);) {
    queries += line.find("Query Text: SELECT open_time, open,") != std::string::npos;
    scans +=
        line.find("Scan") != std::string::npos && line.find(" on candle_20") != std::string::npos;
    EXPECT_EQ(line.find("Sort"), std::string::npos) << line;
    EXPECT_EQ(line.find("Seq Scan on candle_20"), std::string::npos) << line;
    EXPECT_EQ(line.find("Bitmap"), std::string::npos) << line;
  }
  EXPECT_GE(queries, 1);
  EXPECT_GE(scans, 1);
  EXPECT_LE(scans, 3) << "partitions, of 120";
}

}  // namespace
}  // namespace bourse::history
