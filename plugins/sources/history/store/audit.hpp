// SPDX-License-Identifier: MIT
//
// audit.hpp - whether rows, coverage and roll-ups of a history agree, in either database.
//
// Internal to the store: not seen by the layer.
#pragma once

#include "plugins/sources/history/store/database.hpp"

namespace bourse::history {

/// Sentences about what does not agree, at most a few of a kind and series. REQUIRES: the
/// connection reads one state. kBusy when `stop` said so.
Result<std::vector<std::string>> audit(Connection& connection, const Store::Stop& stop);

}  // namespace bourse::history
