// SPDX-License-Identifier: MIT
//
// The largest eigenvalue of a symmetric matrix, in a bounded number of steps.
#pragma once

#include <cstddef>
#include <vector>

namespace bourse::correlation {

/// `a`: size x size values, of which the lower triangle is read. Householder's reduction to three
/// diagonals, then bisection by Sturm's count: unlike power iteration it does not slow down when
/// eigenvalues lie close together, and it cannot fail. Relative error near 1e-15 of the norm.
/// REQUIRES: size >= 1, finite values.
double largest_eigenvalue(std::vector<double> a, std::size_t size);

}  // namespace bourse::correlation
