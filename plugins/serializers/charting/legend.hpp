// SPDX-License-Identifier: MIT
//
// The line above a plot: its name, what each colour is, and the newest values.
#pragma once

#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/plan.hpp"

namespace bourse::charting {

/// What does not fit is left out from the end, and "+2" says how many.
void draw_legend(Canvas& canvas, const Style& style, const PanelPlan& panel, const PanePlan& pane);

}  // namespace bourse::charting
