// SPDX-License-Identifier: MIT
//
// Long work on a history: what it keeps, what it says of it, and what is asked for that.
#include "tests/plugins/sources/history/fixture.hpp"

namespace bourse::history {
namespace {

using test::scalar_text;
using test::Step;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Tasks : public Layer {
 protected:
  ReportPtr perform(const std::string& task, const Texts& params) {
    asked_.clear();
    steps_.clear();
    auto done = layer_->perform(task, params, under(), &steps_);
    EXPECT_TRUE(done) << (done ? "" : done.failure().message);
    return done ? *done : nullptr;
  }
  static std::vector<std::string> column(const ReportPtr& report, const char* table,
                                         const char* name) {
    return column_texts(report->wire(), table, name);
  }

  std::vector<Step> steps_;
};

const Texts kJune{{"symbols", "BTCUSDT,ETHUSDT"},
                  {"intervals", "1h"},
                  {"start", "2025-06-01"},
                  {"end", "2025-06-30T23:00:00Z"},
                  {"share", "1"}};

TEST_F(Tasks, BackfillKeepsWhatIsNotKnownAndAsksNothingTwice) {
  const auto first = perform("backfill", kJune);
  EXPECT_EQ(scalar_text(first->wire(), "candles"), "1440");
  EXPECT_THAT(column(first, "filled", "symbol"), ElementsAre("BTCUSDT", "ETHUSDT"));
  EXPECT_THAT(column(first, "filled", "candles"), ElementsAre("720", "720"));
  EXPECT_EQ(asked_.size(), 2U);
  const auto again = perform("backfill", kJune);
  EXPECT_EQ(scalar_text(again->wire(), "candles"), "0");
  EXPECT_THAT(asked_, IsEmpty());
  // What is answered from it is what the source says.
  expect_same({{"interval", "1h"},
               {"start", "2025-06-01"},
               {"end", "2025-06-30T23:00:00Z"},
               {"limit", "5000"}});
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(Tasks, ProgressGoesUpToItsEnd) {
  perform("backfill", kJune);
  ASSERT_FALSE(steps_.empty());
  std::uint64_t before = 0;
  for (const Step& step : steps_) {
    EXPECT_GE(step.done, before);
    EXPECT_EQ(step.total, 2ULL * 30 * 24 * 3600 * 1000 - 2 * (3600 * 1000 - 1));
    before = step.done;
  }
  EXPECT_EQ(steps_.back().done, steps_.back().total);
  EXPECT_THAT(steps_.front().text, HasSubstr("BTCUSDT 1h"));
}

TEST_F(Tasks, ALongOneGoesInPagesAndOneThatWasEndedGoesOn) {
  const Texts week{{"symbols", "BTCUSDT"},
                   {"start", "2025-06-02"},
                   {"end", "2025-06-08T23:59:00Z"},
                   {"share", "1"}};
  int pages = 0;
  change_ = [&](const ReportPtr& report) -> host::Result<ReportPtr> {
    if (++pages == 4) {
      return host::Failure{.status = BOURSE_NOT_FOUND, .code = "gone", .message = "It is gone."};
    }
    return report;
  };
  const auto ended = layer_->perform("backfill", week, under());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.failure().code, "gone");
  change_ = nullptr;
  const auto rest = perform("backfill", week);
  EXPECT_EQ(scalar_text(rest->wire(), "candles"), std::to_string(7 * 1440 - 3 * 1000));
  EXPECT_THAT(asked_, Contains(testing::StartsWith("2025-06-04T02:00:00Z..")));
  EXPECT_EQ(asked_.size(), 8U);  // 7080 candles
}

TEST_F(Tasks, StatusSaysWhatIsKept) {
  perform("backfill", kJune);
  perform("backfill", {{"symbols", "BTCUSDT"},
                       {"intervals", "1h"},
                       {"start", "2025-09-01"},
                       {"end", "2025-09-01T23:00:00Z"},
                       {"share", "1"}});
  const auto status = perform("status", {{"check", "true"}});
  EXPECT_THAT(column(status, "kept", "symbol"), ElementsAre("BTCUSDT", "ETHUSDT"));
  EXPECT_THAT(column(status, "kept", "market"), Each("spot"));
  EXPECT_THAT(column(status, "kept", "candles"), ElementsAre("744", "720"));
  EXPECT_THAT(column(status, "kept", "gaps"), ElementsAre("1", "0"));
  EXPECT_THAT(column(status, "kept", "unknown_seconds"),
              ElementsAre(std::to_string(62 * 24 * 3600), "0"));
  EXPECT_EQ(scalar_text(status->wire(), "candles"), "1464");
  EXPECT_THAT(*scalar_text(status->wire(), "database"),
              HasSubstr(uses_postgres() ? "PostgreSQL database history_" : "h.db"));
  EXPECT_THAT(note_codes(status->wire()), Not(Contains("damage")));
  EXPECT_THAT(asked_, IsEmpty());
}

// T16. A log of zeros is as long as one that a reader holds, and as empty as one that was given
// back.
TEST_F(Tasks, StatusSaysThatTheLogIsLong) {
  if (uses_postgres()) GTEST_SKIP() << "it has no log of its own";
  perform("backfill", kJune);
  constexpr std::uintmax_t kLimit = std::uintmax_t{256} << 20;
  const auto with_log = [&](std::uintmax_t bytes) {
    std::filesystem::resize_file(folder_ / "h.db-wal", bytes);  // a hole: it takes no room
    return perform("status", {});
  };
  const auto at_limit = with_log(kLimit), longer = with_log(kLimit + (1U << 20U));
  EXPECT_EQ(scalar_text(at_limit->wire(), "log_bytes"), std::to_string(kLimit));
  EXPECT_THAT(note_codes(at_limit->wire()), Not(Contains("long_log")));
  EXPECT_THAT(note_codes(longer->wire()), Contains("long_log"));
  EXPECT_EQ(scalar_text(longer->wire(), "candles"), "1440");
  // What is written next begins the log again.
  EXPECT_EQ(scalar_text(perform("repair", kJune)->wire(), "candles"), "0");
  perform("backfill", {{"symbols", "BNBUSDT"},
                       {"intervals", "1h"},
                       {"start", "2025-06-01"},
                       {"end", "2025-06-01T23:00:00Z"},
                       {"share", "1"}});
  EXPECT_THAT(note_codes(perform("status", {{"check", "true"}})->wire()),
              testing::AllOf(Not(Contains("long_log")), Not(Contains("damage"))));
}

TEST_F(Tasks, VerifyFindsWhatTheSourceSaysOtherwise) {
  perform("backfill", kJune);
  const auto good = perform("verify", kJune);
  EXPECT_EQ(scalar_text(good->wire(), "compared"), "1440");
  EXPECT_EQ(scalar_text(good->wire(), "findings"), "0");
  EXPECT_THAT(note_codes(good->wire()), Not(Contains("findings")));
  const Time wrong{1'749'000'000 * kSecond - 1'749'000'000 * kSecond % kHour};
  change_ = [&](const ReportPtr& report) {
    return edited(
        report, now_, [&](Time time) { return time.ns != wrong.ns + kHour; },
        [&](Time time, Decimal close) {
          return time.ns == wrong.ns ? *Decimal::parse("2") : close;
        });
  };
  const auto bad = perform("verify", {{"symbols", "BTCUSDT"},
                                      {"intervals", "1h"},
                                      {"start", "2025-06-01"},
                                      {"end", "2025-06-30T23:00:00Z"},
                                      {"share", "1"}});
  EXPECT_THAT(column(bad, "findings", "open_time"),
              ElementsAre(std::to_string(wrong.ns), std::to_string(wrong.ns + kHour)));
  EXPECT_THAT(column(bad, "findings", "what"), ElementsAre("differs", "the source has it no more"));
  EXPECT_THAT(column(bad, "findings", "columns"), ElementsAre("close", ""));
  EXPECT_THAT(note_codes(bad->wire()), Contains("findings"));
  EXPECT_THAT(column(perform("status", {}), "kept", "conflicts"), ElementsAre("1", "0"));
}

TEST_F(Tasks, VerifyComparesWithShorterOnes) {
  const Texts day{{"symbols", "BTCUSDT"},
                  {"intervals", "1m,1h"},
                  {"start", "2025-06-01"},
                  {"end", "2025-06-01T23:59:00Z"},
                  {"share", "1"}};
  change_ = [&](const ReportPtr& report) {
    const Time noon{1'748'736'000 * kSecond + 12 * kHour};
    // The hour that the source tells differs from its minutes.
    const bool is_hourly = ReportView(report->wire()).table(0).rows() < 100;
    return edited(
        report, now_, [](Time) { return true; },
        [&](Time time, Decimal close) {
          return is_hourly && time.ns == noon.ns ? *Decimal::parse("3") : close;
        });
  };
  perform("backfill", day);
  const auto found = perform("verify", day);
  EXPECT_THAT(column(found, "findings", "interval"), ElementsAre("1h"));
  EXPECT_THAT(column(found, "findings", "what"), ElementsAre("differs from its candles of 1m"));
}

TEST_F(Tasks, RepairAsksAgainForWhatWasEmpty) {
  const Time from{1'748'736'000 * kSecond};
  change_ = [&](const ReportPtr& report) {
    return edited(
        report, now_,
        [&](Time time) { return time.ns < from.ns + 5 * kHour || time.ns >= from.ns + 8 * kHour; },
        [](Time, Decimal close) { return close; });
  };
  perform("backfill", kJune);
  change_ = nullptr;
  EXPECT_EQ(scalar_text(perform("backfill", kJune)->wire(), "candles"), "0");
  EXPECT_EQ(scalar_text(perform("repair", kJune)->wire(), "candles"), "6");
  ASSERT_EQ(asked_.size(), 2U);
  EXPECT_THAT(asked_[0], testing::StartsWith("2025-06-01T05:00:00Z..2025-06-01T07:59:59.999Z"));
  expect_same({{"interval", "1h"},
               {"start", "2025-06-01"},
               {"end", "2025-06-30T23:00:00Z"},
               {"limit", "5000"}});
}

TEST_F(Tasks, PruneTakesAwayWhatIsOld) {
  perform("backfill", kJune);
  const auto pruned =
      perform("prune", {{"before", "2025-06-11"}, {"symbols", "BTCUSDT"}, {"intervals", "1h"}});
  EXPECT_EQ(scalar_text(pruned->wire(), "candles"), "240");
  const auto status = perform("status", {});
  EXPECT_THAT(column(status, "kept", "candles"), ElementsAre("480", "720"));
  expect_same({{"interval", "1h"},
               {"start", "2025-06-10"},
               {"limit", "48"},
               {"end", "2025-06-11T23:00:00Z"}});
  EXPECT_EQ(asked_.size(), 1U) << "what was taken away is asked again";
}

}  // namespace
}  // namespace bourse::history
