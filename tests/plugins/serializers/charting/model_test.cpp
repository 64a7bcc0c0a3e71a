// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/plugins/serializers/charting/sample_reports.hpp"

namespace bourse::charting {
namespace {

using test::make_report;

/// A table with time t, numbers n and v, texts s and g.
void add_table(const Call& call, const std::vector<std::int64_t>& t, const std::vector<double>& n,
               const std::vector<double>& v, const std::vector<std::string>& s,
               const std::vector<std::string>& g, const char* name = "data") {
  TableBuilder table(name, "Data");
  table.column(Field("t", BOURSE_TYPE_TIME), std::span<const std::int64_t>(t))
      .column(Field("n", BOURSE_TYPE_F64).labelled("Number").in("USDT"), std::span<const double>(n))
      .column(Field("v", BOURSE_TYPE_F64), std::span<const double>(v))
      .column(Field("s", BOURSE_TYPE_TEXT), s)
      .column(Field("g", BOURSE_TYPE_TEXT), g);
  call.add(table);
}

void add_small(const Call& call, const char* name = "data") {
  add_table(call, {300, 100, 200}, {3, 1, 2}, {30, 10, 20}, {"c", "a", "b"}, {"y", "x", "y"}, name);
}

Chart chart(bourse_chart_kind kind, const char* name, const char* x, const char* y) {
  return Chart(kind, name, name).of("data").channel(BOURSE_ROLE_X, x).channel(BOURSE_ROLE_Y, y);
}

TEST(Model, ChartsOfOnePaneShareItAndOthersStandBelow) {
  const auto report = make_report([](const Call& call) {
    add_small(call);
    call.add(chart(BOURSE_CHART_BAR, "one", "t", "v").pane("p"));
    call.add(chart(BOURSE_CHART_LINE, "two", "t", "n").pane("q"));
    call.add(chart(BOURSE_CHART_LINE, "three", "t", "n").pane("p"));
    call.add(chart(BOURSE_CHART_LINE, "four", "t", "n"));
  });
  const Model model = read_model(report->wire());
  ASSERT_EQ(model.panels.size(), 1U);
  ASSERT_EQ(model.panels[0].panes.size(), 3U);
  EXPECT_EQ(model.panels[0].panes[0].series.size(), 2U);
  EXPECT_EQ(model.panels[0].panes[0].title, "three");  // bars stand behind lines
  EXPECT_EQ(model.panels[0].panes[1].name, "q");
  EXPECT_EQ(model.panels[0].panes[2].name, "four");
}

TEST(Model, AnotherColumnOrTableOfXIsAnotherPanel) {
  const auto report = make_report([](const Call& call) {
    add_small(call);
    add_small(call, "other");
    call.add(chart(BOURSE_CHART_LINE, "a", "t", "v").pane("p"));
    call.add(chart(BOURSE_CHART_LINE, "b", "n", "v").pane("p"));
    call.add(Chart(BOURSE_CHART_LINE, "c", "c")
                 .of("other")
                 .channel(BOURSE_ROLE_X, "t")
                 .channel(BOURSE_ROLE_Y, "v"));
    call.add(chart(BOURSE_CHART_BAR, "d", "s", "v"));
  });
  const Model model = read_model(report->wire());
  ASSERT_EQ(model.panels.size(), 4U);
  EXPECT_EQ(model.panels[0].axis, AxisKind::kTime);
  EXPECT_EQ(model.panels[1].axis, AxisKind::kNumber);
  EXPECT_EQ(model.panels[1].x_label, "Number, USDT");
  EXPECT_EQ(model.panels[2].table, "other");
  EXPECT_EQ(model.panels[3].categories, (std::vector<std::string>{"c", "a", "b"}));
}

TEST(Model, RowsAreSortedByX) {
  const auto report = make_report([](const Call& call) {
    add_small(call);
    call.add(chart(BOURSE_CHART_LINE, "a", "t", "v"));
  });
  const Model model = read_model(report->wire());
  const Panel& panel = model.panels.at(0);
  EXPECT_EQ(panel.origin, 100);
  EXPECT_EQ(panel.panes[0].series[0].x, (std::vector<double>{0, 100, 200}));
  EXPECT_EQ(panel.panes[0].series[0].y, (std::vector<double>{10, 20, 30}));
}

TEST(Model, EachGroupIsASeriesAndTheSidesOfABookHaveTheirColours) {
  const auto report = make_report([](const Call& call) {
    add_table(call, {1, 2, 3, 4}, {1, 2, 3, 4}, {9, 5, 6, 7}, {"a", "b", "c", "d"},
              {"bid", "bid", "ask", "maker"});
    call.add(chart(BOURSE_CHART_AREA, "depth", "n", "v").channel(BOURSE_ROLE_GROUP, "g"));
  });
  const Model model = read_model(report->wire());
  const auto& series = model.panels.at(0).panes.at(0).series;
  ASSERT_EQ(series.size(), 3U);
  EXPECT_EQ(series[0].label, "bid");
  EXPECT_EQ(series[0].ink.role, Role::kUp);
  EXPECT_EQ(series[1].ink.role, Role::kDown);
  EXPECT_EQ(series[2].ink.role, Role::kSeries);
  EXPECT_EQ(series[0].mark, Mark::kStepArea);
  EXPECT_EQ(series[0].y, (std::vector<double>{9, 5}));
}

TEST(Model, DecimalsAreThoseThatAreUsed) {
  const auto report = test::technical_sample({.rows = 30});
  const Model model = read_model(report->wire());
  EXPECT_EQ(model.panels.at(0).panes.at(0).series.at(0).decimals, 2);  // sent with eight
  EXPECT_EQ(model.panels.at(0).panes.at(2).series.at(0).decimals, -1);
}

TEST(Model, WhatIsNotANumberIsMissing) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto report = make_report([](const Call& call) {
    add_table(call, {1, 2, 3}, {1, std::nan(""), kInfinity}, {kInfinity, 2, std::nan("")},
              {"", "", ""}, {"", "", ""});
    call.add(chart(BOURSE_CHART_LINE, "over_time", "t", "v"));
    call.add(chart(BOURSE_CHART_LINE, "over_numbers", "n", "v"));
  });
  const Model model = read_model(report->wire());
  const Series& over_time = model.panels.at(0).panes[0].series[0];
  ASSERT_EQ(over_time.size(), 3U);
  EXPECT_TRUE(std::isnan(over_time.y[0]));
  EXPECT_EQ(over_time.y[1], 2);
  EXPECT_EQ(model.panels.at(1).panes[0].series[0].x, std::vector<double>{1});
}

TEST(Model, TimesAcrossTheWholeRangeKeepTheirDistance) {
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  const auto report = make_report([](const Call& call) {
    add_table(call, {kLast, kFirst}, {1, 2}, {1, 2}, {"a", "b"}, {"", ""});
    call.add(chart(BOURSE_CHART_LINE, "a", "t", "v"));
  });
  const Model model = read_model(report->wire());
  const Panel& panel = model.panels.at(0);
  EXPECT_EQ(panel.origin, kFirst);
  EXPECT_DOUBLE_EQ(panel.x->high, 18446744073709551615.0);
  EXPECT_EQ(time_at(panel, panel.x->low), kFirst);
  EXPECT_EQ(time_at(panel, panel.x->high), kLast);
}

TEST(Model, WhatIsTooMuchIsCountedNotRead) {
  const auto report = make_report([](const Call& call) {
    std::vector<std::int64_t> t(100);
    std::vector<double> n(100), v(100);
    std::vector<std::string> s(100), g(100);
    for (std::size_t i = 0; i < 100; ++i) g[i] = "group " + std::to_string(i);
    add_table(call, t, n, v, s, g);
    call.add(chart(BOURSE_CHART_LINE, "grouped", "t", "v").channel(BOURSE_ROLE_GROUP, "g"));
    call.add(chart(BOURSE_CHART_LINE, "second", "t", "v"));
    call.add(chart(BOURSE_CHART_LINE, "third", "t", "v"));
  });
  const Model model = read_model(report->wire(), {.points = 350, .series = 5, .panes = 2});
  EXPECT_EQ(model.charts_left_out, 1U);
  const auto& panes = model.panels.at(0).panes;
  ASSERT_EQ(panes.size(), 2U);
  EXPECT_EQ(panes[0].series.size(), 5U);
  EXPECT_EQ(panes[0].series_left_out, 1U);
  EXPECT_EQ(panes[1].series.size(), 1U);
  const Model small = read_model(report->wire(), {.points = 99});
  EXPECT_EQ(small.panels.at(0).panes.at(0).series.size(), 0U);
  EXPECT_EQ(small.panels.at(0).panes.at(0).series_left_out, 1U);
}

TEST(Model, TheStepIsTheMedianSoThatGapsDoNotWidenBars) {
  const auto report = make_report([](const Call& call) {
    add_table(call, {0, 10, 20, 30, 130, 140}, {0, 0, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1},
              std::vector<std::string>(6), std::vector<std::string>(6));
    call.add(chart(BOURSE_CHART_BAR, "bars", "t", "v"));
  });
  EXPECT_EQ(read_model(report->wire()).panels.at(0).step, 10);
}

TEST(Model, AHeatMapIsAPanelOfItsOwnAndKnowsWhatIsMissing) {
  const auto report = test::correlation_sample(8);
  const Model model = read_model(report->wire());
  ASSERT_EQ(model.panels.size(), 2U);
  const HeatMap& heat = model.panels[0].panes.at(0).heat.value();
  EXPECT_EQ(heat.columns.size(), 8U);
  EXPECT_EQ(heat.rows.size(), 8U);
  EXPECT_EQ(heat.values[0], 1);
  EXPECT_TRUE(std::isnan(heat.values[2 * 8 + 5]));
}

}  // namespace
}  // namespace bourse::charting
