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
using testing::IsNan;
using testing::Not;

TEST(Timeline, OfNothingIsEmpty) {
  EXPECT_THAT(timeline({}, 2).times, IsEmpty());
  EXPECT_EQ(timeline({}, 2).heights.size(), 2U);
}

TEST(Timeline, IsBrokenWhereNothingIsKnown) {
  // Two series: the first known in [10, 19] and [30, 39], the second in [15, 34].
  const Timeline made =
      timeline({{0, Time{10}, Time{19}}, {0, Time{30}, Time{39}}, {1, Time{15}, Time{34}}}, 2);
  EXPECT_THAT(made.times, ElementsAre(10, 15, 19, 20, 30, 34, 35, 39, 40));
  EXPECT_THAT(made.heights[0], ElementsAre(2, 2, 2, IsNan(), 2, 2, 2, 2, IsNan()));
  EXPECT_THAT(made.heights[1], ElementsAre(IsNan(), 1, 1, 1, 1, 1, IsNan(), IsNan(), IsNan()));
}

TEST(Timeline, PiecesThatTouchAreOneLine) {
  const Timeline made = timeline({{0, Time{10}, Time{19}}, {0, Time{20}, Time{29}}}, 1);
  EXPECT_THAT(made.times, ElementsAre(10, 19, 20, 29, 30));
  EXPECT_THAT(made.heights[0], ElementsAre(1, 1, 1, 1, IsNan()));
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
  EXPECT_THAT(column(report, "timeline", "series_1"), Contains("null"));
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
