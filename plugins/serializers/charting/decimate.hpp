// SPDX-License-Identifier: MIT
//
// Fewer points for the same picture: a column of device pixels can show no more of a line than
// where it enters, its lowest and highest point, and where it leaves.
#pragma once

#include <vector>

#include "plugins/serializers/charting/geometry.hpp"

namespace bourse::charting {

/// First, lowest, highest and last point of each column `pixel` wide, in their order (Jugel and
/// others, "M4", VLDB 2014). Unchanged when there are no more than four points a column.
/// REQUIRES: x never falls.
std::vector<Point> thin_line(std::vector<Point> line, double pixel);

/// At most one point for each square of `cell`, the first.
std::vector<Point> thin_dots(const std::vector<Point>& dots, double cell);

}  // namespace bourse::charting
