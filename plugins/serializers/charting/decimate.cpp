// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/decimate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <unordered_set>

namespace bourse::charting {
namespace {

/// Adds what is left of points[from, to) to `out`.
void add_column(const std::vector<Point>& points, std::size_t from, std::size_t to,
                std::vector<Point>& out) {
  std::size_t lowest = from, highest = from;
  for (std::size_t i = from; i < to; ++i) {
    if (points[i].y < points[lowest].y) lowest = i;
    if (points[i].y > points[highest].y) highest = i;
  }
  std::array<std::size_t, 4> kept = {from, std::min(lowest, highest), std::max(lowest, highest),
                                     to - 1};
  const auto end = std::unique(kept.begin(), kept.end());
  for (auto it = kept.begin(); it != end; ++it) out.push_back(points[*it]);
}

}  // namespace

std::vector<Point> thin_line(std::vector<Point> line, double pixel) {
  if (line.size() <= 8) return line;
  const double columns = (line.back().x - line.front().x) / pixel + 1;
  if (static_cast<double>(line.size()) <= 4 * columns) return line;
  std::vector<Point> out;
  std::size_t from = 0;
  const auto column = [&](std::size_t i) { return std::floor(line[i].x / pixel); };
  for (std::size_t i = 1; i <= line.size(); ++i) {
    if (i < line.size() && column(i) == column(from)) continue;
    add_column(line, from, i, out);
    from = i;
  }
  return out;
}

std::vector<Point> thin_dots(const std::vector<Point>& dots, double cell) {
  std::vector<Point> out;
  std::unordered_set<std::uint64_t> taken;
  for (const Point p : dots) {
    const auto column = static_cast<std::uint32_t>(static_cast<std::int64_t>(p.x / cell));
    const auto row = static_cast<std::uint32_t>(static_cast<std::int64_t>(p.y / cell));
    if (taken.insert((std::uint64_t{column} << 32) | row).second) out.push_back(p);
  }
  return out;
}

}  // namespace bourse::charting
