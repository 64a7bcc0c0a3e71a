// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/canvas.hpp"

#include <algorithm>
#include <cmath>

namespace bourse::charting {

Style Style::of(double width, double height) {
  const double room = std::sqrt(std::min(width / 1200, height / 800));
  return of_em(std::clamp(std::round(11 * room * 2) / 2, 8.5, 14.0));
}

Style Style::of_em(double em) {
  return {.font = {em, Weight::kRegular},
          .strong = {em, Weight::kBold},
          .title = {std::round(em * 1.45), Weight::kBold},
          .line = std::ceil(em * 1.45),
          .gap = std::round(em * 0.75)};
}

double Canvas::snap(double at) const noexcept { return std::round(at * scale_) / scale_; }

Rect Canvas::snap(Rect rect) const noexcept {
  const double x = snap(rect.x), y = snap(rect.y);
  return {x, y, std::max(snap(rect.right()) - x, 1 / scale_),
          std::max(snap(rect.bottom()) - y, 1 / scale_)};
}

double Canvas::hair() const noexcept { return std::max(1.0, std::round(scale_)) / scale_; }

void Canvas::box(Ink ink, Rect rect) { add(Boxes{ink, {snap(rect)}}); }

void Canvas::horizontal(Ink ink, double x_from, double x_to, double y) {
  box(ink, {x_from, snap(y - hair() / 2), x_to - x_from, hair()});
}

void Canvas::vertical(Ink ink, double x, double y_from, double y_to) {
  box(ink, {snap(x - hair() / 2), y_from, hair(), y_to - y_from});
}

void Canvas::dashed(Ink ink, double x_from, double x_to, double y) {
  const double middle = snap(y - hair() / 2) + hair() / 2;
  add(Strokes{ink, hair(), true, {{{x_from, middle}, {x_to, middle}}}});
}

void Canvas::dashed_vertical(Ink ink, double x, double y_from, double y_to) {
  const double middle = snap(x - hair() / 2) + hair() / 2;
  add(Strokes{ink, hair(), true, {{{middle, y_from}, {middle, y_to}}}});
}

double Canvas::text(std::string_view text, Font font, Ink ink, Point at, Anchor anchor, double room,
                    double angle) {
  std::string shown = fit_text(text, font, room);
  if (shown.empty()) return 0;
  const double width = text_width(shown, font);
  add(Text{ink, font, anchor, at, angle, width, std::move(shown)});
  return width;
}

// ---- bounds -------------------------------------------------------------------------------------

namespace {

class Bounds {
 public:
  void add(Point p, double margin = 0) {
    left_ = std::min(left_, p.x - margin);
    top_ = std::min(top_, p.y - margin);
    right_ = std::max(right_, p.x + margin);
    bottom_ = std::max(bottom_, p.y + margin);
  }
  [[nodiscard]] Rect rect() const {
    return right_ < left_ ? Rect{} : Rect{left_, top_, right_ - left_, bottom_ - top_};
  }

 private:
  double left_ = 1e300, top_ = 1e300, right_ = -1e300, bottom_ = -1e300;
};

struct BoundsOf {
  Rect operator()(const Boxes& shape) const {
    Bounds bounds;
    for (const Rect& r : shape.rects) {
      bounds.add({r.x, r.y});
      bounds.add({r.right(), r.bottom()});
    }
    return bounds.rect();
  }
  Rect operator()(const Strokes& shape) const {
    Bounds bounds;
    for (const auto& line : shape.lines) {
      for (const Point p : line) bounds.add(p, shape.width / 2);
    }
    return bounds.rect();
  }
  Rect operator()(const Areas& shape) const {
    Bounds bounds;
    for (const auto& ring : shape.rings) {
      for (const Point p : ring) bounds.add(p);
    }
    return bounds.rect();
  }
  Rect operator()(const Dots& shape) const {
    Bounds bounds;
    for (const Point p : shape.centers) bounds.add(p, shape.radius);
    return bounds.rect();
  }
  Rect operator()(const Text& shape) const {
    const double start = shape.anchor == Anchor::kStart    ? 0
                         : shape.anchor == Anchor::kMiddle ? -shape.width / 2
                                                           : -shape.width;
    const double turn = shape.angle * 3.14159265358979323846 / 180;
    const double cosine = std::cos(turn), sine = std::sin(turn);
    Bounds bounds;
    for (const double along : {start, start + shape.width}) {
      for (const double across : {-0.76 * shape.font.size, 0.24 * shape.font.size}) {
        bounds.add({shape.at.x + along * cosine + across * sine,
                    shape.at.y - along * sine + across * cosine});
      }
    }
    return bounds.rect();
  }
};

}  // namespace

Rect bounds_of(const Shape& shape) { return std::visit(BoundsOf{}, shape); }

}  // namespace bourse::charting
