// SPDX-License-Identifier: MIT
//
// The folder of a plugin's project: what there is to be built, with what, and when it has changed.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "host/base/result.hpp"

namespace bourse::host {

/// One command of a build.
struct BuildStep {
  std::vector<std::string> words;
  /// As a shell would show it.
  [[nodiscard]] std::string text() const;
};

class DevProject {
 public:
  /// `folder` has a CMakeLists.txt or a Cargo.toml, or `build` says the command for a shell that
  /// builds it; and a configuration: `config`, else bourse.yaml, else the only .yaml file. Failure:
  /// what is missing.
  static Result<DevProject> find(const std::filesystem::path& folder, const std::string& build,
                                 const std::filesystem::path& config);

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  [[nodiscard]] const std::filesystem::path& config() const noexcept { return config_; }
  /// What is to be done, in this order, now: CMake configures what it has not yet.
  [[nodiscard]] std::vector<BuildStep> steps() const;

  /// The files that a person writes, and when each was written; values. What is built (build,
  /// target), what is hidden and what is no file is left out.
  using Snapshot = std::map<std::filesystem::path, std::string>;
  [[nodiscard]] Snapshot snapshot() const;
  /// The shared libraries below the folder that these folders of plugins hold.
  [[nodiscard]] std::vector<std::filesystem::path> built(
      const std::vector<std::filesystem::path>& plugin_folders) const;

 private:
  enum class Tool { kCMake, kCargo, kShell };

  std::filesystem::path folder_;
  std::filesystem::path config_;
  Tool tool_ = Tool::kCMake;
  std::string build_;
};

}  // namespace bourse::host
