// SPDX-License-Identifier: MIT
//
// A book's depth in few enough steps to draw.
#pragma once

#include <cstddef>
#include <vector>

namespace bourse::liquidity {

/// Evenly spread rows of 0 .. rows - 1, ascending, at most `most` of them, always with the first
/// and the last. A running sum taken at these rows stays exact, it only has fewer steps. REQUIRES:
/// most >= 2.
std::vector<std::size_t> steps_of(std::size_t rows, std::size_t most);

}  // namespace bourse::liquidity
