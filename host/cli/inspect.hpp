// SPDX-License-Identifier: MIT
//
// The commands that only look: check, routes, plugins. Each returns an exit code.
#pragma once

#include "host/cli/setup.hpp"

namespace bourse::host {

/// Everything that serve would find wrong, without opening a port.
int check(const SetupOptions& options);
/// The routing table as it would be served.
int list_routes(const SetupOptions& options);
/// What is in the folders of plugins, with parameters; and what was refused, and why.
int list_plugins(const SetupOptions& options);

}  // namespace bourse::host
