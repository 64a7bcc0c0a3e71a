// SPDX-License-Identifier: MIT
//
// Points and rectangles of a scene, in logical pixels; y grows downwards.
#pragma once

namespace bourse::charting {

struct Point {
  double x = 0, y = 0;
  friend constexpr bool operator==(const Point&, const Point&) = default;
};

struct Rect {
  double x = 0, y = 0, width = 0, height = 0;

  [[nodiscard]] constexpr double right() const noexcept { return x + width; }
  [[nodiscard]] constexpr double bottom() const noexcept { return y + height; }
  [[nodiscard]] constexpr Point center() const noexcept { return {x + width / 2, y + height / 2}; }
  [[nodiscard]] constexpr bool empty() const noexcept { return width <= 0 || height <= 0; }
  /// Smaller by `by` on every side.
  [[nodiscard]] constexpr Rect inset(double by) const noexcept {
    return {x + by, y + by, width - 2 * by, height - 2 * by};
  }
  [[nodiscard]] constexpr bool overlaps(const Rect& other) const noexcept {
    return x < other.right() && other.x < right() && y < other.bottom() && other.y < bottom();
  }
  /// Whether `other` lies inside, give or take `slack`.
  [[nodiscard]] constexpr bool covers(const Rect& other, double slack = 0) const noexcept {
    return other.x >= x - slack && other.y >= y - slack && other.right() <= right() + slack &&
           other.bottom() <= bottom() + slack;
  }
  friend constexpr bool operator==(const Rect&, const Rect&) = default;
};

}  // namespace bourse::charting
