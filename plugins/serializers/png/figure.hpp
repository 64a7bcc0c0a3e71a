// SPDX-License-Identifier: MIT
//
// The scene of a report for fonts that are at hand.
#pragma once

#include "bourse/bourse.h"
#include "plugins/serializers/charting/scene.hpp"

namespace bourse::png {

/// build_scene() of the report. Where a text of it has characters that no installed font has, and
/// boxes stand for them, a note of the figure says which and what to do: "glyphs_missing". Any
/// thread.
charting::Scene figure_of(const bourse_report& report, const charting::SceneOptions& options);

}  // namespace bourse::png
