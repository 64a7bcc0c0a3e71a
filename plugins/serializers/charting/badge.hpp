// SPDX-License-Identifier: MIT
//
// One single value of a report as a badge: a line with its name and the value, for a page of
// somebody else.
#pragma once

#include <string_view>

#include "bourse/bourse.h"
#include "plugins/serializers/charting/scene.hpp"

namespace bourse::charting {

struct BadgeOptions {
  double height = 20;  ///< logical pixels, at least 1
  double scale = 1;    ///< as SceneOptions::scale
  Theme theme = Theme::kLight;
  std::string_view figure = {};  ///< name of a single value; empty: the first that is not null
  std::string_view label = {};   ///< instead of the label of the value's field
};

/// As wide as its texts ask for. Percentages that are not zero are in the inks of rise and fall.
/// Throws Error(BOURSE_NOT_FOUND, "value_not_found") that lists what there is.
Scene build_badge(const bourse_report& report, const BadgeOptions& options);

}  // namespace bourse::charting
