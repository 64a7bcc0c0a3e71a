// SPDX-License-Identifier: MIT
//
// Bars and areas upon one another.
#pragma once

#include <cstddef>

#include "plugins/serializers/charting/model.hpp"

namespace bourse::charting {

/// Stacks the bars or areas among the pane's series from `first` on, in their order: each begins
/// where the one before it ends. They get one x: all of theirs. Bars below zero are stacked
/// downwards. What cannot be stacked is left as it is, and the pane says why: areas with values
/// below zero, and more than `points_max` numbers.
void stack(Pane& pane, std::size_t first, std::size_t points_max);

}  // namespace bourse::charting
