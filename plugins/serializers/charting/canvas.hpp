// SPDX-License-Identifier: MIT
//
// How the parts of a figure are put into a scene: snapped, measured, grouped.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/serializers/charting/scene.hpp"

namespace bourse::charting {

/// Sizes that belong together, for a canvas of some size.
struct Style {
  Font font;    ///< axes, legends
  Font strong;  ///< names of panes
  Font title;
  double line;  ///< height of a line of `font`
  double gap;   ///< between parts

  static Style of(double width, double height);
  static Style of_em(double em);
};

class Canvas {
 public:
  /// Borrows both.
  Canvas(Scene& scene, const SceneOptions& options)
      : scene_(scene), scale_(options.scale), between_(options.between) {}

  /// Before a part that takes long.
  void between() const {
    if (between_) between_();
  }

  /// What is added from here on is clipped to `clip`, or to nothing.
  void clip(std::optional<Rect> to) { scene_.groups.push_back({to, {}}); }

  /// The nearest line between device pixels.
  [[nodiscard]] double snap(double at) const noexcept;
  [[nodiscard]] Rect snap(Rect rect) const noexcept;
  /// One device pixel, or the whole number of them that is nearest to one logical pixel.
  [[nodiscard]] double hair() const noexcept;
  [[nodiscard]] double device_pixel() const noexcept { return 1 / scale_; }

  template <class AnyShape>
  void add(AnyShape shape) {
    scene_.groups.back().shapes.emplace_back(std::move(shape));
  }
  /// Snapped.
  void box(Ink ink, Rect rect);
  void horizontal(Ink ink, double x_from, double x_to, double y);
  void vertical(Ink ink, double x, double y_from, double y_to);
  void dashed(Ink ink, double x_from, double x_to, double y);
  void dashed_vertical(Ink ink, double x, double y_from, double y_to);
  /// Baseline at `at`; shortened to `room`. Returns the width that it took.
  double text(std::string_view text, Font font, Ink ink, Point at, Anchor anchor = Anchor::kStart,
              double room = 1e9, double angle = 0);
  /// Centred on `middle` vertically, as digits and capitals are.
  [[nodiscard]] static double baseline(double middle, Font font) noexcept {
    return middle + 0.365 * font.size;
  }

  void info(PaneInfo pane) { scene_.panes.push_back(std::move(pane)); }

 private:
  Scene& scene_;
  double scale_;
  const Between& between_;
};

}  // namespace bourse::charting
