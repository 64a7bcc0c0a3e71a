// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/decimate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

namespace bourse::charting {
namespace {

std::vector<Point> noise(std::size_t n, double width) {
  std::mt19937_64 random(5);
  std::vector<Point> out;
  for (std::size_t i = 0; i < n; ++i) {
    out.push_back({width * static_cast<double>(i) / static_cast<double>(n),
                   static_cast<double>(random() % 1'000'000) / 1000});
  }
  return out;
}

struct Extremes {
  double low = 1e9, high = -1e9;
  Point first, last;
  bool any = false;
  void add(Point p) {
    if (!any) first = p;
    last = p;
    any = true;
    low = std::min(low, p.y);
    high = std::max(high, p.y);
  }
};

std::map<double, Extremes> columns(const std::vector<Point>& points, double pixel) {
  std::map<double, Extremes> out;
  for (const Point p : points) out[std::floor(p.x / pixel)].add(p);
  return out;
}

TEST(ThinLine, KeepsFirstLastLowestAndHighestOfEveryColumn) {
  for (const double pixel : {1.0, 0.5, 2.0}) {
    const auto all = noise(100'000, 1000);
    const auto kept = thin_line(all, pixel);
    const auto expected = columns(all, pixel), found = columns(kept, pixel);
    ASSERT_EQ(expected.size(), found.size());
    for (const auto& [column, extremes] : expected) {
      const Extremes& other = found.at(column);
      ASSERT_EQ(other.low, extremes.low);
      ASSERT_EQ(other.high, extremes.high);
      ASSERT_EQ(other.first, extremes.first);
      ASSERT_EQ(other.last, extremes.last);
    }
    EXPECT_LE(kept.size(), 4 * expected.size());
  }
}

TEST(ThinLine, KeepsTheOrder) {
  const auto kept = thin_line(noise(50'000, 500), 1);
  for (std::size_t i = 1; i < kept.size(); ++i) ASSERT_GE(kept[i].x, kept[i - 1].x);
}

TEST(ThinLine, LeavesAShortLineAlone) {
  const auto line = noise(1000, 1000);
  EXPECT_EQ(thin_line(line, 1), line);
  EXPECT_TRUE(thin_line({}, 1).empty());
}

TEST(ThinLine, ManyPointsAtOneXAreFour) {
  std::vector<Point> line(1000, Point{5, 5});
  line[300].y = -7;
  line[600].y = 70;
  const auto kept = thin_line(line, 1);
  EXPECT_EQ(kept, (std::vector<Point>{{5, 5}, {5, -7}, {5, 70}, {5, 5}}));
}

TEST(ThinDots, KeepsOneForEachCell) {
  const std::vector<Point> dots = {{0.1, 0.1}, {0.9, 0.9}, {1.5, 0.2}, {0.2, 1.1}, {1.6, 0.3}};
  EXPECT_EQ(thin_dots(dots, 1), (std::vector<Point>{{0.1, 0.1}, {1.5, 0.2}, {0.2, 1.1}}));
}

}  // namespace
}  // namespace bourse::charting
