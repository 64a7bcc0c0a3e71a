// SPDX-License-Identifier: MIT
//
// The two assets of markets of which only the names are recorded. A name may be split in two ways:
// ADAEUR is ADA in EUR, or AD in AEUR. Then the recording's other names decide, or nothing does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/sources/replay/recording.hpp"

namespace bourse::replay {

/// All ways to split a name into a base and a quote asset that is known: of the exchange's, or one
/// of `more`.
[[nodiscard]] std::vector<Assets> splits_of(std::string_view symbol,
                                            const std::vector<std::string>& more = {});

/// Fills Recording::quotes, and Market::assets: what the rules say, else the only way to split the
/// name, else the way of which the base is an asset that is known for sure (from rules, from names
/// that can be split in one way, or as a quote asset), else the one of which the base is that of
/// another name, however that is split. Empty where no way, or more than one, is the best.
void name_assets(Recording& recording);

}  // namespace bourse::replay
