// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "host/cli/setup.hpp"
#include "host/cli/source.hpp"

namespace bourse::host {

struct ProbeOptions {
  SetupOptions setup = {};
  SourceOptions from = {};
  std::vector<std::string> arguments = {};  ///< for the datasets: "--limit", "10"
  double timeout_seconds = 30.0;            ///< for each thing that is looked at
  bool json = false;
};

/// Has a source look at itself (bourse/ext/probe.h), then fetches each of its datasets once; says
/// pass, fail or skipped of each, and what to do. kDone when nothing failed.
int probe(const ProbeOptions& options);

}  // namespace bourse::host
