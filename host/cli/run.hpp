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
  /// Empty: the one whose suffix the output file has; else plain text for a terminal, and JSON for
  /// programs, as far as there are such serializers; else the first one, by id.
  std::string format = {};
  SourceOptions from = {};
  std::vector<std::string> arguments = {};  ///< what is left: "--limit", "10", "--interval=1d"
  bool help = false;                        ///< print the parameters instead
  std::string output = {};                  ///< a file; empty: standard output
  /// Names of the options of `run` itself, for whoever mistypes one.
  std::vector<std::string> own_names = {};
};

/// One report to standard output, or into a file once it is whole: a report that fails leaves the
/// file as it was. What is no text goes to no terminal. Returns an exit code.
int run_report(const RunOptions& options);

}  // namespace bourse::host
