// SPDX-License-Identifier: MIT
//
// Who may use a route, as a route or the defaults say it:
//
//   access: {tokens: ["${ALICE}", {name: grafana, token: "${GRAFANA}"}]}
//   access: public                         # everybody, also where the defaults say otherwise
#pragma once

#include <optional>

#include "host/config/reader.hpp"

namespace bourse::host {

/// Nothing: something was wrong with it, which has been reported.
std::optional<AccessConfig> read_access(Reader& reader, const Node& node);

/// What counts for a route: its own, else that of the defaults. Null: everybody may use it.
[[nodiscard]] const AccessConfig* access_for(const RouteConfig& route,
                                             const DefaultsConfig& defaults);

}  // namespace bourse::host
