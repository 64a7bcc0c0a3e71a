// SPDX-License-Identifier: MIT
//
// Which installed face draws which character: the one that charting measures, and where that has
// no glyph, the nearest that has one, as fontconfig ranks them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/serializers/charting/text.hpp"

namespace bourse::png {

/// A stretch of a text that one face draws.
struct Run {
  void* face = nullptr;  ///< a cairo_font_face_t, borrowed; lives as long as the program
  std::string text = {};
};

/// The text as stretches, in its order. What no face has stays with the first one, which draws a
/// box for it; marks over a character stay with that character. Any thread. The first text that
/// needs another face than the first waits until fontconfig has ranked what is installed: some
/// milliseconds, once. Fonts that are installed later are not seen.
std::vector<Run> runs_of(std::string_view text, charting::Weight weight);

/// The characters of a text that no installed face has, in its order, each once.
std::vector<char32_t> without_glyph(std::string_view text, charting::Weight weight);

}  // namespace bourse::png
