// SPDX-License-Identifier: MIT
//
// An order of things in which similar ones stand side by side.
#pragma once

#include <cstddef>
#include <vector>

namespace bourse::charting {

/// The leaves of a tree of average linkage (UPGMA; Sokal and Michener, "A statistical method for
/// evaluating systematic relationships", 1958): the two nearest groups become one, until there is
/// one; groups are turned so that their nearest ends meet. Of equally near groups the first ones
/// are taken: the same numbers give the same order. `likeness`: n by n, symmetric, larger is
/// nearer; NaN: as far as anything is. REQUIRES: n <= kClusteredMax.
std::vector<std::size_t> cluster_order(const std::vector<double>& likeness, std::size_t n);

/// The time grows with the cube.
inline constexpr std::size_t kClusteredMax = 200;

}  // namespace bourse::charting
