// SPDX-License-Identifier: MIT
//
// The datasets coverage and coverage_spans of bourse/market.h, of what is kept.
#pragma once

#include <string>

#include "bourse/plugin.hpp"
#include "plugins/sources/history/store/store.hpp"

namespace bourse::history {

/// `market`: SeriesKey::source. Throw Error `no_database` when it cannot be read.
void say_coverage(Call& call, const Values& values, Store& store, const std::string& market);
void say_spans(Call& call, const Values& values, Store& store, const std::string& market);

}  // namespace bourse::history
