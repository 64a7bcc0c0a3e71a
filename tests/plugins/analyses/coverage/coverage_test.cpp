// SPDX-License-Identifier: MIT
//
// The analysis over a history whose spans are known, and the arithmetic of its chart.
#include "plugins/analyses/coverage/timeline.hpp"
#include "tests/plugins/sources/history/fixture.hpp"

namespace bourse::coverage {
namespace {

using test::Component;
using test::ReportPtr;
using test::scalar_text;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(Timeline, OfNothingIsEmpty) {
  EXPECT_THAT(timeline({}, 2, 4).begins, IsEmpty());
  EXPECT_EQ(timeline({}, 2, 4).known.size(), 2U);
}

TEST(Timeline, SaysHowMuchOfEachPartIsKnown) {
  // [10, 49] in four parts of ten; the first series is known in [10, 19] and [35, 39], the second
  // in [15, 49].
  const Timeline made =
      timeline({{0, Time{10}, Time{19}}, {0, Time{35}, Time{39}}, {1, Time{15}, Time{49}}}, 2, 4);
  EXPECT_THAT(made.begins, ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(made.known[0], ElementsAre(100, 0, 50, 0));
  EXPECT_THAT(made.known[1], ElementsAre(50, 100, 100, 100));
}

TEST(Timeline, PiecesThatTouchAreWhole) {
  const Timeline made = timeline({{0, Time{10}, Time{19}}, {0, Time{20}, Time{29}}}, 1, 2);
  EXPECT_THAT(made.known[0], ElementsAre(100, 100));
  EXPECT_THAT(timeline({{0, Time{10}, Time{12}}, {0, Time{13}, Time{29}}}, 1, 2).known[0],
              ElementsAre(100, 100));
}

TEST(Timeline, PartsAreNamedAsShortAsTheirLengthAllows) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const Time begin{20'089 * kDay};  // date -u -d @$((20089 * 86400)): 2025-01-01
  const auto names = [begin](std::int64_t length) {
    return timeline({{0, begin, Time{begin.ns + length - 1}}}, 1, 2).names;
  };
  EXPECT_THAT(names(4 * kDay), ElementsAre("2025-01-01", "2025-01-03"));
  EXPECT_THAT(names(kDay), ElementsAre("2025-01-01 00:00", "2025-01-01 12:00"));
  EXPECT_THAT(names(60'000'000'000), ElementsAre("2025-01-01T00:00:00Z", "2025-01-01T00:00:30Z"));
}

TEST(Timeline, AllOfTimeIsNoOverflow) {
  const Timeline made = timeline({{0, Time{INT64_MIN}, Time{INT64_MAX}}}, 1, 3);
  EXPECT_THAT(made.known[0], ElementsAre(100, 100, 100));
}

class OfAHistory : public history::Layer {
 protected:
  ReportPtr run(const test::Texts& params) {
    const Component analysis("coverage.so", "coverage");
    auto report = analysis.run(params, Component::from(*layer_, under()));
    EXPECT_TRUE(report) << (report ? "" : report.failure().message);
    return report ? *report : nullptr;
  }
  void backfill(const char* symbols, const char* start, const char* end) {
    ASSERT_TRUE(layer_->perform(
        "backfill",
        {{"symbols", symbols}, {"intervals", "1h"}, {"start", start}, {"end", end}, {"share", "1"}},
        under()));
  }
  static std::vector<std::string> column(const ReportPtr& report, const char* table,
                                         const char* name) {
    return history::column_texts(report->wire(), table, name);
  }
};

TEST_F(OfAHistory, SaysWhatIsKeptAndWhereTheHolesAre) {
  backfill("BTCUSDT,ETHUSDT", "2025-06-01", "2025-06-10T23:00:00Z");
  backfill("BTCUSDT", "2025-06-21", "2025-06-30T23:00:00Z");
  const auto report = run({});
  EXPECT_THAT(column(report, "coverage", "symbol"), ElementsAre("BTCUSDT", "ETHUSDT"));
  EXPECT_THAT(column(report, "coverage", "candles"), ElementsAre("480", "240"));
  EXPECT_THAT(column(report, "coverage", "gaps"), ElementsAre("1", "0"));
  EXPECT_THAT(column(report, "coverage", "unknown"), ElementsAre("864000", "0"));  // ten days
  EXPECT_EQ(scalar_text(report->wire(), "summary.candles"), "720");
  EXPECT_EQ(scalar_text(report->wire(), "summary.gaps"), "1");
  EXPECT_THAT(column(report, "spans", "state"), ElementsAre("known", "unknown", "known", "known"));
  EXPECT_THAT(column(report, "spans", "origin"), ElementsAre("api", "null", "api", "api"));
  EXPECT_EQ(report->wire().n_charts, 1U);
  // BTCUSDT then ETHUSDT, 48 parts of 15 hours each: 30 days. Of BTCUSDT the first ten days are
  // known, 16 parts, then ten are not; ETHUSDT ends with the first ten.
  const auto known = column(report, "timeline", "known");
  ASSERT_EQ(known.size(), 96U);
  EXPECT_EQ(known[0], "100");
  EXPECT_EQ(known[15], "100");
  EXPECT_EQ(known[16], "0");
  EXPECT_EQ(known[31], "0");
  EXPECT_EQ(known[32], "100");
  EXPECT_EQ(known[48 + 15], "100");
  EXPECT_EQ(known[48 + 47], "0");
  EXPECT_EQ(column(report, "timeline", "series")[48], "ETHUSDT 1h");
  const Component png("png.so", "png");
  const auto picture = png.render(report->wire());
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->substr(1, 3), "PNG");
}

TEST_F(OfAHistory, OnlyWhatIsAskedIsShown) {
  backfill("BTCUSDT,ETHUSDT", "2025-06-01", "2025-06-01T23:00:00Z");
  EXPECT_THAT(column(run({{"symbols", "ETHUSDT"}}), "coverage", "symbol"), ElementsAre("ETHUSDT"));
  const auto nothing = run({{"intervals", "5m"}});
  EXPECT_THAT(column(nothing, "coverage", "symbol"), IsEmpty());
  EXPECT_THAT(test::note_codes(nothing->wire()), Contains("nothing_kept"));
}

}  // namespace
}  // namespace bourse::coverage
