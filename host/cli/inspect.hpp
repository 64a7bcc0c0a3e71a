// SPDX-License-Identifier: MIT
//
// The commands that only look: routes and plugins. Each returns an exit code.
#pragma once

#include "host/cli/setup.hpp"

namespace bourse::host {

struct LookOptions {
  SetupOptions setup = {};
  bool json = false;
};

/// The routing table as it would be served. JSON: route_table_json().
int list_routes(const LookOptions& options);

/// What is in the folders of plugins, with parameters; and what was refused, and why. JSON:
/// plugins_and_refusals_json().
int list_plugins(const LookOptions& options);

}  // namespace bourse::host
