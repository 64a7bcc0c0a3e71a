// SPDX-License-Identifier: MIT
//
// What stands above the charts, or in place of them.
#pragma once

#include "bourse/bourse.h"
#include "plugins/serializers/charting/canvas.hpp"

namespace bourse::charting {

/// Title, time and notes, warnings first. Returns the rest of `frame`.
Rect draw_heading(Canvas& canvas, const Style& style, const bourse_report& report, Rect frame);

/// Key figures and the first rows of the first tables, as many as fit: for reports without charts.
void draw_card(Canvas& canvas, const Style& style, const bourse_report& report, Rect frame);

}  // namespace bourse::charting
