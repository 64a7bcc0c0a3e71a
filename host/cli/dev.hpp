// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bourse::host {

struct DevOptions {
  std::filesystem::path folder = ".";
  std::filesystem::path config = {};                ///< empty: that of the folder
  std::vector<std::filesystem::path> plugins = {};  ///< as of `serve`
  std::string build = {};                 ///< a command for a shell; empty: what the folder says
  std::string listen = "127.0.0.1:8090";  ///< a loopback address
  bool validate = true;
};

/// Builds, validates and serves the plugin of a project again whenever one of its files changes,
/// until SIGINT or SIGTERM, and shows on a page what the compiler says, what validation finds, and
/// each route with its form and all its formats. kUsage: there is nothing to be built.
int dev(const DevOptions& options);

}  // namespace bourse::host
