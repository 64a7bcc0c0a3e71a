// SPDX-License-Identifier: MIT
//
// Draws a scene into pixels with Cairo.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plugins/serializers/charting/scene.hpp"

namespace bourse::png {

/// Rows from the top, three bytes a pixel: red, green, blue.
struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> bytes;
};

/// Size of a scene in device pixels. REQUIRES: sides of at most 16,000 of them.
struct Size {
  int width = 0, height = 0;
};
Size size_of(double width, double height, double scale) noexcept;

/// Any thread. `between`: called before each shape, and now and then within one of many parts: what
/// it throws ends the drawing. Draws into `memory`, which may come from an earlier image: pages
/// fresh from the system cost a quarter of a figure's time. Throws Error(BOURSE_INTERNAL) when
/// Cairo fails, std::bad_alloc without memory.
Image paint(const charting::Scene& scene, double scale, std::vector<std::uint8_t> memory = {},
            const charting::Between& between = {});

/// Finds and loads the fonts now, which takes tens of milliseconds the first time, so that no
/// request has to wait for it. Without any font installed Cairo draws with a plain one of its own.
void warm_up_fonts();

}  // namespace bourse::png
