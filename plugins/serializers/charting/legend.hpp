// SPDX-License-Identifier: MIT
//
// The line above a plot: its name, what each colour is, and the newest values.
#pragma once

#include <cstddef>

#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/plan.hpp"

namespace bourse::charting {

/// What does not fit is left out from the end, and "+2" says how many; so are `labels_left_out`,
/// those in the plot that found no room.
void draw_legend(Canvas& canvas, const Style& style, const PanelPlan& panel, const PanePlan& pane,
                 std::size_t labels_left_out = 0);

}  // namespace bourse::charting
