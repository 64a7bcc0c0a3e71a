// SPDX-License-Identifier: MIT
//
// Contrast by WCAG 2.2 (1.4.3, 1.4.11); colour-vision deficiency by the matrices of Machado,
// Oliveira and Fernandes (2009) at severity 1, applied to linear RGB.
#include "plugins/serializers/charting/theme.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace bourse::charting {
namespace {

constexpr std::array<Theme, 2> kThemes = {Theme::kLight, Theme::kDark};

Color ink(Theme theme, Role role, int index = 0) {
  return color_of(theme, {role, static_cast<std::uint8_t>(index)});
}

TEST(Contrast, IsThatOfTheStandard) {
  EXPECT_NEAR(contrast({0, 0, 0}, {255, 255, 255}), 21, 1e-9);
  EXPECT_NEAR(contrast({255, 255, 255}, {255, 255, 255}), 1, 1e-9);
  EXPECT_NEAR(contrast({0x77, 0x77, 0x77}, {255, 255, 255}), 4.48, 0.005);  // WebAIM's example
}

TEST(Theme, TextIsReadableOnTheBackground) {
  for (const Theme theme : kThemes) {
    const Color background = ink(theme, Role::kBackground);
    EXPECT_GE(contrast(ink(theme, Role::kText), background), 7);
    EXPECT_GE(contrast(ink(theme, Role::kMuted), background), 4.5);
    EXPECT_GE(contrast(ink(theme, Role::kWarning), background), 4.5);
  }
}

TEST(Theme, MarksStandOutFromTheBackground) {
  for (const Theme theme : kThemes) {
    const Color background = ink(theme, Role::kBackground);
    EXPECT_GE(contrast(ink(theme, Role::kUp), background), 3);
    EXPECT_GE(contrast(ink(theme, Role::kDown), background), 3);
    for (int i = 0; i < kSeriesColors; ++i) {
      EXPECT_GE(contrast(ink(theme, Role::kSeries, i), background), 3) << i;
    }
  }
}

TEST(Theme, TextOnFilledAreasIsReadable) {
  for (const Theme theme : kThemes) {
    std::vector<Ink> fills = {{Role::kUp}, {Role::kDown}};
    for (std::uint8_t i = 0; i < kSeriesColors; ++i) fills.push_back({Role::kSeries, i});
    for (std::uint8_t i = 0; i < kHeatSteps; ++i) fills.push_back({Role::kHeat, i});
    for (const Ink fill : fills) {
      EXPECT_GE(contrast(color_of(theme, readable_on(fill)), color_of(theme, fill)), 4.4)
          << int(fill.role) << " " << int(fill.index);
    }
  }
}

TEST(Theme, HeatGrowsFromTheMiddleToBothEnds) {
  for (const Theme theme : kThemes) {
    const Color middle = ink(theme, Role::kHeat, kHeatSteps / 2);
    double before = 1;
    for (int i = kHeatSteps / 2 + 1; i < kHeatSteps; ++i) {
      const double now = contrast(ink(theme, Role::kHeat, i), middle);
      EXPECT_GT(now, before) << i;
      before = now;
    }
    before = 1;
    for (int i = kHeatSteps / 2 - 1; i >= 0; --i) {
      const double now = contrast(ink(theme, Role::kHeat, i), middle);
      EXPECT_GT(now, before) << i;
      before = now;
    }
  }
}

// ---- colour vision ------------------------------------------------------------------------------

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

constexpr Matrix kProtanopia = {{{0.152286, 1.052583, -0.204868},
                                 {0.114503, 0.786281, 0.099216},
                                 {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix kDeuteranopia = {{{0.367322, 0.860646, -0.227968},
                                   {0.280085, 0.672501, 0.047413},
                                   {-0.011820, 0.042940, 0.968881}}};

Vector linear(Color c) {
  const auto channel = [](std::uint8_t v) {
    const double s = v / 255.0;
    return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
  };
  return {channel(c.red), channel(c.green), channel(c.blue)};
}

Vector times(const Matrix& m, const Vector& v) {
  Vector out{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) out[i] += m[i][j] * v[j];
  }
  return out;
}

/// CIE 1976 L*a*b*, D65.
Vector lab(const Vector& rgb) {
  constexpr Matrix kToXyz = {{{0.4124564, 0.3575761, 0.1804375},
                              {0.2126729, 0.7151522, 0.0721750},
                              {0.0193339, 0.1191920, 0.9503041}}};
  constexpr Vector kWhite = {0.95047, 1.0, 1.08883};
  const Vector xyz = times(kToXyz, rgb);
  Vector f{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double t = std::max(0.0, xyz[i]) / kWhite[i];
    f[i] = t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  }
  return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

double difference(const Matrix& vision, Color a, Color b) {
  const Vector x = lab(times(vision, linear(a))), y = lab(times(vision, linear(b)));
  return std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
}

TEST(Theme, RisingAndFallingAreToldApartWithEveryColourVision) {
  for (const Theme theme : kThemes) {
    for (const Matrix& vision : {kProtanopia, kDeuteranopia}) {
      EXPECT_GT(difference(vision, ink(theme, Role::kUp), ink(theme, Role::kDown)), 25);
      EXPECT_GT(
          difference(vision, ink(theme, Role::kHeat, 0), ink(theme, Role::kHeat, kHeatSteps - 1)),
          60);
    }
  }
}

TEST(Theme, SeriesThatFollowEachOtherAreToldApartWithEveryColourVision) {
  for (const Theme theme : kThemes) {
    for (const Matrix& vision : {kProtanopia, kDeuteranopia}) {
      for (int a = 1; a < kSeriesColors - 1; ++a) {
        EXPECT_GT(
            difference(vision, ink(theme, Role::kSeries, a), ink(theme, Role::kSeries, a - 1)), 15)
            << a;
      }
      for (int a = 0; a < 3; ++a) {
        for (int b = 0; b < a; ++b) {
          EXPECT_GT(difference(vision, ink(theme, Role::kSeries, a), ink(theme, Role::kSeries, b)),
                    15)
              << a << " " << b;
        }
      }
    }
  }
}

}  // namespace
}  // namespace bourse::charting
