// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "host/cli/setup.hpp"
#include "host/config/diagnostic.hpp"

namespace bourse::host {

struct ServeOptions {
  SetupOptions setup = {};
  std::string listen = {};  ///< an address, instead of the configuration's; empty: as configured
  bool watch = false;       ///< reload whenever what was read is another one
};

/// Serves until SIGTERM or SIGINT, and what is configured anew whenever a reload is asked for; then
/// ends cleanly: not ready, a delay, no new connections, running requests finished within the
/// configured grace. A second signal ends at once. Returns an exit code. Takes the sockets of
/// socket activation, and tells the service manager how it goes; so it is called before other
/// threads are made.
int serve(const ServeOptions& options);

/// What serve would find wrong with where to listen and with how many connections, by its own code:
/// errors at their places. Nothing listens afterwards. Sockets that are passed cannot be tried.
void try_to_listen(const ServerConfig& config, Diagnostics& diagnostics);

}  // namespace bourse::host
