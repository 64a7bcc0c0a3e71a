// SPDX-License-Identifier: MIT
//
// Where recursive averages begin. A recursive average never forgets its first row: near a price
// that does not move it stops some bits off, on the side that it came from, and the RSI of a market
// that has been flat for years is still the ratio of its last moves. Begun at the first row read,
// what it says would depend on how many rows were asked for. So it is begun anew at rows that the
// calendar fixes, and of each run only the rows are kept that have forgotten its start. A row then
// depends on the candles before it and on nothing else, as long as kRestartRows more than it takes
// to forget were read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bourse::technical {

/// Rows between two restarts, at most. Few of them would cost computing time (a run of r rows is
/// computed for every kRestartRows), many would cost candles to read: 256 keep the defaults within
/// the 1000 candles that an exchange gives for one request.
inline constexpr std::size_t kRestartRows = 256;

/// The first row, and every row that begins a new stretch of kRestartRows x `spacing` since 1970.
/// `open_times` ascend in ns since 1970-01-01 UTC. REQUIRES: spacing > 0, and at most what lies
/// between two neighbours; a candle off the grid may come nearer, and costs no more than last bits.
std::vector<std::size_t> restart_rows(std::span<const std::int64_t> open_times,
                                      std::int64_t spacing);

/// Computes all `rows` in runs: run(first, count) writes the rows first .. first + count - 1 as if
/// the history began at `first`; a run's first `memory` rows are then written again, by one that
/// began earlier. Of the first run, every row is kept. REQUIRES: `restarts` from restart_rows.
template <class Run>
void run_from_restarts(std::span<const std::size_t> restarts, std::size_t memory, std::size_t rows,
                       Run run) {
  std::size_t end = rows;
  for (std::size_t i = restarts.size(); i-- > 0;) {  // backwards: earlier runs have the last word
    const std::size_t first = restarts[i];
    const std::size_t kept = i == 0 ? 0 : first + memory;
    if (kept >= end) continue;
    run(first, end - first);
    end = kept;
  }
}

}  // namespace bourse::technical
