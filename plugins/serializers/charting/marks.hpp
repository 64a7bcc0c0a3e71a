// SPDX-License-Identifier: MIT
//
// Draws the series of a pane: areas below, then bars, candles, lines and dots.
#pragma once

#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/plan.hpp"

namespace bourse::charting {

/// Into the canvas's present clip, which must be the pane's plot.
void draw_marks(Canvas& canvas, const PanelPlan& panel, const PanePlan& pane);

/// Of a dot: its area is as its size, the largest of the pane 12 pixels; no size, or one that is
/// not above zero, is the smallest.
double radius_of(const Pane& pane, double size);

/// The colour of a dot as an index of Role::kHeat; kHeatSteps where there is no value.
std::size_t color_step(const Pane& pane, double value);

}  // namespace bourse::charting
