// SPDX-License-Identifier: MIT
//
// A picture of a report as a list of simple shapes: what the png serializer draws with Cairo and
// the html serializer writes as SVG. Pure: the same report and options give the same scene.
//
// Shapes are drawn in order, later ones over earlier ones. Coordinates are logical pixels; filled
// boxes and straight hair lines already sit on the grid of device pixels (logical x scale). The
// background of the whole canvas is the first shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bourse/bourse.h"
#include "plugins/serializers/charting/geometry.hpp"
#include "plugins/serializers/charting/model.hpp"
#include "plugins/serializers/charting/text.hpp"
#include "plugins/serializers/charting/theme.hpp"

namespace bourse::charting {

/// Filled, without outline; edges on device pixels.
struct Boxes {
  Ink ink;
  std::vector<Rect> rects;
};

/// Open lines; joins are bevelled or round, never mitred: spikes must not grow.
struct Strokes {
  Ink ink;
  double width = 1;
  bool dashed = false;
  std::vector<std::vector<Point>> lines;  ///< of at least two points each
};

/// Filled rings, closed from the last point to the first.
struct Areas {
  Ink ink;
  std::vector<std::vector<Point>> rings;
};

struct Dots {
  Ink ink;
  double radius = 2;
  std::vector<Point> centers;
};

enum class Anchor : std::uint8_t { kStart, kMiddle, kEnd };

/// One line of clean text (text.hpp). A renderer whose face is wider than text_width() says must
/// set the text narrower, to `width`.
struct Text {
  Ink ink;
  Font font;
  Anchor anchor = Anchor::kStart;
  Point at;          ///< on the baseline, at the anchor
  double angle = 0;  ///< degrees, around `at`, counter-clockwise: 0, 45 or 90
  double width = 0;  ///< text_width(text, font)
  std::string text;
};

using Shape = std::variant<Boxes, Strokes, Areas, Dots, Text>;

struct Group {
  std::optional<Rect> clip;
  std::vector<Shape> shapes;
};

/// What a pane shows, in words: for pages that are heard, and for alternative text.
struct PaneInfo {
  std::string name, title, description;
  Rect frame, plot;
  double x_low = 0, x_high = 0;  ///< at the sides of the plot; of a time axis ns from its origin
};

struct Scene {
  double width = 0, height = 0;
  Theme theme = Theme::kLight;
  std::string title;
  std::vector<Group> groups;
  std::vector<PaneInfo> panes;
  /// For a page whose charts answer: a JSON object of what is drawn where, and from which columns;
  /// empty where no time axis is shown.
  std::string answers;

  /// One paragraph: the title and what every pane shows.
  [[nodiscard]] std::string description() const;
};

struct SceneOptions {
  double width = 1200, height = 800;  ///< logical pixels, at least 1
  double em = 0;                      ///< of letters in logical pixels; 0: as suits the size
  double scale = 1;                   ///< device pixels per logical pixel: where hair lines snap to
  Theme theme = Theme::kLight;
  Between between = {};  ///< of charts that are read, and of series that are drawn
};

/// All panels, under the title, the time and the notes of the report. A report without charts
/// becomes a card: title, notes, key figures, first rows.
Scene build_scene(const bourse_report& report, const SceneOptions& options);

/// The charts of a report panel by panel, for pages that give each a place of its own. Reads the
/// report once, and keeps what it read: the report may go. Then only read, from any thread.
class Panels {
 public:
  explicit Panels(const bourse_report& report);
  ~Panels();
  Panels(const Panels&) = delete;
  Panels& operator=(const Panels&) = delete;

  [[nodiscard]] std::size_t size() const noexcept;
  /// Charts that no panel shows, for there are too many.
  [[nodiscard]] std::size_t charts_left_out() const noexcept;
  /// What suits the panel at a width. REQUIRES: panel < size().
  [[nodiscard]] double height(std::size_t panel, double width = 900) const;
  /// The panel alone, without a heading. REQUIRES: panel < size().
  [[nodiscard]] Scene scene(std::size_t panel, const SceneOptions& options) const;

 private:
  std::string title_;
  std::unique_ptr<const Model> model_;
};

/// The rectangle that a shape covers, text by its measure and turned, lines by their width.
Rect bounds_of(const Shape& shape);

}  // namespace bourse::charting
