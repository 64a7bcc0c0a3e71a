// SPDX-License-Identifier: MIT
//
// What holds for every picture, over the samples and seeded hostile reports in many sizes: nothing
// outside the canvas, no two texts that touch, plots of a panel aligned.
#include "plugins/serializers/charting/scene.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "tests/plugins/serializers/charting/sample_reports.hpp"
#include "tests/plugins/serializers/kitchen_sink.hpp"

namespace bourse::charting {
namespace {

using test::ReportPtr;

struct Canvas {
  double width, height, scale;
};
constexpr std::array<Canvas, 9> kCanvases = {{{1200, 800, 1},
                                              {400, 300, 1},
                                              {2400, 1600, 1},
                                              {100, 100, 1},
                                              {4000, 100, 1},
                                              {100, 4000, 1},
                                              {1200, 800, 2},
                                              {777, 333, 1.3},
                                              {640, 480, 0.5}}};

Scene draw(const ReportPtr& report, Canvas canvas) {
  return build_scene(report->wire(),
                     {.width = canvas.width, .height = canvas.height, .scale = canvas.scale});
}

const std::vector<std::pair<std::string, ReportPtr>>& samples() {
  static const auto all = test::all_samples();
  return all;
}

std::string name(const std::string& sample, Canvas c) {
  std::ostringstream out;
  out << sample << " " << c.width << "x" << c.height << "@" << c.scale;
  return out.str();
}

// ---- texts that touch ---------------------------------------------------------------------------

using Corners = std::array<Point, 4>;

/// Of the ink of digits and capitals, a little smaller than the line.
Corners corners(const Text& text) {
  const double start = text.anchor == Anchor::kStart    ? 0
                       : text.anchor == Anchor::kMiddle ? -text.width / 2
                                                        : -text.width;
  const double turn = text.angle * std::acos(-1.0) / 180;
  const double cosine = std::cos(turn), sine = std::sin(turn);
  Corners out;
  const double x[] = {start, start + text.width}, y[] = {-0.74 * text.font.size, 0};
  std::size_t n = 0;
  for (const auto& [i, j] : {std::pair{0, 0}, {1, 0}, {1, 1}, {0, 1}}) {
    out[n++] = {text.at.x + x[i] * cosine + y[j] * sine, text.at.y - x[i] * sine + y[j] * cosine};
  }
  return out;
}

/// Whether a line along one side of `a` keeps the two apart.
bool separated(const Corners& a, const Corners& b) {
  for (std::size_t i = 0; i < 4; ++i) {
    const Point p = a[i], q = a[(i + 1) % 4];
    const double nx = q.y - p.y, ny = p.x - q.x;
    const auto along = [&](Point r) { return (r.x - p.x) * nx + (r.y - p.y) * ny; };
    double a_most = -1e300, a_least = 1e300, b_most = -1e300, b_least = 1e300;
    for (const Point r : a) {
      a_most = std::max(a_most, along(r));
      a_least = std::min(a_least, along(r));
    }
    for (const Point r : b) {
      b_most = std::max(b_most, along(r));
      b_least = std::min(b_least, along(r));
    }
    if (a_most <= b_least + 1e-6 || b_most <= a_least + 1e-6) return true;
  }
  return false;
}

std::vector<const Text*> texts_of(const Scene& scene) {
  std::vector<const Text*> out;
  for (const Group& group : scene.groups) {
    for (const Shape& shape : group.shapes) {
      if (const auto* text = std::get_if<Text>(&shape)) out.push_back(text);
    }
  }
  return out;
}

void expect_texts_apart(const Scene& scene, const std::string& what) {
  const auto texts = texts_of(scene);
  if (texts.size() > 3000) return;  // the cells of a heat map are checked by their width
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Corners a = corners(*texts[i]);
    for (std::size_t j = 0; j < i; ++j) {
      const Corners b = corners(*texts[j]);
      if (separated(a, b) || separated(b, a)) continue;
      ADD_FAILURE() << what << ": \"" << texts[i]->text << "\" touches \"" << texts[j]->text
                    << "\" at " << texts[i]->at.x << "," << texts[i]->at.y;
      return;
    }
  }
}

// ---- what holds everywhere ----------------------------------------------------------------------

bool finite(const Rect& r) {
  return std::isfinite(r.x) && std::isfinite(r.y) && std::isfinite(r.width) &&
         std::isfinite(r.height);
}

void expect_inside(const Scene& scene, const std::string& what) {
  const Rect canvas{0, 0, scene.width, scene.height};
  constexpr double kHalfLine = 2.6;  // lines and dots may reach out of the clip by half their width
  for (const Group& group : scene.groups) {
    EXPECT_TRUE(canvas.covers(group.clip.value_or(canvas), 1e-6)) << what;
    for (const Shape& shape : group.shapes) {
      const Rect bounds = bounds_of(shape);
      ASSERT_TRUE(finite(bounds)) << what;
      const Rect room = group.clip.value_or(canvas);
      const auto* const dots = std::get_if<Dots>(&shape);
      const double over = dots == nullptr ? kHalfLine : std::max(kHalfLine, dots->radius + 0.1);
      ASSERT_TRUE(room.covers(bounds, group.clip ? over : 0.51))
          << what << ": shape " << shape.index() << " at " << bounds.x << "," << bounds.y << " "
          << bounds.width << "x" << bounds.height;
    }
  }
}

void expect_sound(const Scene& scene, const std::string& what) {
  expect_inside(scene, what);
  expect_texts_apart(scene, what);
  for (const Text* text : texts_of(scene)) {
    ASSERT_FALSE(text->text.empty()) << what;
    ASSERT_EQ(text->text, clean_text(text->text)) << what;
    ASSERT_DOUBLE_EQ(text->width, text_width(text->text, text->font)) << what;
  }
  for (const Group& group : scene.groups) {
    for (const Shape& shape : group.shapes) {
      const auto* strokes = std::get_if<Strokes>(&shape);
      if (strokes == nullptr) continue;
      for (const auto& line : strokes->lines) ASSERT_GE(line.size(), 2U) << what;
    }
  }
}

TEST(Scene, NothingIsOutsideTheCanvasAndNoTextsTouch) {
  for (const auto& [sample, report] : samples()) {
    for (const Canvas canvas : kCanvases) {
      expect_sound(draw(report, canvas), name(sample, canvas));
    }
  }
}

TEST(Scene, TheKitchenSinkKeepsToTheRules) {
  for (const Canvas canvas : kCanvases) {
    expect_sound(draw(test::kitchen_sink(), canvas), name("kitchen sink", canvas));
    expect_sound(draw(test::empty_report(), canvas), name("empty report", canvas));
  }
}

TEST(Scene, HostileReportsKeepToTheSameRules) {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const auto report = test::hostile_sample(seed);
    const Canvas canvas = kCanvases[seed % kCanvases.size()];
    expect_sound(draw(report, canvas), name("hostile " + std::to_string(seed), canvas));
    if (HasFatalFailure()) return;
  }
}

TEST(Scene, HostileChartsWithAllThatTheyMayHaveKeepToTheSameRules) {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const auto report = test::hostile_looks_sample(seed);
    const Canvas canvas = kCanvases[seed % kCanvases.size()];
    expect_sound(draw(report, canvas), name("hostile looks " + std::to_string(seed), canvas));
    if (HasFatalFailure()) return;
  }
}

TEST(Scene, EveryWidthFromNarrowToWideKeepsLabelsApart) {
  const auto technical = test::technical_sample({.rows = 90});
  const auto depth = test::depth_sample(60);
  const auto statistics = test::statistics_sample(17);
  for (double width = 100; width <= 2400; width += 23) {
    for (const auto& report : {technical, depth, statistics}) {
      const Canvas canvas{width, 500, 1};
      expect_sound(draw(report, canvas), name("widths", canvas));
    }
  }
}

TEST(Scene, IsTheSameEveryTime) {
  const auto report = test::technical_sample({.rows = 300});
  const Scene a = draw(report, kCanvases[0]), b = draw(report, kCanvases[0]);
  ASSERT_EQ(a.groups.size(), b.groups.size());
  for (std::size_t g = 0; g < a.groups.size(); ++g) {
    ASSERT_EQ(a.groups[g].shapes.size(), b.groups[g].shapes.size());
    for (std::size_t s = 0; s < a.groups[g].shapes.size(); ++s) {
      EXPECT_EQ(bounds_of(a.groups[g].shapes[s]), bounds_of(b.groups[g].shapes[s]));
    }
  }
  EXPECT_EQ(a.description(), b.description());
}

TEST(Scene, TheThemeChangesColoursOnly) {
  const auto report = test::technical_sample({.rows = 60});
  const Scene light = build_scene(report->wire(), {.theme = Theme::kLight});
  const Scene dark = build_scene(report->wire(), {.theme = Theme::kDark});
  ASSERT_EQ(light.groups.size(), dark.groups.size());
  for (std::size_t g = 0; g < light.groups.size(); ++g) {
    ASSERT_EQ(light.groups[g].shapes.size(), dark.groups[g].shapes.size());
  }
  EXPECT_NE(light.theme, dark.theme);
}

// ---- panes --------------------------------------------------------------------------------------

TEST(Scene, PlotsOfOnePanelAreAlignedAndInOrder) {
  for (const Canvas canvas : kCanvases) {
    const Scene scene = draw(test::technical_sample({.rows = 200}), canvas);
    ASSERT_FALSE(scene.panes.empty());
    for (std::size_t i = 1; i < scene.panes.size(); ++i) {
      EXPECT_EQ(scene.panes[i].plot.x, scene.panes[0].plot.x);
      EXPECT_EQ(scene.panes[i].plot.width, scene.panes[0].plot.width);
      EXPECT_GT(scene.panes[i].plot.y, scene.panes[i - 1].plot.bottom());
      EXPECT_LT(scene.panes[i].plot.height, scene.panes[0].plot.height);  // candles get more
    }
  }
}

TEST(Scene, AllFourPanesAreShownAtTheUsualSizes) {
  for (const Canvas canvas : {kCanvases[0], kCanvases[1], kCanvases[2]}) {
    const Scene scene = draw(test::technical_sample({.rows = 200}), canvas);
    ASSERT_EQ(scene.panes.size(), 4U);
    EXPECT_EQ(scene.panes[0].title, "Price");
    EXPECT_EQ(scene.panes[1].title, "Volume");
    EXPECT_EQ(scene.panes[2].title, "RSI 14");
    EXPECT_EQ(scene.panes[3].title, "MACD 12, 26, 9");
  }
}

TEST(Scene, EveryPaneIsDescribedInWords) {
  const Scene scene = draw(test::line_sample({1, 5, 2.5}), kCanvases[0]);
  ASSERT_EQ(scene.panes.size(), 2U);
  EXPECT_EQ(scene.panes[0].description,
            "2024-12-20 10:00 UTC to 2024-12-20 10:02 UTC; value (line): last 2.5, from 1 to 5");
  EXPECT_EQ(scene.panes[1].description,
            "number from 0 to 0.5; value (points): last 2.5, from 1 to 5");
  EXPECT_EQ(scene.description().substr(0, 6), "Lines\n");
  const Scene empty = draw(test::line_sample({}), kCanvases[0]);
  EXPECT_EQ(empty.panes[0].description, "value (line): no data");
}

TEST(Scene, OnePanelCanBeDrawnAlone) {
  const auto report = test::correlation_sample(8);
  const Panels panels(report->wire());
  ASSERT_EQ(panels.size(), 2U);
  EXPECT_EQ(panels.charts_left_out(), 0U);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const Scene scene = panels.scene(i, SceneOptions{.width = 900, .height = panels.height(i)});
    ASSERT_EQ(scene.panes.size(), 1U);
    expect_sound(scene, scene.panes[0].title);
  }
  EXPECT_EQ(panels.scene(0, SceneOptions{}).panes[0].title, "Correlation of returns");
}

// ---- what is said -------------------------------------------------------------------------------

bool says(const Scene& scene, std::string_view part) {
  for (const Text* text : texts_of(scene)) {
    if (text->text.find(part) != std::string::npos) return true;
  }
  return false;
}

TEST(Scene, EmptyAndMissingDataAreCalledSo) {
  EXPECT_TRUE(says(draw(test::technical_sample({.rows = 0}), kCanvases[0]), "no data"));
  EXPECT_TRUE(says(draw(test::line_sample({std::nan(""), std::nan("")}), kCanvases[0]), "no data"));
  EXPECT_FALSE(says(draw(test::line_sample({1, 2}), kCanvases[0]), "no data"));
}

TEST(Scene, TheHeadingHasTitleTimeAndNotesWarningsFirst) {
  const Scene scene = draw(test::technical_sample({.rows = 60, .missing = 20}), kCanvases[0]);
  EXPECT_TRUE(says(scene, "BTCUSDT, 1h: technical analysis"));
  EXPECT_TRUE(says(scene, "as of 2024-12-20 10:00 UTC"));
  double warning = 0, information = 0;
  for (const Text* text : texts_of(scene)) {
    if (text->ink.role == Role::kWarning) warning = text->at.y;
    if (text->text.find("forming") != std::string::npos) information = text->at.y;
  }
  EXPECT_GT(warning, 0);
  EXPECT_GT(information, warning);
}

TEST(Scene, NumbersThatAreNotFiniteAreLeftOutAndItSaysSo) {
  const auto report = test::make_report([](const Call& call) {
    const std::vector<double> v = {1, std::numeric_limits<double>::infinity(), 3};
    TableBuilder table("t", "T");
    table.column(Field("v", BOURSE_TYPE_F64), std::span<const double>(v));
    call.add(table);
    call.add(Chart(BOURSE_CHART_LINE, "l", "L")
                 .of("t")
                 .channel(BOURSE_ROLE_X, "v")
                 .channel(BOURSE_ROLE_Y, "v"));
  });
  const Scene scene = draw(report, kCanvases[0]);
  EXPECT_TRUE(says(scene, "1 number is not finite and is shown as missing"));
  expect_sound(scene, "infinity");
}

TEST(Scene, ManyNotesAreCounted) {
  const auto report = test::make_report([](const Call& call) {
    for (int i = 0; i < 30; ++i) call.warn("again", "One of many.");
    call.note(BOURSE_LEVEL_DEBUG, "detail", "For programs.");
  });
  EXPECT_TRUE(says(draw(report, kCanvases[0]), "+28 notes"));
}

TEST(Scene, AReportWithoutChartsIsACard) {
  const Scene scene = draw(test::card_sample(), kCanvases[0]);
  for (const char* text :
       {"Trading rules", "these rules are 12 minutes old", "total symbols", "1,912", "0.0312346 %",
        "1,234,567,890.5 USDT", "2024-12-20 10:00 UTC", "Tick size, USDT", "DOGEUSDT", "TRADING"}) {
    EXPECT_TRUE(says(scene, text)) << text;
  }
}

TEST(Scene, PanelsWithoutRoomAreCounted) {
  const auto report = test::make_report([](const Call& call) {
    const std::vector<double> v = {1, 2};
    TableBuilder table("t", "T");
    std::vector<std::string> names;
    for (int i = 0; i < 20; ++i) names.push_back("x" + std::to_string(i));
    for (const auto& n : names) {
      table.column(Field(n.c_str(), BOURSE_TYPE_F64), std::span<const double>(v));
    }
    call.add(table);
    for (const auto& n : names) {
      call.add(Chart(BOURSE_CHART_LINE, n, n)
                   .of("t")
                   .channel(BOURSE_ROLE_X, n)
                   .channel(BOURSE_ROLE_Y, "x0"));
    }
  });
  EXPECT_EQ(draw(report, {2400, 1600, 1}).panes.size(), 20U);
  const Scene small = draw(report, {400, 300, 1});
  EXPECT_LT(small.panes.size(), 20U);
  EXPECT_TRUE(says(small, "+" + std::to_string(20 - small.panes.size()) + " more"));
}

// ---- marks --------------------------------------------------------------------------------------

/// Widths and gaps of the boxes of one ink within clips, by their left edges.
std::vector<Rect> boxes_of(const Scene& scene, const PaneInfo& pane, Role role) {
  std::vector<Rect> out;
  for (const Group& group : scene.groups) {
    if (!group.clip || !(*group.clip == pane.plot)) continue;
    for (const Shape& shape : group.shapes) {
      const auto* boxes = std::get_if<Boxes>(&shape);
      if (boxes == nullptr || boxes->ink.role != role) continue;
      out.insert(out.end(), boxes->rects.begin(), boxes->rects.end());
    }
  }
  std::sort(out.begin(), out.end(), [](const Rect& a, const Rect& b) { return a.x < b.x; });
  return out;
}

TEST(Scene, BarsKeepADevicePixelBetweenThemHoweverMany) {
  for (const std::size_t rows : {10, 200, 500, 777, 1000, 5000}) {
    for (const double scale : {1.0, 2.0, 1.5}) {
      const Canvas canvas{1200, 800, scale};
      const Scene scene = draw(test::technical_sample({.rows = rows}), canvas);
      auto bars = boxes_of(scene, scene.panes.at(1), Role::kUp);
      for (const Rect& bar : boxes_of(scene, scene.panes.at(1), Role::kDown)) bars.push_back(bar);
      std::sort(bars.begin(), bars.end(), [](const Rect& a, const Rect& b) { return a.x < b.x; });
      ASSERT_GT(bars.size(), std::min<std::size_t>(rows, 250) - 1);
      for (std::size_t i = 1; i < bars.size(); ++i) {
        ASSERT_GE(bars[i].x - bars[i - 1].right(), 1 / scale - 1e-6)
            << rows << " rows, bar " << i << " at scale " << scale;
      }
      for (const Rect& bar : bars) ASSERT_GE(bar.width, 1 / scale - 1e-6);
    }
  }
}

TEST(Scene, BoxesSitOnDevicePixels) {
  for (const Canvas canvas : kCanvases) {
    const Scene scene = draw(test::technical_sample({.rows = 200}), canvas);
    for (const Group& group : scene.groups) {
      for (const Shape& shape : group.shapes) {
        const auto* boxes = std::get_if<Boxes>(&shape);
        if (boxes == nullptr) continue;
        for (const Rect& r : boxes->rects) {
          for (const double edge : {r.x, r.y, r.right(), r.bottom()}) {
            ASSERT_NEAR(edge * canvas.scale, std::round(edge * canvas.scale), 1e-6)
                << name("edges", canvas);
          }
        }
      }
    }
  }
}

TEST(Scene, SharedCandlesReachAsFarAsTheRowsTheyStandFor) {
  // One row in five thousand reaches out: its wick must be there.
  const auto report = test::make_report([](const Call& call) {
    constexpr std::size_t kRows = 5000;
    std::vector<std::int64_t> times(kRows);
    std::vector<double> open(kRows, 100), high(kRows, 101), low(kRows, 99), close(kRows, 100.5);
    for (std::size_t i = 0; i < kRows; ++i)
      times[i] = static_cast<std::int64_t>(i) * 60'000'000'000;
    high[2222] = 200;
    low[3333] = 10;
    TableBuilder table("c", "C");
    table.column(Field("t", BOURSE_TYPE_TIME), std::span<const std::int64_t>(times))
        .column(Field("o", BOURSE_TYPE_F64), std::span<const double>(open))
        .column(Field("h", BOURSE_TYPE_F64), std::span<const double>(high))
        .column(Field("l", BOURSE_TYPE_F64), std::span<const double>(low))
        .column(Field("c", BOURSE_TYPE_F64), std::span<const double>(close));
    call.add(table);
    call.add(Chart(BOURSE_CHART_CANDLE, "c", "C")
                 .of("c")
                 .channel(BOURSE_ROLE_X, "t")
                 .channel(BOURSE_ROLE_OPEN, "o")
                 .channel(BOURSE_ROLE_HIGH, "h")
                 .channel(BOURSE_ROLE_LOW, "l")
                 .channel(BOURSE_ROLE_CLOSE, "c"));
  });
  const Scene scene = draw(report, kCanvases[0]);
  EXPECT_TRUE(says(scene, "rows per candle"));
  const auto boxes = boxes_of(scene, scene.panes.at(0), Role::kUp);
  double top = 1e9, bottom = 0;
  for (const Rect& box : boxes) {
    top = std::min(top, box.y);
    bottom = std::max(bottom, box.bottom());
  }
  // The axis has 6 % of air beyond 10 and 200 at both ends.
  const Rect plot = scene.panes[0].plot;
  EXPECT_NEAR(top, plot.y + plot.height * 0.06 / 1.12, 1.5);
  EXPECT_NEAR(bottom, plot.bottom() - plot.height * 0.06 / 1.12, 1.5);
}

TEST(Scene, SharedBarsOfVolumeAreTheSumOfTheirRowsAndOfTheColourOfTheirCandle) {
  // 4,000 rows of volume 1 whose candles all fall but in the last tenth.
  const auto report = test::make_report([](const Call& call) {
    constexpr std::size_t kRows = 4000;
    std::vector<std::int64_t> times(kRows);
    std::vector<double> open(kRows, 100), high(kRows, 101), low(kRows, 98), close(kRows, 99);
    std::vector<double> volume(kRows, 1);
    for (std::size_t i = 0; i < kRows; ++i) {
      times[i] = static_cast<std::int64_t>(i) * 60'000'000'000;
      if (i >= kRows - kRows / 10) close[i] = 100.5;
    }
    TableBuilder table("c", "C");
    table.column(Field("t", BOURSE_TYPE_TIME), times)
        .column(Field("o", BOURSE_TYPE_F64), open)
        .column(Field("h", BOURSE_TYPE_F64), high)
        .column(Field("l", BOURSE_TYPE_F64), low)
        .column(Field("c", BOURSE_TYPE_F64), close)
        .column(Field("v", BOURSE_TYPE_F64), volume);
    call.add(table);
    call.add(Chart(BOURSE_CHART_CANDLE, "c", "C")
                 .of("c")
                 .channel(BOURSE_ROLE_X, "t")
                 .channel(BOURSE_ROLE_OPEN, "o")
                 .channel(BOURSE_ROLE_HIGH, "h")
                 .channel(BOURSE_ROLE_LOW, "l")
                 .channel(BOURSE_ROLE_CLOSE, "c"));
    call.add(Chart(BOURSE_CHART_BAR, "v", "Volume")
                 .of("c")
                 .channel(BOURSE_ROLE_X, "t")
                 .channel(BOURSE_ROLE_Y, "v"));
  });
  const Scene scene = draw(report, kCanvases[0]);
  const PaneInfo& pane = scene.panes.at(1);
  const auto up = boxes_of(scene, pane, Role::kUp), down = boxes_of(scene, pane, Role::kDown);
  ASSERT_GT(down.size(), 8 * up.size());
  ASSERT_GT(up.size(), 10U);
  EXPECT_GT(up.front().x, down[down.size() - 2].x);
  EXPECT_TRUE(boxes_of(scene, pane, Role::kSeries).empty());
  // All but the last slot hold equally many rows: so many high, where the axis says so.
  std::string sums;
  for (const Text* text : texts_of(scene)) {
    if (text->text.starts_with("1.000") || text->text.find("sums of ") == std::string::npos) {
      continue;
    }
    sums = text->text;
  }
  ASSERT_FALSE(sums.empty());
  const double rows = std::stod(sums.substr(sums.find("sums of ") + 8));
  std::map<double, double> ticks;  // value, pixel
  for (const Text* text : texts_of(scene)) {
    const bool beside = text->at.x > pane.plot.right() && text->at.y > pane.plot.y &&
                        text->at.y < pane.plot.bottom() + 8;
    if (beside) ticks[std::stod(text->text)] = text->at.y;
  }
  ASSERT_GE(ticks.size(), 2U);
  const auto [low, low_y] = *ticks.begin();
  const auto [high, high_y] = *ticks.rbegin();
  const double pixels = (low_y - high_y) / (high - low);
  EXPECT_NEAR(down[down.size() / 2].height, rows * pixels, 1.5);
}

TEST(Scene, LinesBreakWhereRowsAreMissingAsCandlesDo) {
  // 00:00 to 05:00, then 05:00 of the next day to 10:00.
  const auto lines_of = [](const std::vector<std::int64_t>& hours) {
    const auto report = test::make_report([&](const Call& call) {
      std::vector<std::int64_t> times;
      for (const std::int64_t hour : hours) times.push_back(hour * 3'600'000'000'000);
      const std::vector<double> v(times.size(), 1), w(times.size(), 2);
      TableBuilder table("t", "T");
      table.column(Field("x", BOURSE_TYPE_TIME), times)
          .column(Field("v", BOURSE_TYPE_F64), v)
          .column(Field("w", BOURSE_TYPE_F64), w);
      call.add(table);
      call.add(Chart(BOURSE_CHART_LINE, "l", "L")
                   .of("t")
                   .channel(BOURSE_ROLE_X, "x")
                   .channel(BOURSE_ROLE_Y, "v"));
      call.add(Chart(BOURSE_CHART_AREA, "b", "B")
                   .of("t")
                   .channel(BOURSE_ROLE_X, "x")
                   .channel(BOURSE_ROLE_LOWER, "v")
                   .channel(BOURSE_ROLE_UPPER, "w"));
    });
    const Scene scene = draw(report, kCanvases[0]);
    std::vector<std::size_t> out;
    for (const Group& group : scene.groups) {
      if (!group.clip) continue;
      for (const Shape& shape : group.shapes) {
        const auto* strokes = std::get_if<Strokes>(&shape);
        if (strokes != nullptr && !strokes->dashed) out.push_back(strokes->lines.size());
        if (const auto* areas = std::get_if<Areas>(&shape)) out.push_back(areas->rings.size());
      }
    }
    return out;
  };
  // The line; the band's area and its two edges.
  EXPECT_EQ(lines_of({0, 1, 2, 3, 4, 5, 29, 30, 31, 32, 33, 34}),
            (std::vector<std::size_t>{2, 2, 4}));
  EXPECT_EQ(lines_of({0, 1, 2, 3, 4, 5, 6, 7}), (std::vector<std::size_t>{1, 1, 2}));
  EXPECT_EQ(lines_of({0, 1, 5, 6, 15, 17, 40, 41}), (std::vector<std::size_t>{1, 1, 2}))
      << "where nothing is usual, nothing is missing";
}

TEST(Scene, WhereThereIsRoomForLittleItIsThePlot) {
  for (const Canvas canvas : {Canvas{100, 100, 1}, Canvas{600, 150, 1}}) {
    const Scene scene = draw(test::technical_sample({.rows = 200}), canvas);
    ASSERT_FALSE(scene.panes.empty()) << name("small", canvas);
    const Rect plot = scene.panes[0].plot;
    EXPECT_GT(plot.width * plot.height, 0.45 * canvas.width * canvas.height)
        << name("small", canvas);
    expect_sound(scene, name("small", canvas));
  }
}

TEST(Scene, ManyThingsByThemselvesStandBySimilarityAndItSaysSo) {
  const auto order_of = [](std::size_t things) {
    return test::make_report([&](const Call& call) {
      std::vector<std::string> a, b;
      std::vector<double> v;
      for (std::size_t i = 0; i < things; ++i) {
        for (std::size_t j = 0; j < things; ++j) {
          a.push_back((i % 2 == 0 ? "e" : "o") + std::to_string(i));
          b.push_back((j % 2 == 0 ? "e" : "o") + std::to_string(j));
          v.push_back(i == j ? 1 : i % 2 == j % 2 ? 0.7 : 0.1);
        }
      }
      TableBuilder table("t", "T");
      table.column(Field("a", BOURSE_TYPE_TEXT), a)
          .column(Field("b", BOURSE_TYPE_TEXT), b)
          .column(Field("v", BOURSE_TYPE_F64), v);
      call.add(table);
      call.add(Chart(BOURSE_CHART_HEATMAP, "h", "Likeness")
                   .of("t")
                   .channel(BOURSE_ROLE_X, "b")
                   .channel(BOURSE_ROLE_Y, "a")
                   .channel(BOURSE_ROLE_HEAT, "v"));
    });
  };
  const Scene many = draw(order_of(20), {1200, 1000, 1}), few = draw(order_of(10), {1200, 1000, 1});
  EXPECT_TRUE(says(many, "average linkage"));
  EXPECT_FALSE(says(few, "average linkage"));
  std::map<double, std::string> rows;
  for (const Text* text : texts_of(many)) {
    if (text->anchor == Anchor::kEnd && text->angle == 0) rows[text->at.y] = text->text;
  }
  ASSERT_EQ(rows.size(), 20U);
  std::string kinds;
  for (const auto& [y, name] : rows) kinds += name[0];
  EXPECT_EQ(kinds, std::string(10, 'e') + std::string(10, 'o'));
}

// ---- colours ------------------------------------------------------------------------------------

/// Of each name in the legends, the colour of the sample before it.
std::map<std::string, Ink> inks_of(const Scene& scene) {
  std::map<std::string, Ink> out;
  Ink last;
  for (const Group& group : scene.groups) {
    for (const Shape& shape : group.shapes) {
      if (const auto* strokes = std::get_if<Strokes>(&shape)) last = strokes->ink;
      if (const auto* boxes = std::get_if<Boxes>(&shape)) last = boxes->ink;
      if (const auto* text = std::get_if<Text>(&shape)) out.emplace(text->text, last);
    }
  }
  return out;
}

TEST(Scene, ASeriesKeepsItsColourWhateverTheOthersHold) {
  const auto macd = [](double sign) {
    return test::make_report([&](const Call& call) {
      TableBuilder table("t", "T");
      table.column(Field("x", BOURSE_TYPE_TIME), std::vector<std::int64_t>{1, 2, 3})
          .column(Field("h", BOURSE_TYPE_F64), std::vector<double>{1, 2 * sign, 1})
          .column(Field("m", BOURSE_TYPE_F64), std::vector<double>{1, 2, 3})
          .column(Field("s", BOURSE_TYPE_F64), std::vector<double>{3, 2, 1});
      call.add(table);
      const auto chart = [](bourse_chart_kind kind, const char* name) {
        return Chart(kind, name, name).of("t").pane("p").channel(BOURSE_ROLE_X, "x");
      };
      call.add(chart(BOURSE_CHART_BAR, "bars")
                   .channel(BOURSE_ROLE_Y, "h", "Histogram")
                   .channel(BOURSE_ROLE_COLOR, "h"));
      call.add(chart(BOURSE_CHART_LINE, "lines")
                   .channel(BOURSE_ROLE_Y, "m", "MACD")
                   .channel(BOURSE_ROLE_Y, "s", "Signal"));
    });
  };
  const auto with = inks_of(draw(macd(-1), kCanvases[0]));
  const auto without = inks_of(draw(macd(1), kCanvases[0]));
  for (const char* name : {"MACD", "Signal", "Histogram"}) {
    ASSERT_TRUE(with.count(name) && without.count(name)) << name;
    EXPECT_EQ(with.at(name), without.at(name)) << name;
  }
  EXPECT_NE(with.at("MACD"), with.at("Signal"));
}

TEST(Scene, OneColourIsOneSeriesInAllPanesOfAPanel) {
  const auto inks = inks_of(draw(test::technical_sample({.rows = 100}), kCanvases[0]));
  std::set<int> colours;
  for (const char* name : {"SMA 20", "SMA 50", "RSI", "MACD", "Signal"}) {
    ASSERT_TRUE(inks.count(name)) << name;
    EXPECT_EQ(inks.at(name).role, Role::kSeries);
    EXPECT_TRUE(colours.insert(inks.at(name).index).second) << name;
  }
}

TEST(Scene, WhereAllRisesAllIsOfTheColourOfRising) {
  for (const double sign : {1.0, -1.0}) {
    const auto report = test::make_report([&](const Call& call) {
      TableBuilder table("t", "T");
      table.column(Field("x", BOURSE_TYPE_TEXT), std::vector<std::string>{"a", "b", "c"})
          .column(Field("y", BOURSE_TYPE_F64), std::vector<double>{sign, 2 * sign, 3 * sign});
      call.add(table);
      call.add(Chart(BOURSE_CHART_BAR, "change", "Change")
                   .of("t")
                   .channel(BOURSE_ROLE_X, "x")
                   .channel(BOURSE_ROLE_Y, "y")
                   .channel(BOURSE_ROLE_COLOR, "y"));
    });
    const Scene scene = draw(report, kCanvases[0]);
    const auto bars = boxes_of(scene, scene.panes.at(0), sign > 0 ? Role::kUp : Role::kDown);
    EXPECT_EQ(bars.size(), 3U) << sign;
  }
}

TEST(Scene, AHundredThousandPointsBecomeFewEnoughToDraw) {
  std::vector<double> values(100'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
  const Scene scene = draw(test::line_sample(values), kCanvases[0]);
  std::size_t points = 0;
  for (const Group& group : scene.groups) {
    for (const Shape& shape : group.shapes) {
      if (const auto* strokes = std::get_if<Strokes>(&shape)) {
        for (const auto& line : strokes->lines) points += line.size();
      }
      if (const auto* dots = std::get_if<Dots>(&shape)) points += dots->centers.size();
    }
  }
  EXPECT_LT(points, 4U * 1200 + 2);
  EXPECT_GT(points, 1200U);
}

// ---- what charts may have besides ---------------------------------------------------------------

TEST(Scene, ALogarithmicAxisHasADecadeForADecadeAndSaysWhatItLeavesOut) {
  const Scene scene = draw(test::logarithmic_sample(), kCanvases[0]);
  std::map<std::string, double> ticks;
  for (const Text* text : texts_of(scene)) {
    if (text->at.x > scene.panes[0].plot.right()) ticks.emplace(text->text, text->at.y);
  }
  ASSERT_TRUE(ticks.count("1") && ticks.count("10") && ticks.count("100") && ticks.count("1,000"));
  EXPECT_NEAR(ticks["1"] - ticks["10"], ticks["10"] - ticks["100"], 0.01);
  EXPECT_NEAR(ticks["10"] - ticks["100"], ticks["100"] - ticks["1,000"], 0.01);
  EXPECT_TRUE(says(scene, "Not drawn: 5 values at or below 0 on a logarithmic axis"));
  EXPECT_TRUE(says(scene, "1 line beside the data"));
  EXPECT_NE(scene.panes[0].description.find("not drawn: 5 values at or below 0"),
            std::string::npos);
}

TEST(Scene, LinesThatHaveANameShowItAndTheDescriptionSaysWhereTheyAre) {
  const Scene scene = draw(test::logarithmic_sample(), kCanvases[0]);
  for (const char* text : {"first thousand", "halving 2016", "halving 2020"}) {
    EXPECT_TRUE(says(scene, text)) << text;
  }
  EXPECT_FALSE(says(scene, "long ago")) << "it is far from all data";
  EXPECT_NE(scene.panes[0].description.find(
                "lines: first thousand at 1,000, halving 2016 at 2016-07-09, halving 2020 at "
                "2020-05-11"),
            std::string::npos)
      << scene.panes[0].description;
}

TEST(Scene, ASecondAxisHasItsOwnLabelsOnTheOtherSide) {
  const Scene scene = draw(test::logarithmic_sample(), kCanvases[0]);
  const Rect plot = scene.panes[0].plot;
  bool left = false;
  for (const Text* text : texts_of(scene)) {
    left = left || (text->text == "3.0M" && text->at.x < plot.x && text->anchor == Anchor::kEnd);
  }
  EXPECT_TRUE(left);
  EXPECT_TRUE(says(scene, "Open interest (left, BTC)"));
  EXPECT_EQ(scene.panes[1].plot.x, plot.x) << "panes of a panel stay aligned";
}

TEST(Scene, BarsUponOneAnotherTouchAndEndAtTheirSum) {
  // By hand: 1 + 3 at x 0, 2 + 2 at x 1: both stacks end at the same height, over zero.
  const auto report = test::make_report([](const Call& call) {
    TableBuilder table("t", "T");
    table.column(Field("x", BOURSE_TYPE_TEXT), std::vector<std::string>{"p", "p", "q", "q"})
        .column(Field("g", BOURSE_TYPE_TEXT), std::vector<std::string>{"a", "b", "a", "b"})
        .column(Field("y", BOURSE_TYPE_F64), std::vector<double>{1, 3, 2, 2});
    call.add(table);
    call.add(Chart(BOURSE_CHART_BAR, "s", "S")
                 .of("t")
                 .stacked()
                 .channel(BOURSE_ROLE_X, "x")
                 .channel(BOURSE_ROLE_Y, "y")
                 .channel(BOURSE_ROLE_GROUP, "g"));
  });
  const Scene scene = draw(report, kCanvases[0]);
  const auto bars = boxes_of(scene, scene.panes.at(0), Role::kSeries);
  ASSERT_EQ(bars.size(), 4U);
  const Rect a = bars[0].y > bars[1].y ? bars[0] : bars[1];
  const Rect b = bars[0].y > bars[1].y ? bars[1] : bars[0];
  EXPECT_EQ(a.x, b.x);
  EXPECT_NEAR(b.bottom(), a.y, 1e-9);
  EXPECT_NEAR(b.height, 3 * a.height, 2);
  EXPECT_EQ(std::min(bars[0].y, bars[1].y), std::min(bars[2].y, bars[3].y));
}

// A history without a hole was drawn in the colour of 95 %, since its scale went up to 105.
TEST(Scene, AHeatMapOfEqualValuesKeepsTheRangeThatWasAskedFor) {
  const Scene scene = draw(
      test::make_report([](const Call& call) {
        const std::vector<std::string> rows = {"A", "A", "B", "B"}, columns = {"x", "y", "x", "y"};
        const std::vector<double> known(4, 100.0);
        TableBuilder table("cells", "Cells");
        table.column(Field("row", BOURSE_TYPE_TEXT), rows)
            .column(Field("at", BOURSE_TYPE_TEXT), columns)
            .column(Field("known", BOURSE_TYPE_F64), std::span<const double>(known));
        call.add(table);
        call.add(Chart(BOURSE_CHART_HEATMAP, "cells", "Known, in %")
                     .of("cells")
                     .channel(BOURSE_ROLE_X, "at")
                     .channel(BOURSE_ROLE_Y, "row")
                     .channel(BOURSE_ROLE_HEAT, "known")
                     .range(0, 100));
      }),
      kCanvases[0]);
  std::size_t cells = 0;
  for (const Group& group : scene.groups) {
    for (const Shape& shape : group.shapes) {
      const auto* boxes = std::get_if<Boxes>(&shape);
      if (boxes == nullptr || boxes->ink.role != Role::kHeat || boxes->rects.size() < 4) continue;
      EXPECT_EQ(boxes->ink.index, kHeatSteps - 1);
      cells += boxes->rects.size();
    }
  }
  EXPECT_EQ(cells, 4U);
}

TEST(Scene, BarsThatLieRunFromLeftToRightUnlessThereAreTooMany) {
  const Scene few = draw(test::venues_sample(12), kCanvases[0]);
  EXPECT_FALSE(says(few, "lying"));
  const Scene many = draw(test::venues_sample(200), kCanvases[0]);
  EXPECT_TRUE(says(many, "Not drawn: lying: there is no room for these bars"));
}

TEST(Scene, PointsHaveSizesColoursAndLabels) {
  const Scene scene = draw(test::points_sample(25), kCanvases[0]);
  std::set<double> radii;
  std::set<int> colors;
  for (const Group& group : scene.groups) {
    for (const Shape& shape : group.shapes) {
      const auto* dots = std::get_if<Dots>(&shape);
      if (dots == nullptr || dots->ink.role != Role::kHeat) continue;
      radii.insert(dots->radius);
      colors.insert(dots->ink.index);
    }
  }
  EXPECT_GT(radii.size(), 3U);
  EXPECT_EQ(*radii.rbegin(), 12) << "the largest";
  EXPECT_GT(colors.size(), 10U);
  EXPECT_TRUE(says(scene, "SHIBUSDT"));
  EXPECT_TRUE(says(scene, "Sharpe ratio"));
  EXPECT_TRUE(says(scene, "Worth up to"));
}

TEST(Scene, LabelsWithoutRoomAreCounted) {
  const auto points = [](int at_one_place) {
    return test::make_report([&](const Call& call) {
      std::vector<double> x = {0, 10}, y = {0, 10};
      std::vector<std::string> names = {"P-low", "P-high"};
      for (int i = 0; i < at_one_place; ++i) {
        x.push_back(5);
        y.push_back(5);
        names.push_back("P" + std::to_string(i));
      }
      TableBuilder table("t", "T");
      table.column(Field("x", BOURSE_TYPE_F64), x)
          .column(Field("y", BOURSE_TYPE_F64), y)
          .column(Field("name", BOURSE_TYPE_TEXT), names);
      call.add(table);
      call.add(Chart(BOURSE_CHART_SCATTER, "s", "S")
                   .of("t")
                   .channel(BOURSE_ROLE_X, "x")
                   .channel(BOURSE_ROLE_Y, "y")
                   .channel(BOURSE_ROLE_LABEL, "name"));
    });
  };
  const Scene scene = draw(points(40), kCanvases[0]);
  std::size_t drawn = 0;
  for (const Text* text : texts_of(scene)) drawn += text->text.starts_with("P") ? 1 : 0;
  ASSERT_GT(drawn, 2U);
  ASSERT_LT(drawn, 42U);
  const std::string left_out = std::to_string(42 - drawn);
  EXPECT_TRUE(says(scene, "+" + left_out + " labels"));
  EXPECT_NE(scene.panes[0].description.find("labels without room: " + left_out), std::string::npos)
      << scene.panes[0].description;
  const Scene roomy = draw(points(1), kCanvases[0]);
  EXPECT_FALSE(says(roomy, "label"));
  EXPECT_EQ(roomy.panes[0].description.find("label"), std::string::npos);
}

TEST(Scene, WhatAKindHasNoPlaceForIsSaid) {
  const auto report = test::make_report([](const Call& call) {
    const std::vector<double> v = {1, -2, 3};
    TableBuilder table("t", "T");
    table.column(Field("x", BOURSE_TYPE_F64), v).column(Field("y", BOURSE_TYPE_F64), v);
    call.add(table);
    const auto chart = [](bourse_chart_kind kind, const char* name) {
      return Chart(kind, name, name)
          .of("t")
          .channel(BOURSE_ROLE_X, "x")
          .channel(BOURSE_ROLE_Y, "y");
    };
    call.add(
        chart(BOURSE_CHART_LINE, "line").stacked().horizontal().channel(BOURSE_ROLE_SIZE, "y"));
    call.add(chart(BOURSE_CHART_AREA, "area").stacked().channel(BOURSE_ROLE_Y, "x"));
    call.add(chart(BOURSE_CHART_BAR, "bar").logarithmic());
  });
  const Scene scene = draw(report, {1800, 1600, 1});
  for (const char* text :
       {"stacking: only bars and areas are stacked", "lying: only bars lie", "sizes of marks",
        "stacking: areas with values below 0", "logarithmic axis: bars and stacks begin at zero"}) {
    EXPECT_TRUE(says(scene, text)) << text;
  }
}

TEST(Scene, LongNamesEndWithAnEllipsis) {
  const auto report = test::make_report([](const Call& call) {
    call.title(std::string(500, 'W'));
    const std::vector<double> v = {1, 2};
    TableBuilder table("t", "T");
    table.column(Field("x", BOURSE_TYPE_F64), std::span<const double>(v))
        .column(Field("y", BOURSE_TYPE_F64), std::span<const double>(v));
    call.add(table);
    call.add(Chart(BOURSE_CHART_LINE, "l", std::string(400, 'T'))
                 .of("t")
                 .channel(BOURSE_ROLE_X, "x")
                 .channel(BOURSE_ROLE_Y, "y", std::string(300, 'L'))
                 .channel(BOURSE_ROLE_Y, "x", "second"));
  });
  const Scene scene = draw(report, kCanvases[0]);
  expect_sound(scene, "long names");
  EXPECT_TRUE(says(scene, "WWW"));
  EXPECT_TRUE(says(scene, "TTT"));
  EXPECT_TRUE(says(scene, "\u2026"));
}

}  // namespace
}  // namespace bourse::charting
