// SPDX-License-Identifier: MIT
//
// Where recursive averages begin. A recursive average never forgets its first row: near a price
// that does not move it stops some bits off, on the side that it came from, and the RSI of a market
// that has been flat for years is still the ratio of its last moves. Begun at the first row read,
// what it says would depend on how many rows were asked for. So it is begun anew at rows that the
// calendar fixes, and of each run only the rows are kept that have forgotten its start.
//
// A row is of the run that begins with the weightiest restart among the kRestartRows rows that lie
// just before its memory. It then depends on the candles before it and on nothing else, as long as
// kRestartRows more than it takes to forget were read. Where candles lie close, there is one
// restart among so many rows. Where they lie far apart, every row is one: there the weights choose
// a few.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bourse::technical {

/// Rows between two restarts, at most. Few of them would cost computing time (a run of r rows is
/// computed for every kRestartRows), many would cost candles to read: 256 keep the defaults within
/// the 1000 candles that an exchange gives for one request.
inline constexpr std::size_t kRestartRows = 256;

struct Restart {
  std::size_t row;
  /// Of the first row 0. Else w when a stretch of 2^(w - 1) stretches, counted from 1970, begins
  /// here, the longest that does: 1 for every restart, 2 for about every second moment, 3 for every
  /// fourth. Of neighbouring restarts exactly one has the largest.
  int weight;
};

/// The first row, and every row that begins a new stretch of kRestartRows x `spacing` since 1970.
/// `open_times` ascend in ns since 1970-01-01 UTC. REQUIRES: spacing > 0, and at most what lies
/// between two neighbours; a candle off the grid may come nearer, and costs no more than last bits.
std::vector<Restart> restart_rows(std::span<const std::int64_t> open_times, std::int64_t spacing);

/// The restart that the row `memory` rows after `row` is of, and the first such row.
struct Chosen {
  std::size_t begin;  ///< row of the restart
  std::size_t first;  ///< from here to `row`, it is the one; 0 of a history's first row
};
/// REQUIRES: `restarts` from restart_rows, not empty.
Chosen restart_for(std::span<const Restart> restarts, std::size_t row) noexcept;

/// Computes all `rows` in runs: run(first, count) writes the rows first .. first + count - 1 as if
/// the history began at `first`; what a run has not forgotten its start in is then written again,
/// by one that began earlier. Of the first run, every row is kept. REQUIRES: `restarts` from
/// restart_rows.
///
/// A restart is used while it is the weightiest of kRestartRows rows, so of those among any
/// kRestartRows rows at most two of each weight are: at even distances two or three, whatever the
/// distance. Each costs `memory` rows, up to kRestartRows more, and what it keeps.
template <class Run>
void run_from_restarts(std::span<const Restart> restarts, std::size_t memory, std::size_t rows,
                       Run run) {
  std::size_t end = rows;
  while (end > memory) {  // backwards: earlier runs have the last word
    const auto [begin, first] = restart_for(restarts, end - 1 - memory);
    run(begin, end - begin);
    if (begin == 0) return;
    end = first + memory;
  }
  if (end > 0) run(0, end);
}

}  // namespace bourse::technical
