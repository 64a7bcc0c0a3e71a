// SPDX-License-Identifier: MIT
//
// Relative strength index: how much of the recent movement went up, 0 .. 100.
#pragma once

#include <cstddef>
#include <span>

namespace bourse::technical {

/// 100 x gain / (gain + loss), which is 100 - 100 / (1 + gain / loss) without its division by zero.
/// Without any movement: 50, neutral. Exactly 100 without loss, exactly 0 without gain.
/// REQUIRES: neither is negative.
constexpr double relative_strength(double gain, double loss) noexcept {
  const double movement = gain + loss;
  return movement == 0.0 ? 50.0 : 100.0 * (gain / movement);
}

/// Wilder 1978: gains and losses are averaged over the first `period` changes, then smoothed by
/// average += (change - average) / period. Defined from row `period`. Rules of `out`:
/// moving_average.hpp.
void rsi_wilder(std::span<const double> closes, std::size_t period, std::span<double> out) noexcept;

/// Cutler: simple sums over the last `period` changes, so that a value does not depend on where the
/// history began. Defined from row `period`.
void rsi_cutler(std::span<const double> closes, std::size_t period, std::span<double> out) noexcept;

}  // namespace bourse::technical
