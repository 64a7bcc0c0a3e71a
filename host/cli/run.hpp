// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "host/cli/setup.hpp"
#include "host/cli/source.hpp"

namespace bourse::host {

struct RunOptions {
  SetupOptions setup = {};
  std::string analysis = {};
  std::string format = {};  ///< empty: the first serializer, by id
  SourceOptions from = {};
  std::vector<std::string> arguments = {};  ///< what is left: "--limit", "10", "--interval=1d"
  bool help = false;                        ///< print the parameters instead
};

/// One report to standard output. Returns an exit code.
int run_report(const RunOptions& options);

}  // namespace bourse::host
