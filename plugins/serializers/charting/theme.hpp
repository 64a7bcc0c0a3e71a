// SPDX-License-Identifier: MIT
//
// Colours, by what they mean. A scene names inks; a theme gives them colours, so that one layout
// serves light and dark, and a page can hand both to a style sheet.
//
// The palette is Okabe and Ito's ("Color Universal Design", 2008), told apart with any of the
// common colour-vision deficiencies; on white its light members are darkened until text and lines
// in them reach a contrast of 3:1.
#pragma once

#include <cstdint>
#include <string_view>

namespace bourse::charting {

enum class Theme : std::uint8_t { kLight, kDark };

/// "light" or "dark"; anything else is light.
Theme theme_of(std::string_view name) noexcept;

struct Color {
  std::uint8_t red = 0, green = 0, blue = 0;
  friend constexpr bool operator==(const Color&, const Color&) = default;
};

enum class Role : std::uint8_t {
  kBackground,
  kText,
  kMuted,  ///< text of axes and second lines
  kGrid,
  kFrame,    ///< around plots; guide levels
  kUp,       ///< rising candles, positive bars, bids
  kDown,     ///< falling candles, negative bars, asks
  kWarning,  ///< notes from warnings up
  kSeries,   ///< index: 0..kSeriesColors-1
  kHeat,     ///< index: 0 (low) .. kHeatSteps-1 (high)
  kOnUp,     ///< text on areas filled with the role of that name
  kOnDown,
  kOnSeries,
  kOnHeat,
};

inline constexpr std::uint8_t kSeriesColors = 7;  ///< the last is a quiet one, for bands
inline constexpr std::uint8_t kHeatSteps = 33;

struct Ink {
  Role role = Role::kText;
  std::uint8_t index = 0;
  double opacity = 1;
  friend constexpr bool operator==(const Ink&, const Ink&) = default;
};

/// The ink for text on an area filled with `fill`.
Ink readable_on(Ink fill) noexcept;

Color color_of(Theme theme, Ink ink) noexcept;

/// Of WCAG 2: from 1 (equal) to 21 (black on white).
double contrast(Color a, Color b) noexcept;

}  // namespace bourse::charting
