// SPDX-License-Identifier: MIT
//
// What is written in a picture is read as what it is, over random reports and sizes: what is drawn
// is named, what is named is whole, equal text means equal value, and times are never of another
// month.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "plugins/serializers/charting/scene.hpp"
#include "tests/plugins/serializers/charting/sample_reports.hpp"

namespace bourse::charting {
namespace {

using test::make_report;
using test::ReportPtr;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  std::size_t below(std::size_t n) { return engine_() % n; }

 private:
  std::mt19937_64 engine_;
};

Scene draw(const ReportPtr& report, double width, double height) {
  return build_scene(report->wire(),
                     {.width = std::floor(width), .height = std::floor(height), .scale = 1});
}

std::vector<Text> texts_of(const Scene& scene) {
  std::vector<Text> out;
  for (const Group& group : scene.groups) {
    for (const Shape& shape : group.shapes) {
      if (const auto* text = std::get_if<Text>(&shape)) out.push_back(*text);
    }
  }
  return out;
}

double left_of(const Text& text) {
  return text.at.x - (text.anchor == Anchor::kStart    ? 0
                      : text.anchor == Anchor::kMiddle ? text.width / 2
                                                       : text.width);
}

std::string about(const Scene& scene, std::string what) {
  std::ostringstream out;
  out << what << " at " << scene.width << "x" << scene.height;
  return out.str();
}

// ---- times --------------------------------------------------------------------------------------

constexpr std::int64_t kSecond = 1'000'000'000, kDay = 86'400 * kSecond;

/// What a reader knows of a time.
struct Date {
  std::optional<int> year, month, day, minute;
};

/// Takes the words of one text: numbers, names of months, clocks.
void read(const std::string& text, Date& date) {
  static const std::map<std::string, int> months = {
      {"Jan", 1}, {"Feb", 2}, {"Mar", 3}, {"Apr", 4},  {"May", 5},  {"Jun", 6},
      {"Jul", 7}, {"Aug", 8}, {"Sep", 9}, {"Oct", 10}, {"Nov", 11}, {"Dec", 12}};
  std::istringstream words(text);
  std::string word;
  while (words >> word) {
    if (const auto month = months.find(word); month != months.end()) {
      date.month = month->second;
    } else if (word.find(':') != std::string::npos) {
      date.minute = std::stoi(word) * 60 + std::stoi(word.substr(3));
    } else {
      (word.size() > 2 ? date.year : date.day) = std::stoi(word);
    }
  }
}

std::int64_t time_of(const Date& date) {
  using namespace std::chrono;
  const sys_days day = year_month_day(
      year(date.year.value_or(1970)), month(static_cast<unsigned>(date.month.value_or(1))),
      std::chrono::day(static_cast<unsigned>(date.day.value_or(1))));
  return day.time_since_epoch().count() * kDay + date.minute.value_or(0) * 60 * kSecond;
}

ReportPtr line_over(std::int64_t first, std::int64_t last) {
  return make_report([&](const Call& call) {
    TableBuilder table("t", "T");
    table.column(Field("time", BOURSE_TYPE_TIME), std::vector<std::int64_t>{first, last})
        .column(Field("v", BOURSE_TYPE_F64), std::vector<double>{1, 2});
    call.add(table);
    call.add(Chart(BOURSE_CHART_LINE, "l", "L")
                 .of("t")
                 .channel(BOURSE_ROLE_X, "time")
                 .channel(BOURSE_ROLE_Y, "v"));
  });
}

/// Reads the axis as people do: a text below holds from the label that it begins with up to the
/// next one; so does what stands beside a label. Gives how many labels there are.
std::size_t expect_times_are_read_right(std::int64_t first, std::int64_t last, double width,
                                        double height) {
  const Scene scene = draw(line_over(first, last), width, height);
  if (scene.panes.empty()) return 0;
  const Rect plot = scene.panes[0].plot;
  std::vector<Text> labels, contexts;
  for (const Text& text : texts_of(scene)) {
    if (text.at.y < plot.bottom() + 3) continue;
    (text.anchor == Anchor::kMiddle ? labels : contexts).push_back(text);
  }
  const double air = 0.01 * static_cast<double>(last - first);
  const double per_pixel = (static_cast<double>(last - first) + 2 * air) / plot.width;
  Date known;
  std::size_t next = 0;
  for (const Text& label : labels) {
    if (next < contexts.size() && left_of(contexts[next]) <= left_of(label) + 0.01) {
      read(contexts[next++].text, known);
    }
    Date date = known;
    read(label.text, date);
    if (label.text.find(' ') != std::string::npos || label.text.find(':') != std::string::npos) {
      known = date;
      known.minute.reset();
      if (label.text.find(':') == std::string::npos) known.day.reset();
    }
    if (!date.year && next < contexts.size()) {  // the first one may leave it to what follows
      Date following;
      read(contexts[next].text, following);
      date.year = following.year;
    }
    if (!date.year) {
      ADD_FAILURE() << about(scene, "no year for " + label.text) << " from " << first;
      return labels.size();
    }
    const double truth = static_cast<double>(first) - air + (label.at.x - plot.x) * per_pixel;
    // A label at an end may stand up to its own half beside its place.
    const double slack = std::max(2.0, label.width / 2) * per_pixel;
    EXPECT_NEAR(static_cast<double>(time_of(date)), truth, slack)
        << about(scene, label.text) << " from " << first << " to " << last;
    if (::testing::Test::HasFailure()) return labels.size();
  }
  EXPECT_EQ(next, contexts.size()) << "a text below belongs to no label";
  return labels.size();
}

TEST(Labels, TimesAreReadAsWhatTheyAre) {
  Random random(17);
  std::size_t labels = 0;
  for (int i = 0; i < 3000 && !HasFailure(); ++i) {
    const double length = std::pow(10, random.between(-1.5, 4.2));  // days
    const auto first = static_cast<std::int64_t>(random.between(10'000, 20'800)) * kDay +
                       static_cast<std::int64_t>(random.below(86'400)) * kSecond;
    const auto last = first + static_cast<std::int64_t>(length * static_cast<double>(kDay));
    labels += expect_times_are_read_right(first, last, random.between(110, 1500),
                                          random.between(90, 500));
  }
  EXPECT_GT(labels, 3000U * 4);
}

TEST(Labels, AMonthThatBeginsAtTheSecondLabelIsNamed) {
  // 500 hours from 31 October, as an axis 600 and 300 pixels wide has them.
  constexpr std::int64_t kOct31 = 1'793'404'800 * kSecond;  // 2026-10-31 00:00
  for (const double width : {300.0, 600.0, 1200.0}) {
    const Scene scene = draw(line_over(kOct31, kOct31 + 500 * 3600 * kSecond), width, 400);
    std::set<std::string> said;
    for (const Text& text : texts_of(scene)) said.insert(text.text);
    EXPECT_TRUE(said.count("Nov") || said.count("Nov 2026")) << width;
  }
}

// ---- names --------------------------------------------------------------------------------------

TEST(Labels, WhatIsDrawnIsNamed) {
  const std::map<std::string, std::vector<std::string>> names = {
      {"Price", {"Bollinger bands", "SMA 20", "SMA 50"}},
      {"Volume", {"Volume"}},
      {"RSI 14", {"RSI 14"}},
      {"MACD 12, 26, 9", {"Histogram", "MACD", "Signal"}}};
  Random random(23);
  for (int i = 0; i < 150; ++i) {
    test::TechnicalSample sample{.rows = 20 + random.below(400)};
    const bool cheap = random.below(2) == 0;
    sample.price = cheap ? 0.00002 : 96'000;
    sample.decimals = cheap ? 8 : 2;
    const Scene scene =
        draw(test::technical_sample(sample), random.between(320, 1500), random.between(400, 1000));
    std::multiset<std::string> said;
    for (const Text& text : texts_of(scene)) said.insert(text.text);
    ASSERT_EQ(scene.panes.size(), 4U) << about(scene, "panes");
    for (const PaneInfo& pane : scene.panes) {
      for (const std::string& name : names.at(pane.title)) {
        ASSERT_TRUE(said.count(name)) << about(scene, name);
      }
    }
  }
}

TEST(Labels, NamesUnderBarsAreWholeOrNotThere) {
  Random random(29);
  for (int i = 0; i < 150; ++i) {
    const std::size_t symbols = 3 + random.below(20);
    const double width = random.between(340, 1500), height = random.between(300, 900);
    for (const auto& report :
         {test::statistics_sample(symbols), test::correlation_sample(symbols)}) {
      const Scene scene = draw(report, width, height);
      const std::string title = texts_of(scene).front().text;
      for (const Text& text : texts_of(scene)) {
        const bool of_axis = text.ink.role == Role::kMuted && text.font.weight == Weight::kRegular;
        if (!of_axis || text.at.y < scene.panes[0].frame.y) continue;
        EXPECT_EQ(text.text.find("\u2026"), std::string::npos) << about(scene, text.text);
      }
      if (HasFailure()) return;
    }
  }
}

// ---- values -------------------------------------------------------------------------------------

bool is_number(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789.,KMBTe+-\xE2\x88\x92") == std::string::npos;
}

/// A value as its text says.
double value_of(std::string text) {
  std::erase(text, ',');
  double factor = 1;
  if (text.starts_with("\xE2\x88\x92")) {
    factor = -1;
    text.erase(0, 3);
  }
  static const std::map<char, double> letters = {{'K', 1e3}, {'M', 1e6}, {'B', 1e9}, {'T', 1e12}};
  if (const auto letter = letters.find(text.back()); letter != letters.end()) {
    factor *= letter->second;
  }
  return factor * std::stod(text);
}

/// Columns x = 0, 1, 2, ... as names, and y.
ReportPtr bars_of(const std::vector<double>& values) {
  return make_report([&](const Call& call) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < values.size(); ++i) names.push_back("n" + std::to_string(i));
    TableBuilder table("t", "T");
    table.column(Field("x", BOURSE_TYPE_TEXT), names).column(Field("y", BOURSE_TYPE_F64), values);
    call.add(table);
    call.add(Chart(BOURSE_CHART_BAR, "bars", "Bars")
                 .of("t")
                 .channel(BOURSE_ROLE_X, "x")
                 .channel(BOURSE_ROLE_Y, "y"));
  });
}

TEST(Labels, AllBarsHaveTheirValueOrNoneHasAndEqualTextIsAnEqualBar) {
  Random random(31);
  int with_values = 0;
  for (int i = 0; i < 400; ++i) {
    std::vector<double> values(1 + random.below(12));
    const double scale = std::pow(10, random.between(-9, 6));
    for (double& v : values) {
      v = scale * random.between(random.below(2) == 0 ? -1 : 0, 1) *
          (random.below(5) == 0 ? 0.0003 : 1);
    }
    const Scene scene = draw(bars_of(values), random.between(200, 1400), random.between(150, 600));
    if (scene.panes.empty()) continue;
    const Rect plot = scene.panes[0].plot;
    std::map<double, std::string> said;  // by the middle of the bar
    for (const Text& text : texts_of(scene)) {
      const bool inside = text.at.y > plot.y && text.at.y < plot.bottom() &&
                          text.anchor == Anchor::kMiddle && is_number(text.text);
      if (inside) said[text.at.x] = text.text;
    }
    if (said.empty()) continue;
    ++with_values;
    ASSERT_EQ(said.size(), values.size()) << about(scene, "bars");
    double low = 0, high = 0;
    for (const double v : values) low = std::min(low, v), high = std::max(high, v);
    const double pixel = (high - low) / plot.height;
    std::map<std::string, double> first;
    std::size_t row = 0;
    for (const auto& [x, text] : said) {
      const double v = values[row++];
      ASSERT_EQ(value_of(text) == 0, v == 0) << text << " for " << v;
      ASSERT_NEAR(value_of(text), v, 2 * pixel + std::fabs(v) * 1e-3) << text;
      const auto [known, is_new] = first.emplace(text, v);
      ASSERT_TRUE(is_new || std::fabs(known->second - v) < 2 * pixel)
          << text << " for " << known->second << " and " << v;
    }
  }
  EXPECT_GT(with_values, 150);
}

TEST(Labels, TicksAndLevelsOfOneAxisHaveDifferentTextsThatAreTheirValues) {
  Random random(37);
  std::size_t labels = 0;
  for (int i = 0; i < 400; ++i) {
    const double scale = std::pow(10, random.between(-10, 9));
    std::vector<double> levels;
    for (std::size_t n = random.below(4); n > 0; --n) {
      levels.push_back(std::round(random.between(0, 2) * 1000) / 1000 * scale);
    }
    const auto report = make_report([&](const Call& call) {
      TableBuilder table("t", "T");
      table.column(Field("x", BOURSE_TYPE_TIME), std::vector<std::int64_t>{0, kDay, 2 * kDay})
          .column(Field("y", BOURSE_TYPE_F64),
                  std::vector<double>{scale * random.unit(), scale * 2 * random.unit(), scale});
      call.add(table);
      Chart chart(BOURSE_CHART_SCATTER, "l", "L");
      chart.of("t").channel(BOURSE_ROLE_X, "x").channel(BOURSE_ROLE_Y, "y");
      for (const double level : levels) chart.level(level);
      call.add(chart);
    });
    const Scene scene = draw(report, random.between(200, 1200), random.between(120, 700));
    const Rect plot = scene.panes.at(0).plot;
    std::vector<std::pair<double, double>> read;  // pixel, value
    std::set<std::string> texts;
    for (const Text& text : texts_of(scene)) {
      if (text.at.x < plot.right() || !is_number(text.text)) continue;
      ASSERT_TRUE(texts.insert(text.text).second) << about(scene, text.text) << " twice";
      read.emplace_back(text.at.y, value_of(text.text));
    }
    labels += read.size();
    if (read.size() < 3) continue;
    // A straight line through the outer two: what is between lies on it to a pixel and a bit.
    std::sort(read.begin(), read.end());
    const auto [top, most] = read.front();
    const auto [bottom, least] = read.back();
    for (const auto& [y, value] : read) {
      const double expected = top + (most - value) / (most - least) * (bottom - top);
      ASSERT_NEAR(y, expected, 0.5) << about(scene, std::to_string(value));
    }
  }
  EXPECT_GT(labels, 1200U);
}

TEST(Labels, AnAverageBetweenTwoTicksOfThePriceIsNeither) {
  const auto report = make_report([](const Call& call) {
    using Decimals = std::vector<std::optional<Decimal>>;
    const Decimals one(3, Decimal::parse("0.00000001")), two(3, Decimal::parse("0.00000002"));
    TableBuilder table("t", "T");
    table.column(Field("x", BOURSE_TYPE_TIME), std::vector<std::int64_t>{0, kDay, 2 * kDay})
        .column(Field("o", BOURSE_TYPE_DECIMAL), one)
        .column(Field("h", BOURSE_TYPE_DECIMAL), two)
        .column(Field("l", BOURSE_TYPE_DECIMAL), one)
        .column(Field("c", BOURSE_TYPE_DECIMAL), two)
        .column(Field("mean", BOURSE_TYPE_F64), std::vector<double>(3, 1.5e-8));
    call.add(table);
    call.add(Chart(BOURSE_CHART_CANDLE, "c", "Price")
                 .of("t")
                 .pane("p")
                 .channel(BOURSE_ROLE_X, "x")
                 .channel(BOURSE_ROLE_OPEN, "o")
                 .channel(BOURSE_ROLE_HIGH, "h")
                 .channel(BOURSE_ROLE_LOW, "l")
                 .channel(BOURSE_ROLE_CLOSE, "c"));
    call.add(Chart(BOURSE_CHART_LINE, "m", "Mean")
                 .of("t")
                 .pane("p")
                 .level(1.25e-8)
                 .channel(BOURSE_ROLE_X, "x")
                 .channel(BOURSE_ROLE_Y, "mean"));
  });
  std::multiset<std::string> said;
  for (const Text& text : texts_of(draw(report, 900, 500))) said.insert(text.text);
  EXPECT_EQ(said.count("0.000000015"), 2U) << "in the legend and at the axis";
  EXPECT_EQ(said.count("0.0000000125"), 1U);
  EXPECT_TRUE(said.count("0.00000002"));
}

TEST(Labels, WholeNumbersHaveNoTicksBetweenThem) {
  const auto report = make_report([](const Call& call) {
    TableBuilder table("t", "T");
    table.column(Field("level", BOURSE_TYPE_I64), std::vector<std::int64_t>{1})
        .column(Field("count", BOURSE_TYPE_I64), std::vector<std::int64_t>{2});
    call.add(table);
    call.add(Chart(BOURSE_CHART_LINE, "l", "Counts")
                 .of("t")
                 .channel(BOURSE_ROLE_X, "level")
                 .channel(BOURSE_ROLE_Y, "count"));
  });
  for (const Text& text : texts_of(draw(report, 900, 500))) {
    EXPECT_EQ(text.text.find('.'), std::string::npos) << text.text;
  }
}

}  // namespace
}  // namespace bourse::charting
