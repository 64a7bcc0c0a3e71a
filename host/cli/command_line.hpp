// SPDX-License-Identifier: MIT
#pragma once

namespace bourse::host {

/// Reads the command line and does what it says. Returns the exit code (setup.hpp).
int run_command_line(int argc, char** argv);

}  // namespace bourse::host
