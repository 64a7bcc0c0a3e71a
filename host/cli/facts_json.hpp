// SPDX-License-Identifier: MIT
//
// Routes and plugins for programs: what the pages /routes and /plugins say, and what these leave to
// who may read the configuration.
#pragma once

#include <string>

#include "host/config/config.hpp"
#include "host/plugins/load.hpp"
#include "host/routing/generation.hpp"

namespace bourse::host {

/// As JSON what /routes says, and of each route its "parameters": [{"name", "in": "path", "query"
/// or "fixed", "of": [NAMES], "type", "items", "required", "secret", "default", "value" of a fixed
/// one, "min", "max", "choices", "unit", "label", "doc"}] (what is not there is left out; "hidden":
/// true instead of secrets and of values of the environment), and "tokens": how many open it. One
/// array.
[[nodiscard]] std::string route_table_json(const Config& config, const Generation& generation);

/// {"plugins": what /plugins says, and of each component its "doc", "media_type", "suffix",
/// "parameters", "settings" and "datasets" with their "fields"; "refused": [{"file", "code",
/// "message"}]}. Parameters as above, without "in", "of" and "value".
[[nodiscard]] std::string plugins_and_refusals_json(const Loaded& loaded);

}  // namespace bourse::host
