// SPDX-License-Identifier: MIT
//
// How much one may ask, as a route or the defaults say it:
//
//   limits:
//     client: {rate: 100/1m, burst: 20, concurrency: 4}   # or `client: 100/1m`
//     token: 1000/1m
//     route: {rate: 50/1s}                                # of all clients together
//     concurrency: 20                                     # likewise, being answered at once
//     hits: 10%                                           # what a kept answer costs
//   limits: off                                           # also where the defaults say otherwise
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/base/limit_rules.hpp"
#include "host/config/reader.hpp"

namespace bourse::host {

/// Nothing: something was wrong with it, which has been reported.
std::optional<LimitRules> read_limits(Reader& reader, const Node& node);

/// "100/1m", "5/1s": a count from 1 to 1,000,000 and a duration of whole seconds, 1s to 24h.
/// Nothing when it is written otherwise. The burst is the count.
[[nodiscard]] std::optional<RateRule> parse_rate(std::string_view text);

}  // namespace bourse::host
