// SPDX-License-Identifier: MIT
//
// How surprising a correlation is.
#pragma once

#include <cstddef>

namespace bourse::correlation {

/// Chance that n pairs of unrelated normal values correlate at least as strongly, in either
/// direction: t = r sqrt((n - 2) / (1 - r^2)) against Student's t with n - 2 degrees of freedom.
/// For ranks it is an approximation. 0 for r = 1 or -1. NaN when r is, or n < 3.
double two_sided_p_value(double r, std::size_t n) noexcept;

}  // namespace bourse::correlation
