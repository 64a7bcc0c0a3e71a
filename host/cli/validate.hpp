// SPDX-License-Identifier: MIT
//
// `bourse validate FILE.so`: tries a plugin in processes of its own, rule by rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bourse::host {

struct ValidateOptions {
  std::filesystem::path file = {};
  std::vector<std::string> only = {};    ///< patterns of rules
  std::vector<std::string> except = {};  ///< likewise
  std::string component = "*";           ///< a pattern of "analysis/zscore"
  std::vector<std::string> settings = {};
  std::vector<std::filesystem::path> plugins = {};  ///< of formats, and of the source `use`
  std::string use = {};                             ///< empty: its data is generated
  std::filesystem::path exclude_file = {};  ///< empty: the one beside the plugin, if there is one
  std::filesystem::path output = {};
  std::string format = "text";  ///< text, json, junit
  std::string base = {};        ///< a system that it is for; empty: any
  std::uint64_t seed = 1;
  std::size_t jobs = 0;  ///< 0: as many as there are processors
  double limit_seconds = 45;
  bool in_process = false;
  bool is_long = false;
  bool strict = false;
  bool verbose = false;
  bool list = false;
};

/// Exit codes: kDone, nothing was found; kFailed, something was; kUsage, nothing could be tried.
int validate_file(const ValidateOptions& options);

}  // namespace bourse::host
