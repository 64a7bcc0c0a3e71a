// SPDX-License-Identifier: MIT
//
// derive.hpp - candles made of shorter ones: from days and hours that are rolled up, and from rows
// where none is.
//
// Internal to the store: not seen by the layer.
#pragma once

#include "plugins/sources/history/store/database.hpp"

namespace bourse::history {

/// As Store::derive. REQUIRES: the connection reads one state.
Result<DerivedRows> derive(Connection& connection, const Series& series, const Interval& longer,
                           Span span, std::size_t limit);

/// All rows of [from, to) in ascending order, in pieces; `take` answers whether to go on.
Status for_each_row(Connection& connection, const Series& series, Span span,
                    const std::function<bool(const Row&)>& take);

}  // namespace bourse::history
