// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "plugins/serializers/charting/caption.hpp"
#include "plugins/serializers/charting/heat_scale.hpp"
#include "plugins/serializers/charting/numbers.hpp"
#include "plugins/serializers/charting/panel.hpp"
#include "plugins/serializers/charting/ticks.hpp"

namespace bourse::charting {
namespace {

constexpr Ink kText{Role::kText}, kMuted{Role::kMuted}, kFrame{Role::kFrame};

/// The least and the greatest of its values and of the range that was asked for: where all values
/// are equal, only what has no range is given room beside them.
Span color_span(const Pane& pane, const HeatMap& heat) {
  Span span{1e301, -1e301};
  for (const double v : heat.values) {
    if (std::isnan(v)) continue;
    span = {std::min(span.low, v), std::max(span.high, v)};
  }
  if (const auto& range = pane.axes[0].range) {
    span = {std::min(span.low, range->low), std::max(span.high, range->high)};
  }
  return heat_span(span.low > span.high ? Span{0, 1} : settle(span));
}

/// Where the axes, the cells and the scale of colours go.
struct HeatPlan {
  Rect legend, caption, cells, scale;
  std::size_t columns = 1, rows = 1;  ///< drawn; fewer than the data's where those are too many
  double cell_width = 1, cell_height = 1;
  bool slanted = false;
  Span span;
};

double widest_of(const std::vector<std::string>& names, Font font) {
  double widest = 0;
  for (const auto& name : names) widest = std::max(widest, text_width(name, font));
  return widest;
}

HeatPlan plan_heat(const Canvas& canvas, const Style& style, const Pane& pane, Rect frame) {
  const HeatMap& heat = *pane.heat;
  HeatPlan plan;
  plan.span = color_span(pane, heat);
  plan.legend = {frame.x, frame.y, frame.width, style.line};
  const double names = std::min(widest_of(heat.rows, style.font), frame.width * 0.4);
  const double left = frame.x + std::ceil(names) + style.gap;
  const double scale_width = frame.width > 30 * style.font.size ? 5.2 * style.font.size : 0;
  const double width = frame.right() - left - scale_width;
  plan.caption = caption_rect(style, pane, plan.legend, frame.height);
  const double top = frame.y + style.line + plan.caption.height + 2;
  const double column_names = widest_of(heat.columns, style.font);
  const auto columns = static_cast<double>(std::max<std::size_t>(heat.columns.size(), 1));
  plan.slanted = column_names + 0.6 * style.font.size > width / columns;
  double below = style.line + 4;
  if (plan.slanted) below += std::min(column_names * 0.7072, frame.height * 0.35);
  const double height = frame.bottom() - top - below;
  plan.cells = canvas.snap(Rect{left, top, std::max(width, 1.0), std::max(height, 1.0)});
  plan.scale = {plan.cells.right() + style.gap, plan.cells.y, style.font.size,
                scale_width > 0 ? plan.cells.height : 0};
  const auto fitting = [&](std::size_t n, double room) {
    const auto most = static_cast<std::size_t>(std::max(1.0, room / canvas.device_pixel() / 2));
    return std::clamp<std::size_t>(n, 1, most);
  };
  plan.columns = fitting(heat.columns.size(), plan.cells.width);
  plan.rows = fitting(heat.rows.size(), plan.cells.height);
  plan.cell_width = plan.cells.width / static_cast<double>(plan.columns);
  plan.cell_height = plan.cells.height / static_cast<double>(plan.rows);
  return plan;
}

/// What a drawn cell shows: the value, or of several the one farthest from zero.
double value_at(const HeatMap& heat, const HeatPlan& plan, std::size_t column, std::size_t row) {
  const auto from = [](std::size_t i, std::size_t shown, std::size_t n) { return i * n / shown; };
  double out = std::nan("");
  for (std::size_t r = from(row, plan.rows, heat.rows.size());
       r < from(row + 1, plan.rows, heat.rows.size()); ++r) {
    for (std::size_t c = from(column, plan.columns, heat.columns.size());
         c < from(column + 1, plan.columns, heat.columns.size()); ++c) {
      const double v = heat.values[r * heat.columns.size() + c];
      if (std::isnan(out) || std::fabs(v) > std::fabs(out)) out = v;
    }
  }
  return out;
}

Rect cell_rect(const Canvas& canvas, const HeatPlan& plan, std::size_t column, std::size_t row) {
  const double x = plan.cells.x + plan.cell_width * static_cast<double>(column);
  const double y = plan.cells.y + plan.cell_height * static_cast<double>(row);
  Rect rect = canvas.snap(Rect{x, y, plan.cell_width, plan.cell_height});
  const double gap = canvas.hair();
  if (plan.cell_width > 6 * gap && plan.cell_height > 6 * gap) {
    rect.width -= gap;
    rect.height -= gap;
  }
  return rect;
}

void draw_cells(Canvas& canvas, const Style& style, const HeatMap& heat, const HeatPlan& plan) {
  std::array<std::vector<Rect>, kHeatSteps> by_step;
  std::vector<Text> texts;
  const int decimals = std::clamp(heat.decimals >= 0 ? heat.decimals : 2, 0, 2);
  const Font font{std::min(style.font.size, plan.cell_height * 0.6), Weight::kRegular};
  for (std::size_t row = 0; row < plan.rows; ++row) {
    for (std::size_t column = 0; column < plan.columns; ++column) {
      const double value = value_at(heat, plan, column, row);
      const Rect rect = cell_rect(canvas, plan, column, row);
      const bool none = std::isnan(value);
      const std::uint8_t step = none ? 0 : heat_step(value, plan.span);
      if (!none) by_step[step].push_back(rect);
      std::string text = format_number(value, value_format(value, decimals, 1e4));
      const double width = text_width(text, font);
      if (width > rect.width - 4 || font.size < 7.5) continue;
      const Point middle = rect.center();
      texts.push_back({none ? kMuted : Ink{Role::kOnHeat, step},
                       font,
                       Anchor::kMiddle,
                       {middle.x, Canvas::baseline(middle.y, font)},
                       0,
                       width,
                       std::move(text)});
    }
  }
  for (std::size_t step = 0; step < by_step.size(); ++step) {
    if (by_step[step].empty()) continue;
    canvas.add(Boxes{{Role::kHeat, static_cast<std::uint8_t>(step)}, std::move(by_step[step])});
  }
  // All or none: a map with some of its numbers looks as if the others were missing.
  if (texts.size() == plan.rows * plan.columns) {
    for (Text& text : texts) canvas.add(std::move(text));
  }
}

void draw_names(Canvas& canvas, const Style& style, const HeatMap& heat, const HeatPlan& plan,
                Rect frame) {
  const double row_height = plan.cells.height / static_cast<double>(heat.rows.size());
  const auto every = [](double needed, double size) {
    return static_cast<std::size_t>(std::max(1.0, std::ceil(needed / size)));
  };
  for (std::size_t i = 0; i < heat.rows.size(); i += every(style.font.size * 1.1, row_height)) {
    const double y = plan.cells.y + row_height * (static_cast<double>(i) + 0.5);
    canvas.text(heat.rows[i], style.font, kMuted,
                {plan.cells.x - style.gap * 0.6, Canvas::baseline(y, style.font)}, Anchor::kEnd,
                plan.cells.x - style.gap * 0.6 - frame.x);
  }
  const double column_width = plan.cells.width / static_cast<double>(heat.columns.size());
  const double y = plan.cells.bottom() + 4 + 0.8 * style.font.size;
  const std::size_t step = plan.slanted ? every(style.line * 1.4143, column_width) : std::size_t{1};
  for (std::size_t i = 0; i < heat.columns.size(); i += step) {
    const double x = plan.cells.x + column_width * (static_cast<double>(i) + 0.5);
    if (!plan.slanted) {
      canvas.text(heat.columns[i], style.font, kMuted, {x, y}, Anchor::kMiddle, column_width);
      continue;
    }
    const double room = std::min(frame.bottom() - y, x - frame.x) / 0.7072 - style.font.size * 0.4;
    if (text_width(heat.columns[i], style.font) > room) continue;  // cut, it might be another one
    canvas.text(heat.columns[i], style.font, kMuted, {x + style.font.size * 0.35, y}, Anchor::kEnd,
                room, 45);
  }
}

void draw_color_scale(Canvas& canvas, const Style& style, const HeatPlan& plan, Rect frame) {
  if (plan.scale.height < 3 * style.line) return;
  const Rect bar = canvas.snap(plan.scale);
  for (int i = 0; i < kHeatSteps; ++i) {
    const double from = bar.height * i / kHeatSteps, to = bar.height * (i + 1) / kHeatSteps;
    const double middle = plan.span.low + plan.span.length() * (i + 0.5) / kHeatSteps;
    canvas.box({Role::kHeat, heat_step(middle, plan.span)},
               {bar.x, bar.bottom() - to, bar.width, to - from});
  }
  const Ticks ticks = number_ticks(plan.span, 5);
  const double largest = std::max(std::fabs(plan.span.low), std::fabs(plan.span.high));
  const NumberFormat format = axis_format(ticks.step, largest, 1e4);
  for (const double tick : ticks.values) {
    const double at = bar.bottom() - (tick - plan.span.low) / plan.span.length() * bar.height;
    const double y =
        std::clamp(at, bar.y + style.font.size / 2, bar.bottom() - style.font.size / 2);
    canvas.text(format_number(tick, format), style.font, kMuted,
                {bar.right() + style.gap * 0.6, Canvas::baseline(y, style.font)}, Anchor::kStart,
                frame.right() - bar.right() - style.gap * 0.6);
  }
}

}  // namespace

void draw_heat_map(Canvas& canvas, const Style& style, const Pane& pane, Rect frame) {
  const HeatMap& heat = *pane.heat;
  const HeatPlan plan = plan_heat(canvas, style, pane, frame);
  canvas.clip(plan.cells);
  if (!heat.values.empty()) draw_cells(canvas, style, heat, plan);
  canvas.clip(std::nullopt);
  const double y = Canvas::baseline(plan.legend.center().y, style.font);
  const double said =
      canvas.text(pane.title, style.strong, kText, {frame.x, y}, Anchor::kStart, frame.width);
  if (heat.by_likeness) {
    const double x = frame.x + said + style.gap * 1.5;
    constexpr std::string_view kLong = "similar ones side by side (average linkage)";
    const bool fits = text_width(kLong, style.font) <= frame.right() - x;
    canvas.text(fits ? kLong : "by likeness", style.font, kMuted, {x, y}, Anchor::kStart,
                frame.right() - x);
  }
  draw_caption(canvas, style, pane, plan.caption);
  if (heat.values.empty()) {
    canvas.box(kFrame, {plan.cells.x, plan.cells.bottom(), plan.cells.width, canvas.hair()});
    const Point middle = plan.cells.center();
    canvas.text("no data", style.font, kMuted, {middle.x, Canvas::baseline(middle.y, style.font)},
                Anchor::kMiddle, plan.cells.width);
  } else {
    draw_names(canvas, style, heat, plan, frame);
    draw_color_scale(canvas, style, plan, frame);
  }
  canvas.info({pane.name, pane.title, describe(Panel{}, pane), frame, plan.cells});
}

}  // namespace bourse::charting
