// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "host/cli/setup.hpp"
#include "host/cli/source.hpp"

namespace bourse::host {

struct TaskOptions {
  SetupOptions setup = {};
  SourceOptions from = {};
  std::string format = {};  ///< empty: report_text()
  std::string output = {};  ///< a file, instead of standard output
  bool json = false;        ///< progress, and lists, for programs
  bool names = false;       ///< of lists the names alone, one a line; nothing is done
  /// SOURCE (unless from.use is given), then NAME, then parameters: "--limit", "10".
  std::vector<std::string> words = {};
  std::vector<std::string> own_names = {};  ///< of the command's own options, for "did you mean"
  std::vector<std::string> typed = {};      ///< the whole command line, for the one that resumes
};

/// Does a task of a source (bourse/ext/tasks.h): progress on standard error, the report on standard
/// output. Without NAME lists the tasks of SOURCE with their parameters, without SOURCE those of
/// all sources. Exit codes: kDone, kFailed, kUsage, kFound when the report has findings, kAgain
/// when a limit stopped it; 128 and the number of the signal that ended it.
int task(const TaskOptions& options);

}  // namespace bourse::host
