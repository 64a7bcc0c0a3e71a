// SPDX-License-Identifier: MIT
//
// merge.hpp - what a batch changes: rows compared with what is there, conflicts decided, hours and
// days rolled up, coverage extended. Pure, apart from what it asks of a connection; writes nothing.
//
// Internal to the store: not seen by the layer.
#pragma once

#include "plugins/sources/history/store/database.hpp"

namespace bourse::history {

struct Merged {
  Changes changes;
  Written written;
};

/// REQUIRES: the connection is within the transaction in which the changes are applied, and
/// `origin` is the number of batch.origin. kInvalid: see Write and to_row.
Result<Merged> merge(Connection& connection, const Series& series, const Write& batch,
                     OriginId origin);

/// What changes in the roll-ups of these buckets, whose rows are `changed` now. REQUIRES: as
/// merge().
struct RollupLevel {
  int minutes = 60;
  Millis length = 0;           ///< of a bucket
  std::int64_t parts = 0;      ///< that make it complete
  bool is_of_rollups = false;  ///< made of complete hours; else of rows
};
/// Those of a series, shorter first: none for a day and longer.
std::vector<RollupLevel> levels_of(const Interval& interval);

}  // namespace bourse::history
