// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/scene.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "bourse/report.hpp"
#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/heading.hpp"
#include "plugins/serializers/charting/model.hpp"
#include "plugins/serializers/charting/panel.hpp"

namespace bourse::charting {
namespace {

double weight_of(const Panel& panel) {
  return 1 + 0.6 * static_cast<double>(panel.panes.size() - 1);
}

/// Rows of panels, as places in the model.
using Grid = std::vector<std::vector<std::size_t>>;

Grid rows_of(std::size_t panels, std::size_t columns) {
  Grid grid;
  for (std::size_t i = 0; i < panels; ++i) {
    if (i % columns == 0) grid.emplace_back();
    grid.back().push_back(i);
  }
  return grid;
}

double row_weight(const Model& model, const std::vector<std::size_t>& row) {
  double weight = 0;
  for (const std::size_t i : row) weight = std::max(weight, weight_of(model.panels[i]));
  return weight;
}

std::vector<Rect> place(const Model& model, const Grid& grid, Rect frame, double gap) {
  double weights = 0;
  for (const auto& row : grid) weights += row_weight(model, row);
  const double to_share = frame.height - gap * static_cast<double>(grid.size() - 1);
  std::vector<Rect> out;
  double y = frame.y;
  for (const auto& row : grid) {
    const auto n = static_cast<double>(row.size());
    const double height = to_share * row_weight(model, row) / weights;
    const double width = (frame.width - gap * (n - 1)) / n;
    for (std::size_t i = 0; i < row.size(); ++i) {
      out.push_back({frame.x + (width + gap) * static_cast<double>(i), y, width, height});
    }
    y += height + gap;
  }
  return out;
}

/// Width by height that reads well: a square for heat maps, 16:10 for one pane, less for stacks.
double shape_of(const Panel& panel) {
  return panel.panes.front().heat ? 1.0 : 1.6 / weight_of(panel);
}

/// How far the shapes are from the ones that read well.
double badness(const Model& model, const std::vector<Rect>& places) {
  double worst = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].empty()) return std::numeric_limits<double>::max();
    worst = std::max(
        worst, std::fabs(std::log(places[i].width / places[i].height / shape_of(model.panels[i]))));
  }
  return worst;
}

/// Places for the first `count` panels.
std::vector<Rect> arrange(const Model& model, std::size_t count, Rect frame, double gap) {
  std::vector<Rect> best;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t columns = 1; columns <= std::min<std::size_t>(count, 8); ++columns) {
    auto places = place(model, rows_of(count, columns), frame, gap);
    const double bad = badness(model, places);
    if (bad < least) {
      least = bad;
      best = std::move(places);
    }
  }
  return best;
}

bool readable(const Style& style, const std::vector<Rect>& places) {
  return std::all_of(places.begin(), places.end(), [&](const Rect& r) {
    return r.width >= 14 * style.font.size && r.height >= 6 * style.line;
  });
}

void draw_panels(Canvas& canvas, const Style& style, const Model& model, Rect frame) {
  const std::size_t panels = model.panels.size();
  std::size_t shown = panels;
  auto places = arrange(model, shown, frame, 2 * style.gap);
  Rect left = frame;
  while (shown > 1 && !readable(style, places)) {
    left.height = frame.height - style.line;
    places = arrange(model, --shown, left, 2 * style.gap);
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    canvas.between();
    draw_panel(canvas, style, model.panels[i], places[i]);
  }
  const std::size_t hidden = panels - shown + model.charts_left_out;
  if (hidden == 0 || left == frame) return;
  canvas.clip(std::nullopt);
  canvas.text("+" + std::to_string(hidden) + " more, for which this image is too small", style.font,
              {Role::kMuted}, {frame.x, frame.bottom() - 0.3 * style.font.size}, Anchor::kStart,
              frame.width);
}

void draw_all(Canvas& canvas, const Style& style, const bourse_report& report, Rect frame,
              const Between& between) {
  // Where there is room for one of them, it is the plot.
  const bool plot_only = report.n_charts > 0 && frame.height < 14 * style.line;
  const Rect below = plot_only ? frame : draw_heading(canvas, style, report, frame);
  if (below.empty()) return;
  if (report.n_charts == 0) {
    draw_card(canvas, style, report, below);
    return;
  }
  const Model model = read_model(report, {}, between);
  if (!model.panels.empty()) draw_panels(canvas, style, model, below);
}

/// An empty canvas, drawn on by draw(canvas, style, frame). `margin` is in gaps of the style.
template <class Draw>
Scene scene_of(std::string title, const SceneOptions& options, double margin, const Draw& draw) {
  Scene scene;
  scene.width = options.width;
  scene.height = options.height;
  scene.theme = options.theme;
  scene.title = std::move(title);
  Canvas canvas(scene, options);
  canvas.clip(std::nullopt);
  const Rect whole{0, 0, options.width, options.height};
  canvas.box({Role::kBackground}, whole);
  const Style style =
      options.em > 0 ? Style::of_em(options.em) : Style::of(options.width, options.height);
  draw(canvas, style, whole.inset(std::round(style.gap * margin)));
  std::erase_if(scene.groups, [](const Group& group) { return group.shapes.empty(); });
  return scene;
}

}  // namespace

std::string Scene::description() const {
  std::string out = title;
  for (const PaneInfo& pane : panes) {
    out += (out.empty() ? "" : "\n") + pane.title + ": " + pane.description + ".";
  }
  return out;
}

Scene build_scene(const bourse_report& report, const SceneOptions& options) {
  return scene_of(clean_text(view(report.title)), options, 1.5,
                  [&](Canvas& canvas, const Style& style, Rect frame) {
                    draw_all(canvas, style, report, frame, options.between);
                  });
}

Panels::Panels(const bourse_report& report)
    : title_(clean_text(view(report.title))),
      model_(std::make_unique<const Model>(read_model(report))) {}

Panels::~Panels() = default;

std::size_t Panels::size() const noexcept { return model_->panels.size(); }

std::size_t Panels::charts_left_out() const noexcept { return model_->charts_left_out; }

double Panels::height(std::size_t panel, double width) const {
  const Panel& which = model_->panels[panel];
  const std::vector<Pane>& panes = which.panes;
  const double part = width < 600 ? 0.9 : 1;      // of a hand, not of a desk
  if (lies_at(Style::of_em(11), which, width)) {  // a line and a half for each row
    return std::clamp(80 + 22 * static_cast<double>(which.categories.size()), 240.0, 1600.0);
  }
  if (panes.front().heat) return std::round(560 * part);
  const auto below_first = static_cast<double>(panes.size() - 1);
  const double for_candles = panes.front().has(Mark::kCandles) ? 80 : 0;
  return std::round(part * std::min(320 + 150 * below_first + for_candles, 1600.0));
}

Scene Panels::scene(std::size_t panel, const SceneOptions& options) const {
  const Panel& which = model_->panels[panel];
  Scene scene = scene_of(title_, options, 0.5, [&](Canvas& canvas, const Style& style, Rect frame) {
    draw_panel(canvas, style, which, frame);
  });
  scene.answers = answers_of(which, scene.panes);
  return scene;
}

}  // namespace bourse::charting
