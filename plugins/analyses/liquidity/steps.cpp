// SPDX-License-Identifier: MIT
#include "plugins/analyses/liquidity/steps.hpp"

#include <algorithm>

namespace bourse::liquidity {

std::vector<std::size_t> steps_of(std::size_t rows, std::size_t most) {
  const std::size_t steps = std::min(rows, most);
  std::vector<std::size_t> out(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    out[i] = steps < 2 ? 0 : i * (rows - 1) / (steps - 1);
  }
  return out;
}

}  // namespace bourse::liquidity
