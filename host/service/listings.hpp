// SPDX-License-Identifier: MIT
//
// What is served and what is loaded, as JSON: the pages /routes and /plugins. Nothing secret is in
// either.
#pragma once

#include <string>

#include "host/plugins/catalog.hpp"
#include "host/routing/generation.hpp"

namespace bourse::host {

/// [{"path", "title", "analyses": [...], "formats": [...], "fixed", "source", "over": [...],
///   "deadline_seconds", "needs_token"}]; `source` and what it lies `over`, from above downwards,
/// where there is one;
/// `fixed` says what answers instead of an analysis.
[[nodiscard]] std::string routes_json(const Generation& generation);

/// [{"name", "version", "abi": "1.0", "file", "sha256", "vendor", "license", "url", "built_with",
///   "left_out": [...], "components": [{"kind", "id", "title", "layer", "left_out": [...]}]}];
/// texts that the plugin does not give and empty lists are not there.
[[nodiscard]] std::string plugins_json(const Catalog& catalog);

}  // namespace bourse::host
