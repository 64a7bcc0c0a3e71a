// SPDX-License-Identifier: MIT
//
// Closes of many markets, joined on equal times.
//
// The frame is the newest `rows_max` times that most markets have (at least half of them, and at
// least two): a market that was delisted, or whose candles are off the grid, does not shift it.
// While the markets have fewer than half of the frame in common, the one with the fewest rows of
// it is left out. So one short history costs itself, not all the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bourse::correlation {

/// Of one market, oldest first.
struct History {
  std::vector<std::int64_t> times;  ///< open times, ns since 1970-01-01 UTC, ascending
  std::vector<double> closes;       ///< as many, finite and positive
};

struct LeftOut {
  std::size_t history;  ///< index
  std::size_t rows;     ///< of the frame, that it has
};

/// One row a market, one column a time.
struct Joined {
  std::vector<std::size_t> kept;  ///< indices of the histories, ascending
  std::vector<LeftOut> left_out;
  std::size_t frame_rows = 0;       ///< rows of the frame; times.size() of them are common to all
  std::vector<std::int64_t> times;  ///< ascending
  std::vector<double> closes;       ///< kept.size() x times.size()

  [[nodiscard]] std::span<const double> closes_of(std::size_t row) const noexcept {
    return {closes.data() + row * times.size(), times.size()};
  }
};

inline constexpr std::size_t kHistoriesMax = 64;

/// REQUIRES: at most kHistoriesMax histories.
Joined join(std::span<const History> histories, std::size_t rows_max);

}  // namespace bourse::correlation
