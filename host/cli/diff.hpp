// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "host/cli/setup.hpp"

namespace bourse::host {

/// Something would change; kDone: nothing.
inline constexpr int kDiffers = 3;

struct DiffOptions {
  SetupOptions setup = {};  ///< its `config` is not looked at
  std::filesystem::path before = {};
  std::filesystem::path after = {};  ///< one of the two may be "-"
  bool json = false;
};

/// What a server that serves `before` would change if it were given `after`, as a reload finds it:
/// routes, sources, components, plugins, and keys beside them; and which of these need a restart.
/// JSON: {"same", "routes", "sources", "components", "plugins", each {"added", "removed",
/// "changed", "kept"}, "route_changes": {PATH: [SENTENCES]}, "keys": [PATHS], "needs_restart":
/// [PATHS]}. Returns an exit code: kDone, kDiffers, or kFailed when one of them is wrong.
int diff(const DiffOptions& options);

}  // namespace bourse::host
