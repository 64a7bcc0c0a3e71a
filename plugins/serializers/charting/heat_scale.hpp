// SPDX-License-Identifier: MIT
//
// Numbers as colours: two hues that meet in a pale middle.
#pragma once

#include <cstdint>

#include "plugins/serializers/charting/theme.hpp"
#include "plugins/serializers/charting/ticks.hpp"

namespace bourse::charting {

/// Around zero both sides count alike, so that equal shades are equal sizes.
Span heat_span(Span span) noexcept;

/// The index of Role::kHeat for a value; what lies beyond the span has the colour of its end. Spans
/// on one side of zero use one hue, from the pale middle up (or down).
std::uint8_t heat_step(double value, Span span) noexcept;

}  // namespace bourse::charting
