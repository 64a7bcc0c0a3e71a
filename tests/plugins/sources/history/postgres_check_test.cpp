// SPDX-License-Identifier: MIT
//
// What the check of a PostgreSQL history finds.
#include "tests/plugins/sources/history/store_tools.hpp"

namespace bourse::history {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PostgresCheck : public testing::Test {
 protected:
  void SetUp() override {
    place_ = make_place(Kind::kPostgres);
    if (const std::string reason = place_->reason_to_skip(); !reason.empty())
      GTEST_SKIP() << reason;
    store_ = place_->open();
    const Series series = got(store_->create(new_series()));
    keep(*store_, series, {kNewYear, kNewYear + kDay}, candles(kNewYear, kNewYear + kDay));
  }
  [[nodiscard]] std::vector<std::string> found(Depth depth) const {
    return got(store_->check(depth));
  }

  std::unique_ptr<Place> place_;
  std::unique_ptr<Store> store_;
};

TEST_F(PostgresCheck, OfAWholeHistoryNothingIsFound) {
  EXPECT_THAT(found(Depth::kQuick), IsEmpty());
  EXPECT_THAT(found(Depth::kFull), IsEmpty());
}

TEST_F(PostgresCheck, AMonthThatWasDetachedIsFoundQuickly) {
  place_->query("ALTER TABLE candle DETACH PARTITION candle_2024_01");
  EXPECT_THAT(found(Depth::kQuick), ElementsAre(HasSubstr("candle_2024_01 is no part of candle")));
}

TEST_F(PostgresCheck, AnIndexThatIsNotValidIsFoundQuickly) {
  place_->query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'trade_time'::regclass");
  EXPECT_THAT(found(Depth::kQuick), ElementsAre(HasSubstr("index trade_time is not valid")));
}

TEST_F(PostgresCheck, ACountThatIsWrongIsFoundByTheFullOneOnly) {
  place_->query("UPDATE series SET row_count = row_count + 1");
  EXPECT_THAT(found(Depth::kQuick), IsEmpty());
  EXPECT_THAT(found(Depth::kFull), ElementsAre(HasSubstr("1440 rows are there, and 1441")));
}

TEST_F(PostgresCheck, AnIndexThatDoesNotAgreeWithItsTableIsFoundWhereAmcheckIsThere) {
  if (place_->query("SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'") == "0") {
    GTEST_SKIP() << "no amcheck: apt-get install postgresql-contrib";
  }
  place_->query("CREATE EXTENSION amcheck");
  EXPECT_THAT(found(Depth::kFull), IsEmpty());
  // Rows that the index does not have: it is made over half of them, and then said to be over all.
  place_->query(
      "CREATE INDEX half ON coverage (asked_at) WHERE false; UPDATE pg_index SET indpred = NULL "
      "WHERE indexrelid = 'half'::regclass");
  EXPECT_THAT(found(Depth::kQuick), IsEmpty());
  EXPECT_THAT(found(Depth::kFull), ElementsAre(HasSubstr("the index half: ")));
}

}  // namespace
}  // namespace bourse::history
