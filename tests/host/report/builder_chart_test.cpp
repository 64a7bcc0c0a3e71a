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
  const char* label = nullptr;
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
      made.push_back({sizeof(bourse_channel), c.role, c.field, c.label});
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
  for (const bourse_role role : {BOURSE_ROLE_Y, BOURSE_ROLE_OPEN, BOURSE_ROLE_HIGH, BOURSE_ROLE_LOW,
                                 BOURSE_ROLE_CLOSE, BOURSE_ROLE_HEAT, BOURSE_ROLE_LOWER,
                                 BOURSE_ROLE_UPPER, BOURSE_ROLE_SIZE, BOURSE_ROLE_COLOR}) {
    expect_bad({.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}, {role, "name"}}},
               "role " + std::to_string(role));
  }
  expect_good(
      {.channels = {{BOURSE_ROLE_X, "name"}, {BOURSE_ROLE_Y, "y"}, {BOURSE_ROLE_GROUP, "name"}}},
      "categories and groups");
  expect_good(
      {.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}, {BOURSE_ROLE_LABEL, "name"}}},
      "what stands beside a mark");
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
  expect_bad({.kind = -1}, "kind -1");
  expect_bad({.channels = {}}, "no channels");
  expect_bad({.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}, {0, "y"}}}, "role 0");
  expect_bad({.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}, {-3, "y"}}}, "role -3");
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
    static const bourse_channel kOld = {8, BOURSE_ROLE_X, "at", nullptr};
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
    std::string title = "RSI", pane = "below", label = "RSI 14", level = "low", guide = "split";
    const bourse_value guides[] = {moment(7), moment(9)};
    const char* const guide_labels[] = {guide.c_str(), nullptr};
    const char* const level_labels[] = {level.c_str(), nullptr};
    const Sketch sketch{.channels = {{BOURSE_ROLE_X, "at"},
                                     {BOURSE_ROLE_Y, "y", label.c_str()},
                                     {BOURSE_ROLE_SIZE, "lo"},
                                     {BOURSE_ROLE_COLOR, "d"},
                                     {BOURSE_ROLE_LABEL, "name"}},
                        .levels = {30, 70},
                        .range = {0, 100},
                        .name = "rsi"};
    EXPECT_EQ(sketch.draw(drawing.builder,
                          [&](bourse_chart& c) {
                            c.title = title.c_str();
                            c.pane = pane.c_str();
                            c.axis = 1;
                            c.flags = BOURSE_DRAW_LOGARITHMIC | BOURSE_DRAW_HORIZONTAL;
                            c.level_labels = level_labels;
                            c.n_guides = 2;
                            c.guides = guides;
                            c.guide_labels = guide_labels;
                          }),
              BOURSE_OK);
    for (std::string* owned : {&title, &pane, &label, &level, &guide}) {
      owned->assign(owned->size(), '!');
    }
  }
  const auto report = finished(drawing.builder);
  ASSERT_EQ(report->wire().n_charts, 1U);
  const bourse_chart& chart = *report->wire().charts[0];
  EXPECT_EQ(chart.size, sizeof chart);
  EXPECT_EQ(chart.kind, BOURSE_CHART_LINE);
  EXPECT_EQ(chart.axis, 1);
  EXPECT_EQ(chart.flags, std::uint32_t{BOURSE_DRAW_LOGARITHMIC | BOURSE_DRAW_HORIZONTAL});
  EXPECT_STREQ(chart.name, "rsi");
  EXPECT_STREQ(chart.title, "RSI");
  EXPECT_STREQ(chart.table, "t");
  EXPECT_STREQ(chart.pane, "below");
  ASSERT_EQ(chart.n_channels, 5U);
  EXPECT_EQ(chart.channels[1]->role, BOURSE_ROLE_Y);
  EXPECT_STREQ(chart.channels[1]->field, "y");
  EXPECT_STREQ(chart.channels[1]->label, "RSI 14");
  EXPECT_EQ(chart.channels[0]->label, nullptr);
  EXPECT_EQ(chart.channels[2]->role, BOURSE_ROLE_SIZE);
  EXPECT_EQ(chart.channels[3]->role, BOURSE_ROLE_COLOR);
  EXPECT_EQ(chart.channels[4]->role, BOURSE_ROLE_LABEL);
  ASSERT_EQ(chart.n_levels, 2U);
  EXPECT_EQ(chart.levels[1], 70);
  EXPECT_STREQ(chart.level_labels[0], "low");
  EXPECT_EQ(chart.level_labels[1], nullptr);
  ASSERT_EQ(chart.n_guides, 2U);
  EXPECT_EQ(chart.guides[1].as.i64, 9);
  EXPECT_STREQ(chart.guide_labels[0], "split");
  EXPECT_EQ(chart.guide_labels[1], nullptr);
  EXPECT_EQ(chart.range[1], 100);
}

// ---- guides

/// Draws with these guides over x of the given field.
std::string with_guides(const char* x, const std::vector<bourse_value>& guides) {
  Drawing drawing;
  const Sketch sketch{.channels = {{BOURSE_ROLE_X, x}, {BOURSE_ROLE_Y, "y"}}};
  sketch.draw(drawing.builder, [&](bourse_chart& c) {
    c.n_guides = guides.size();
    c.guides = guides.data();
  });
  return mistake(drawing.builder).message;
}

TEST(ReportChart, GuidesAreOfTheTypeOfX) {
  EXPECT_EQ(with_guides("at", {moment(1)}), "");
  EXPECT_EQ(with_guides("x", {real(1.5)}), "");
  EXPECT_EQ(with_guides("name", {words("BTC")}), "");
  EXPECT_EQ(with_guides("d", {decimal({1, 0}, 2)}), "");
  const std::string wrong = "chart c: guide 1 has another type than its x, field ";
  EXPECT_EQ(with_guides("at", {integer(1)}), wrong + "at");
  EXPECT_EQ(with_guides("x", {moment(1)}), wrong + "x");
  EXPECT_EQ(with_guides("x", {typed(BOURSE_TYPE_NULL)}), wrong + "x");
  EXPECT_EQ(with_guides("x", {typed(12)}), wrong + "x");
}

TEST(ReportChart, GuidesAreFiniteFewAndThere) {
  EXPECT_EQ(with_guides("x", std::vector<bourse_value>(16, real(1))), "");
  EXPECT_EQ(with_guides("x", std::vector<bourse_value>(17, real(1))),
            "chart c: it has 17 guides, at most 16 are taken");
  EXPECT_EQ(with_guides("x", {real(1), real(std::nan(""))}), "chart c: guide 2 is not finite");
  bourse_value nowhere = typed(BOURSE_TYPE_TEXT);
  nowhere.as.text = {nullptr, 4};
  EXPECT_EQ(with_guides("name", {nowhere}), "chart c: guide 1: a text is null, but not empty");
  EXPECT_EQ(with_guides("d", {decimal({0, std::numeric_limits<std::int64_t>::min()}, 0)}),
            "chart c: guide 1: a decimal has at most 38 digits and a scale from -38 to 38");
  expect_bad({}, "guides counted but not there", [](bourse_chart& c) { c.n_guides = 2; });
}

// ---- limits

TEST(ReportChart, ARefusalByALimitNamesTheNumber) {
  Drawing drawing;
  Sketch{.channels = std::vector<Channel>(33, {BOURSE_ROLE_Y, "y"})}.draw(drawing.builder);
  EXPECT_EQ(mistake(drawing.builder).message, "chart c: it has 33 channels, at most 32 are taken");
  Drawing other;
  Sketch{.levels = std::vector<double>(17, 1.0)}.draw(other.builder);
  EXPECT_EQ(mistake(other.builder).message, "chart c: it has 17 levels, at most 16 are taken");
}

TEST(ReportChart, ATitleTooLongToShowIsLeftOutAndTheReportSaysSo) {
  const std::string title(BOURSE_MAX_LINE_BYTES + 1, 'x');
  Drawing drawing;
  EXPECT_EQ(Sketch{}.draw(drawing.builder, [&](bourse_chart& c) { c.title = title.c_str(); }),
            BOURSE_OK);
  const auto report = finished(drawing.builder);
  EXPECT_EQ(report->wire().charts[0]->title, nullptr);
  EXPECT_EQ(left_out(report->wire()),
            "Left out, because it is too long: the title of chart c (at most 512 bytes).");
}

// ---- what this host does not know

const std::string kUnknown = "Left out, because this host does not know it: ";

/// Draws the sketch, which is no mistake, and gives how many charts there are and what was left
/// out.
std::pair<std::size_t, std::string> faded(const Sketch& sketch,
                                          const std::function<void(bourse_chart&)>& change = {}) {
  ReportBuilder builder("p/c", "T");
  add_table(builder, {Field("at", BOURSE_TYPE_TIME), Field("y", BOURSE_TYPE_F64)});
  EXPECT_EQ(sketch.draw(builder, change), BOURSE_OK);
  const auto report = finished(builder);
  if (report == nullptr) return {};
  return {report->wire().n_charts, left_out(report->wire())};
}

TEST(ReportChart, OfAnUnknownKindIsLeftOutWhateverItsPartsAre) {
  EXPECT_EQ(faded({.kind = 99}), std::pair(std::size_t{0}, kUnknown + "chart c (kind 99)."));
  EXPECT_EQ(faded({.kind = 8, .channels = {}, .table = nullptr}),
            std::pair(std::size_t{0}, kUnknown + "chart c (kind 8)."));
}

TEST(ReportChart, OnAThirdAxisIsLeftOut) {
  EXPECT_EQ(faded({}, [](bourse_chart& c) { c.axis = 2; }),
            std::pair(std::size_t{0}, kUnknown + "chart c (axis 2)."));
  expect_bad({}, "axis -1", [](bourse_chart& c) { c.axis = -1; });
}

TEST(ReportChart, LosesAChannelOfAnUnknownRoleAndIsDrawnWithoutIt) {
  EXPECT_EQ(faded({.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}, {14, "y"}}}),
            std::pair(std::size_t{1}, kUnknown + "role 14 in chart c."));
}

TEST(ReportChart, ThatLosesAChannelItNeedsIsLeftOut) {
  EXPECT_EQ(faded({.channels = {{BOURSE_ROLE_X, "at"}, {14, "y"}}}),
            std::pair(std::size_t{0}, kUnknown + "chart c (role 14)."));
}

TEST(ReportChart, LosesTheColumnThatItsTableLost) {
  const std::vector<Field> fields = {Field("at", BOURSE_TYPE_TIME), Field("y", BOURSE_TYPE_F64),
                                     Field("odd", 12)};
  ReportBuilder builder("p/c", "T");
  add_table(builder, fields);
  EXPECT_EQ(
      (Sketch{.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "y"}, {BOURSE_ROLE_SIZE, "odd"}},
              .name = "kept"})
          .draw(builder),
      BOURSE_OK);
  EXPECT_EQ((Sketch{.channels = {{BOURSE_ROLE_X, "at"}, {BOURSE_ROLE_Y, "odd"}}, .name = "lost"})
                .draw(builder),
            BOURSE_OK);
  const auto report = finished(builder);
  ASSERT_EQ(report->wire().n_charts, 1U);
  EXPECT_EQ(report->wire().charts[0]->n_channels, 2U);
  EXPECT_EQ(left_out(report->wire()), kUnknown +
                                          "column odd of table t (type 12), column odd in chart "
                                          "kept, chart lost (column odd).");
}

TEST(ReportChart, OfATableThatWasLeftOutIsLeftOut) {
  ReportBuilder builder("p/c", "T");
  add_table(builder, {Field("at", 12), Field("y", 12)});
  EXPECT_EQ(Sketch{}.draw(builder), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_EQ(report->wire().n_charts, 0U);
  EXPECT_NE(left_out(report->wire()).find("table t, chart c (table t)."), std::string::npos);
}

TEST(ReportChart, FlagsWithoutANameAreCleared) {
  Drawing drawing;
  EXPECT_EQ(Sketch{}.draw(drawing.builder, [](bourse_chart& c) { c.flags = ~0U; }), BOURSE_OK);
  const auto report = finished(drawing.builder);
  EXPECT_EQ(report->wire().charts[0]->flags,
            std::uint32_t{BOURSE_DRAW_LOGARITHMIC | BOURSE_DRAW_STACKED | BOURSE_DRAW_HORIZONTAL});
}

// ---- growth

TEST(ReportChart, AndChannelsOfANewerContractAreTaken) {
  struct {
    bourse_channel known;
    std::uint64_t more = ~std::uint64_t{0};
  } x{{sizeof x, BOURSE_ROLE_X, "at", nullptr}}, y{{sizeof y, BOURSE_ROLE_Y, "y", "Y"}};
  const bourse_channel* const channels[] = {&x.known, &y.known};
  struct {
    bourse_chart known{};
    std::uint64_t more = ~std::uint64_t{0};
  } chart;
  chart.known.size = sizeof chart;
  chart.known.kind = BOURSE_CHART_LINE;
  chart.known.name = "c";
  chart.known.table = "t";
  chart.known.n_channels = 2;
  chart.known.channels = channels;
  Drawing drawing;
  EXPECT_EQ(drawing.builder.chart(&chart.known), BOURSE_OK);
  const auto report = finished(drawing.builder);
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->wire().charts[0]->size, sizeof(bourse_chart));
  EXPECT_EQ(report->wire().charts[0]->channels[1]->size, sizeof(bourse_channel));
}

TEST(ReportChart, OfAnOlderContractIsReadNoFurtherThanItsSize) {
  // A chart that ends with its channels, and channels that end with their fields: the rest is
  // noise.
  bourse_channel x{offsetof(bourse_channel, label), BOURSE_ROLE_X, "at",
                   reinterpret_cast<const char*>(8)};
  bourse_channel y{offsetof(bourse_channel, label), BOURSE_ROLE_Y, "y",
                   reinterpret_cast<const char*>(8)};
  const bourse_channel* const channels[] = {&x, &y};
  bourse_chart chart;
  std::memset(static_cast<void*>(&chart), 0xEE, sizeof chart);
  chart.size = offsetof(bourse_chart, n_levels);
  chart.flags = 0;
  chart.kind = BOURSE_CHART_LINE;
  chart.axis = 0;
  chart.name = "c";
  chart.title = nullptr;
  chart.table = "t";
  chart.pane = nullptr;
  chart.n_channels = 2;
  chart.channels = channels;
  Drawing drawing;
  EXPECT_EQ(drawing.builder.chart(&chart), BOURSE_OK);
  const auto report = finished(drawing.builder);
  ASSERT_NE(report, nullptr);
  const bourse_chart& kept = *report->wire().charts[0];
  EXPECT_EQ(kept.n_levels + kept.n_guides, 0U);
  EXPECT_EQ(kept.range, nullptr);
  EXPECT_EQ(kept.channels[1]->label, nullptr);
}

}  // namespace
}  // namespace bourse::host::test
