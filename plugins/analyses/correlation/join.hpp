// SPDX-License-Identifier: MIT
//
// Closes of many markets, joined on equal times, and which of them are neighbours.
//
// The frame is the times that most markets have (at least half of them, and at least two): a market
// whose candles are off the grid does not stretch it. While more than two markets have fewer than
// half of the frame in common, the one with the fewest rows of it is left out. So one short history
// costs itself, not all the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "bourse/interval.hpp"

namespace bourse::correlation {

/// Of one market, oldest first. All times are open times, ns since 1970-01-01 UTC, ascending.
struct History {
  std::vector<std::int64_t> times;
  std::vector<double> closes;          ///< as many, finite and positive
  std::vector<std::int64_t> unpriced;  ///< of closed candles without a positive close
};

struct LeftOut {
  std::size_t history;  ///< index
  std::size_t rows;     ///< of the frame, that it has
};

/// One row a market, one column a time that all kept markets have. A time without a neighbour makes
/// no return, and is no column.
struct Joined {
  std::vector<std::size_t> kept;  ///< indices of the histories, ascending
  std::vector<LeftOut> left_out;
  std::size_t frame_rows = 0;
  std::vector<std::int64_t> times;    ///< ascending
  std::vector<std::uint8_t> follows;  ///< as many: 1 when the time before is the place before
  std::size_t returns = 0;            ///< how many follow
  std::vector<double> closes;         ///< kept.size() x times.size()

  [[nodiscard]] std::span<const double> closes_of(std::size_t row) const noexcept {
    return {closes.data() + row * times.size(), times.size()};
  }
};

inline constexpr std::size_t kHistoriesMax = 64;

/// Called now and then by what takes long; may throw to end it.
using Poll = std::function<void()>;

/// `grid`: where candles start. One off the grid counts for the place that it lies in. Polls before
/// each history, and whenever one is left out. REQUIRES: at most kHistoriesMax histories.
Joined join(std::span<const History> histories, Interval grid, const Poll& poll = {});

}  // namespace bourse::correlation
