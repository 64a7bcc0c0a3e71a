// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/theme.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bourse::charting {
namespace {

constexpr Color rgb(std::uint32_t hex) noexcept {
  return {static_cast<std::uint8_t>(hex >> 16), static_cast<std::uint8_t>(hex >> 8),
          static_cast<std::uint8_t>(hex)};
}

struct Palette {
  Color background, text, muted, grid, frame, up, down, warning;
  std::array<Color, kSeriesColors> series;
  Color heat_low, heat_middle, heat_high;
};

// Series: blue, purple, amber, teal, olive, sky, grey. Grey, the last, is what bands are drawn in.
constexpr Palette kLight = {
    .background = rgb(0xffffff),
    .text = rgb(0x1a1f2b),
    .muted = rgb(0x5b616e),
    .grid = rgb(0xe9ecf1),
    .frame = rgb(0xb9c0cc),
    .up = rgb(0x00916a),
    .down = rgb(0xcc5500),
    .warning = rgb(0x9a4a00),
    .series = {rgb(0x0072b2), rgb(0xa8578a), rgb(0xb87600), rgb(0x008ca8), rgb(0x7a6a00),
               rgb(0x2e8bc0), rgb(0x6b7280)},
    .heat_low = rgb(0xd25a00),
    .heat_middle = rgb(0xf6f6f4),
    .heat_high = rgb(0x0068a8),
};

constexpr Palette kDark = {
    .background = rgb(0x12161f),
    .text = rgb(0xe3e6ec),
    .muted = rgb(0x9aa3b2),
    .grid = rgb(0x222835),
    .frame = rgb(0x475061),
    .up = rgb(0x2bc29a),
    .down = rgb(0xf0803c),
    .warning = rgb(0xf2b04a),
    .series = {rgb(0x56b4e9), rgb(0xd88bb8), rgb(0xe69f00), rgb(0x3fc7d6), rgb(0xf0e442),
               rgb(0x8ab4f8), rgb(0x9aa3b2)},
    .heat_low = rgb(0xf0803c),
    .heat_middle = rgb(0x262c38),
    .heat_high = rgb(0x3d9bd9),
};

constexpr const Palette& palette_of(Theme theme) noexcept {
  return theme == Theme::kDark ? kDark : kLight;
}

double to_linear(std::uint8_t channel) noexcept {
  const double c = channel / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

std::uint8_t to_channel(double linear) noexcept {
  const double c = std::clamp(linear, 0.0, 1.0);
  const double s = c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(s * 255));
}

struct Oklab {
  double lightness, a, b;
};

// Ottosson, "A perceptual color space for image processing" (2020): equal steps look equal.
Oklab to_oklab(Color c) noexcept {
  const double r = to_linear(c.red), g = to_linear(c.green), b = to_linear(c.blue);
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

Color to_color(Oklab c) noexcept {
  const auto cube = [](double v) { return v * v * v; };
  const double l = cube(c.lightness + 0.3963377774 * c.a + 0.2158037573 * c.b);
  const double m = cube(c.lightness - 0.1055613458 * c.a - 0.0638541728 * c.b);
  const double s = cube(c.lightness - 0.0894841775 * c.a - 1.2914855480 * c.b);
  return {to_channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          to_channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          to_channel(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

Color between(Color from, Color to, double t) noexcept {
  const Oklab a = to_oklab(from), b = to_oklab(to);
  return to_color({a.lightness + (b.lightness - a.lightness) * t, a.a + (b.a - a.a) * t,
                   a.b + (b.b - a.b) * t});
}

Color heat(const Palette& palette, std::uint8_t step) noexcept {
  constexpr double kMiddle = (kHeatSteps - 1) / 2.0;
  const double t = (std::min<std::uint8_t>(step, kHeatSteps - 1) - kMiddle) / kMiddle;
  return between(palette.heat_middle, t < 0 ? palette.heat_low : palette.heat_high, std::fabs(t));
}

double luminance(Color c) noexcept {
  return 0.2126 * to_linear(c.red) + 0.7152 * to_linear(c.green) + 0.0722 * to_linear(c.blue);
}

Color black_or_white(Color fill) noexcept {
  // One of the two always reaches 4.58:1, the geometric middle of 1 and 21.
  constexpr Color kBlack = rgb(0x000000), kWhite = rgb(0xffffff);
  return contrast(kWhite, fill) >= contrast(kBlack, fill) ? kWhite : kBlack;
}

}  // namespace

Theme theme_of(std::string_view name) noexcept {
  return name == "dark" ? Theme::kDark : Theme::kLight;
}

Ink readable_on(Ink fill) noexcept {
  switch (fill.role) {
    case Role::kUp:
      return {Role::kOnUp};
    case Role::kDown:
      return {Role::kOnDown};
    case Role::kSeries:
      return {Role::kOnSeries, fill.index};
    case Role::kHeat:
      return {Role::kOnHeat, fill.index};
    default:
      return {Role::kText};
  }
}

Color color_of(Theme theme, Ink ink) noexcept {
  const Palette& palette = palette_of(theme);
  switch (ink.role) {
    case Role::kBackground:
      return palette.background;
    case Role::kText:
      return palette.text;
    case Role::kMuted:
      return palette.muted;
    case Role::kGrid:
      return palette.grid;
    case Role::kFrame:
      return palette.frame;
    case Role::kUp:
      return palette.up;
    case Role::kDown:
      return palette.down;
    case Role::kWarning:
      return palette.warning;
    case Role::kSeries:
      return palette.series[ink.index % kSeriesColors];
    case Role::kHeat:
      return heat(palette, ink.index);
    case Role::kOnUp:
      return black_or_white(palette.up);
    case Role::kOnDown:
      return black_or_white(palette.down);
    case Role::kOnSeries:
      return black_or_white(palette.series[ink.index % kSeriesColors]);
    case Role::kOnHeat:
      return black_or_white(heat(palette, ink.index));
  }
  return palette.text;
}

double contrast(Color a, Color b) noexcept {
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

}  // namespace bourse::charting
