// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/badge.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "bourse/report.hpp"
#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/columns.hpp"
#include "plugins/serializers/charting/format.hpp"

namespace bourse::charting {
namespace {

constexpr std::size_t kTextBytesMax = 256;

[[noreturn]] void refuse(const bourse_report& report, std::string_view name) {
  constexpr std::size_t kShown = 20;
  std::string message = name.empty()
                            ? "This report has no single value to show."
                            : "There is no single value " + std::string(name) + " in this report.";
  for (std::size_t i = 0; i < std::min(report.n_scalars, kShown); ++i) {
    message += (i == 0 ? " It has: " : ", ") + std::string(view(report.scalars[i]->field->name));
  }
  if (report.n_scalars > kShown) {
    message += " and " + std::to_string(report.n_scalars - kShown) + " more";
  }
  throw Error(BOURSE_NOT_FOUND, "value_not_found", std::move(message)).blame("figure");
}

const bourse_scalar& figure_of(const bourse_report& report, std::string_view name) {
  for (std::size_t i = 0; i < report.n_scalars; ++i) {
    const bourse_scalar& scalar = *report.scalars[i];
    const bool is_it =
        name.empty() ? scalar.value.type != BOURSE_TYPE_NULL : view(scalar.field->name) == name;
    if (is_it) return scalar;
  }
  refuse(report, name);
}

Ink ink_of(const bourse_scalar& figure, std::string_view unit) {
  const double number = to_number(figure.value);
  if (unit != "%" || !(number < 0 || number > 0)) return {Role::kSeries, 0};
  return {number > 0 ? Role::kUp : Role::kDown};
}

}  // namespace

Scene build_badge(const bourse_report& report, const BadgeOptions& options) {
  const bourse_scalar& figure = figure_of(report, options.figure);
  const std::string unit = clean_text(unit_beside(*figure.field), kTextBytesMax);
  std::string value = value_text(figure.value, *figure.field);
  if (!unit.empty() && figure.value.type != BOURSE_TYPE_NULL) value += " " + unit;
  const std::string label =
      options.label.empty() ? label_of(*figure.field) : clean_text(options.label, kTextBytesMax);
  const Font font{.size = 0.55 * options.height};
  const Font strong{.size = font.size, .weight = Weight::kBold};
  const double margin = 0.35 * options.height;
  const double left = std::ceil(text_width(label, font) + 2 * margin);
  const double right = std::ceil(text_width(value, strong) + 2 * margin);

  Scene scene;
  scene.width = left + right;
  scene.height = options.height;
  scene.theme = options.theme;
  const SceneOptions whole{
      .width = scene.width, .height = scene.height, .scale = options.scale, .theme = options.theme};
  Canvas canvas(scene, whole);
  canvas.clip(std::nullopt);
  const Ink fill = ink_of(figure, unit);
  canvas.box({Role::kText}, {0, 0, left, options.height});
  canvas.box(fill, {left, 0, right, options.height});
  const double line = options.height / 2;
  canvas.text(label, font, {Role::kBackground}, {margin, Canvas::baseline(line, font)});
  canvas.text(value, strong, readable_on(fill), {left + margin, Canvas::baseline(line, strong)});
  canvas.info({.name = "badge",
               .title = label,
               .description = value,
               .frame = {0, 0, scene.width, scene.height},
               .plot = {0, 0, scene.width, scene.height}});
  return scene;
}

}  // namespace bourse::charting
