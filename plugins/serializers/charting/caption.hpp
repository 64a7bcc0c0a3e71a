// SPDX-License-Identifier: MIT
//
// The line of a pane that says what its charts ask for and the picture does not show.
#pragma once

#include <string>
#include <vector>

#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/model.hpp"

namespace bourse::charting {

/// "Not drawn: stacking: only bars and areas are stacked; 3 values at or below 0 on a logarithmic
/// axis"; empty when there is nothing to say.
std::string caption_text(const std::vector<std::string>& not_drawn);

/// The line under the pane's legend, or one without height: there is nothing to say, or no room in
/// a pane `height` high.
Rect caption_rect(const Style& style, const Pane& pane, Rect legend, double height);

void draw_caption(Canvas& canvas, const Style& style, const Pane& pane, Rect line);

}  // namespace bourse::charting
