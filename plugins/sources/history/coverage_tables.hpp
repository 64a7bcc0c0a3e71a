// SPDX-License-Identifier: MIT
//
// The datasets coverage and coverage_spans of bourse/market.h, of what is kept.
#pragma once

#include <string>

#include "bourse/plugin.hpp"
#include "plugins/sources/history/store/store.hpp"

namespace bourse::history {

/// Whether a series is of the market, and among `symbols` and `intervals` where they are given.
[[nodiscard]] bool is_chosen(const SeriesKey& key, const Values& values, const std::string& market);

/// `market`: SeriesKey::source. Throw Error `no_database` when it cannot be read.
void say_coverage(Call& call, const Values& values, Store& store, const std::string& market);
void say_spans(Call& call, const Values& values, Store& store, const std::string& market);

}  // namespace bourse::history
