// SPDX-License-Identifier: MIT
//
// Draws one panel: its panes one under the other, or its heat map.
#pragma once

#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/model.hpp"

namespace bourse::charting {

/// Inside `frame`. Says "no data" where there are none.
void draw_panel(Canvas& canvas, const Style& style, const Panel& panel, Rect frame);

/// A panel of one pane with a heat map.
void draw_heat_map(Canvas& canvas, const Style& style, const Pane& pane, Rect frame);

/// Bars that lie on their side, under each other: where their chart wants it, or names are too long
/// to stand under upright bars. False when the panel is not fit for it (draw_panel asks).
bool draw_bar_rows(Canvas& canvas, const Style& style, const Panel& panel, Rect frame);

/// Whether bars lie at this width for the length of their names.
bool lies_at(const Style& style, const Panel& panel, double width);

/// Scene::answers of a panel that has been drawn.
std::string answers_of(const Panel& panel, const std::vector<PaneInfo>& panes);

/// "RSI: newest 54.2, from 12.1 to 87.3", "no data".
std::string describe(const Panel& panel, const Pane& pane);

}  // namespace bourse::charting
