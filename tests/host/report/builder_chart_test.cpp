// SPDX-License-Identifier: MIT
//
// Charts say what to show of a table. Each of them must be complete enough to be drawn, because
// serializers do not check again.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/host/report/fixture.hpp"

namespace bourse::host::test {
namespace {

/// A builder with the table "t" of the fields x, y, lo, hi (f64), at (time) and name (text).
struct Drawing {
  ReportBuilder builder{"p/c", "T"};
  Drawing() {
    add_table(builder, {Field("x", BOURSE_TYPE_F64), Field("y", BOURSE_TYPE_F64),
                        Field("lo", BOURSE_TYPE_F64), Field("hi", BOURSE_TYPE_F64),
                        Field("at", BOURSE_TYPE_TIME), Field("name", BOURSE_TYPE_TEXT),
                        Field("d", BOURSE_TYPE_DECIMAL)});
  }
};

struct Channel {
  bourse_role role;
  const char* field;
};

/// A chart by its parts; what is not said is good.
struct Sketch {
  bourse_chart_kind kind = BOURSE_CHART_LINE;
  std::vector<Channel> channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}};
  std::vector<double> levels = {};
  std::vector<double> range = {};
  const char* name = "c";
  const char* table = "t";

  bourse_status draw(ReportBuilder& builder,
                     const std::function<void(bourse_chart&)>& change = {}) const {
    std::vector<bourse_channel> made;
    for (const Channel& c : channels) {
      made.push_back({sizeof(bourse_channel), c.role, c.field, nullptr});
    }
    std::vector<const bourse_channel*> pointers;
    for (const bourse_channel& c : made) pointers.push_back(&c);
    bourse_chart chart{};
    chart.size = sizeof chart;
    chart.kind = kind;
    chart.name = name;
    chart.table = table;
    chart.n_channels = pointers.size();
    chart.channels = pointers.data();
    chart.n_levels = levels.size();
    chart.levels = levels.data();
    chart.range = range.empty() ? nullptr : range.data();
    if (change) change(chart);
    return builder.chart(&chart);
  }
};

const std::vector<Channel> kOhlc = {{BOURSE_ROLE_X, "at"},
                                    {BOURSE_ROLE_OPEN, "x"},
                                    {BOURSE_ROLE_HIGH, "hi"},
                                    {BOURSE_ROLE_LOW, "lo"},
                                    {BOURSE_ROLE_CLOSE, "y"}};
const std::vector<Channel> kHeat = {
    {BOURSE_ROLE_X, "name"}, {BOURSE_ROLE_Y, "name"}, {BOURSE_ROLE_HEAT, "y"}};
const std::vector<Channel> kBand = {
    {BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_LOWER, "lo"}, {BOURSE_ROLE_UPPER, "hi"}};

void expect_good(const Sketch& sketch, const std::string& what) {
  Drawing drawing;
  EXPECT_EQ(sketch.draw(drawing.builder), BOURSE_OK) << what;
  EXPECT_EQ(mistake_of(drawing.builder), "") << what;
}

void expect_bad(const Sketch& sketch, const std::string& what,
                const std::function<void(bourse_chart&)>& change = {}) {
  Drawing drawing;
  EXPECT_EQ(sketch.draw(drawing.builder, change), BOURSE_INTERNAL) << what;
  EXPECT_EQ(mistake_of(drawing.builder), "bad_chart") << what;
}

TEST(ReportChart, OfEachKindIsGoodWithTheRolesItNeeds) {
  for (const bourse_chart_kind kind : {BOURSE_CHART_LINE, BOURSE_CHART_AREA, BOURSE_CHART_BAR,
                                       BOURSE_CHART_SCATTER, BOURSE_CHART_HISTOGRAM}) {
    expect_good({.kind = kind}, std::to_string(kind));
    expect_good({.kind = kind, .channels = kBand}, "band of " + std::to_string(kind));
  }
  expect_good({.kind = BOURSE_CHART_CANDLE, .channels = kOhlc}, "candle");
  expect_good({.kind = BOURSE_CHART_HEATMAP, .channels = kHeat}, "heat map of names");
}

TEST(ReportChart, WithoutARoleItsKindNeedsIsRefused) {
  for (const auto& [kind, channels] :
       std::vector<std::pair<bourse_chart_kind, std::vector<Channel>>>{
           {BOURSE_CHART_CANDLE, kOhlc},
           {BOURSE_CHART_HEATMAP, kHeat},
           {BOURSE_CHART_LINE, kBand},
           {BOURSE_CHART_LINE, {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}}},
           {BOURSE_CHART_HISTOGRAM, {{BOURSE_ROLE_X, "x"}, {BOURSE_ROLE_Y, "y"}}}}) {
    for (std::size_t missing = 0; missing < channels.size(); ++missing) {
      auto fewer = channels;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(missing));
      expect_bad({.kind = kind, .channels = fewer},
                 std::to_string(kind) + " without role " + std::to_string(channels[missing].role));
    }
  }
}

TEST(ReportChart, OfATableOrFieldThatIsNotThereIsRefused) {
  expect_bad({.table = "u"}, "another table");
  expect_bad({.table = nullptr}, "no table");
  expect_bad({.table = ""}, "a table without name");
  expect_bad({.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "z"}}}, "another field");
  expect_bad({.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, nullptr}}},
             "a field without name");
}

TEST(ReportChart, OfTextWhereNumbersAreNeededIsRefused) {
  for (const bourse_role role :
       {BOURSE_ROLE_Y, BOURSE_ROLE_OPEN, BOURSE_ROLE_HIGH, BOURSE_ROLE_LOW, BOURSE_ROLE_CLOSE,
        BOURSE_ROLE_HEAT, BOURSE_ROLE_LOWER, BOURSE_ROLE_UPPER}) {
    expect_bad({.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}, {role, "name"}}},
               "role " + std::to_string(role));
  }
  expect_good(
      {.channels = {{BOURSE_ROLE_X, "name"}, {BOURSE_ROLE_Y, "y"}, {BOURSE_ROLE_GROUP, "name"}}},
      "categories and groups");
  expect_good({.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "d"}}}, "decimals are numbers");
}

TEST(ReportChart, LevelsAndRangeAreFiniteFewAndOrdered) {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  expect_good({.levels = std::vector<double>(16, 1.0)}, "16 levels");
  expect_bad({.levels = std::vector<double>(17, 1.0)}, "17 levels");
  expect_bad({.levels = {30, nan}}, "NaN");
  expect_bad({.levels = {infinity}}, "infinity");
  expect_good({.range = {0, 100}}, "range");
  expect_bad({.range = {100, 0}}, "the higher first");
  expect_bad({.range = {1, 1}}, "no extent");
  expect_bad({.range = {0, nan}}, "NaN in the range");
  expect_bad({.range = {-infinity, 0}}, "endless");
  expect_bad({}, "levels counted but not there", [](bourse_chart& c) {
    c.n_levels = 2;
    c.levels = nullptr;
  });
}

TEST(ReportChart, WhatIsNotSaidRightIsRefused) {
  expect_bad({.name = nullptr}, "no name");
  expect_bad({.name = "a.b"}, "a name with a dot");
  expect_bad({.name = ""}, "an empty name");
  expect_bad({.kind = 0}, "kind 0");
  expect_bad({.kind = 8}, "kind 8");
  expect_bad({.kind = -1}, "kind -1");
  expect_bad({.channels = {}}, "no channels");
  expect_bad({.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}, {0, "y"}}}, "role 0");
  expect_bad({.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}, {11, "y"}}}, "role 11");
  expect_bad({.channels = std::vector<Channel>(33, {BOURSE_ROLE_Y, "y"})}, "33 channels");
  expect_bad({}, "size not set", [](bourse_chart& c) { c.size = 0; });
  expect_bad({}, "channels not there", [](bourse_chart& c) { c.channels = nullptr; });
  expect_bad({}, "more channels than memory",
             [](bourse_chart& c) { c.n_channels = std::numeric_limits<std::size_t>::max(); });
  expect_bad({}, "a null channel", [](bourse_chart& c) {
    static const bourse_channel* const kNone[] = {nullptr};
    c.n_channels = 1;
    c.channels = kNone;
  });
  expect_bad({}, "a channel without size", [](bourse_chart& c) {
    static const bourse_channel kOld = {4, BOURSE_ROLE_X, "at", nullptr};
    static const bourse_channel* const kOne[] = {&kOld};
    c.n_channels = 1;
    c.channels = kOne;
  });
  Drawing drawing;
  EXPECT_EQ(drawing.builder.chart(nullptr), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(drawing.builder), "bad_chart");
}

TEST(ReportChart, MustComeAfterItsTable) {
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(Sketch{}.draw(builder), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(builder), "bad_chart");
}

TEST(ReportChart, NamesAreUniqueAndCountsBounded) {
  Drawing drawing;
  EXPECT_EQ(Sketch{}.draw(drawing.builder), BOURSE_OK);
  EXPECT_EQ(Sketch{}.draw(drawing.builder), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(drawing.builder), "repeated_chart");

  Drawing many;
  for (int i = 0; i < 64; ++i) {
    const std::string name = "c" + std::to_string(i);
    ASSERT_EQ(Sketch{.name = name.c_str()}.draw(many.builder), BOURSE_OK);
  }
  EXPECT_EQ(Sketch{.name = "last"}.draw(many.builder), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(many.builder), "too_many_charts");
}

TEST(ReportChart, IsCopiedWhole) {
  Drawing drawing;
  {
    const auto chart = Chart(BOURSE_CHART_LINE, "rsi", "RSI")
                           .of("t")
                           .pane("below")
                           .channel(BOURSE_ROLE_X, "at")
                           .channel(BOURSE_ROLE_Y, "y", "RSI 14")
                           .level(30)
                           .level(70)
                           .range(0, 100);
    EXPECT_EQ(chart.with_wire([&](const bourse_chart& c) { return drawing.builder.chart(&c); }),
              BOURSE_OK);
  }
  const auto report = finished(drawing.builder);
  ASSERT_EQ(report->wire().n_charts, 1U);
  const bourse_chart& chart = *report->wire().charts[0];
  EXPECT_EQ(chart.size, sizeof chart);
  EXPECT_EQ(chart.kind, BOURSE_CHART_LINE);
  EXPECT_STREQ(chart.name, "rsi");
  EXPECT_STREQ(chart.title, "RSI");
  EXPECT_STREQ(chart.table, "t");
  EXPECT_STREQ(chart.pane, "below");
  ASSERT_EQ(chart.n_channels, 2U);
  EXPECT_EQ(chart.channels[1]->role, BOURSE_ROLE_Y);
  EXPECT_STREQ(chart.channels[1]->field, "y");
  EXPECT_STREQ(chart.channels[1]->label, "RSI 14");
  EXPECT_EQ(chart.channels[0]->label, nullptr);
  ASSERT_EQ(chart.n_levels, 2U);
  EXPECT_EQ(chart.levels[1], 70);
  EXPECT_EQ(chart.range[1], 100);
}

}  // namespace
}  // namespace bourse::host::test
