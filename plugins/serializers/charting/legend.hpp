// SPDX-License-Identifier: MIT
//
// The lines above a plot: its name, what each colour is, and the newest values.
#pragma once

#include <cstddef>

#include "plugins/serializers/charting/canvas.hpp"
#include "plugins/serializers/charting/plan.hpp"

namespace bourse::charting {

/// How many lines the names need, in a pane of this height.
std::size_t legend_lines(const Style& style, const PanelPlan& panel, const Pane& pane,
                         double height);

/// Where not all fits, values go before names; what even then does not fit is left out from the
/// end, and "+2" says how many; so are `labels_left_out`, those in the plot that found no room.
void draw_legend(Canvas& canvas, const Style& style, const PanelPlan& panel, const PanePlan& pane,
                 std::size_t labels_left_out = 0);

}  // namespace bourse::charting
