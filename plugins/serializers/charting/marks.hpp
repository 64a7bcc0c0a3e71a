// SPDX-License-Identifier: MIT
//
// Draws the series of a pane: areas below, then bars, candles, lines and dots.
#pragma once

#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/plan.hpp"

namespace bourse::charting {

/// Into the canvas's present clip, which must be the pane's plot.
void draw_marks(Canvas& canvas, const PanelPlan& panel, const PanePlan& pane);

}  // namespace bourse::charting
