// SPDX-License-Identifier: MIT
#include "host/cli/dev_project.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "host/base/folder.hpp"
#include "host/base/shell.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 20'000;

Failure missing(std::string message) {
  return {.status = BOURSE_BAD_PARAM, .code = "usage", .message = std::move(message)};
}

/// Where the SDK is: beside this program, in an installation.
fs::path prefix_of_this_program() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : program.parent_path().parent_path();
}

bool is_skipped(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name.starts_with(".") || name == "build" || name == "target" ||
         name.starts_with("build-") || name == "node_modules";
}

Result<fs::path> find_dev_config(const fs::path& folder, const fs::path& given) {
  std::error_code error;
  if (!given.empty()) {
    if (fs::is_regular_file(given, error)) return fs::absolute(given);
    return missing(given.string() + " is no file; --config names a configuration");
  }
  if (fs::is_regular_file(folder / "bourse.yaml", error)) return folder / "bourse.yaml";
  std::vector<std::string> found;
  for (const std::string& name : names_in(folder, error)) {
    if (name.ends_with(".yaml") && !name.starts_with(".")) found.push_back(name);
  }
  if (found.size() == 1) return folder / found.front();
  return missing(
      folder.string() + " has " +
      (found.empty() ? "no configuration" : "several configurations and no bourse.yaml") +
      ": write a bourse.yaml that serves the plugin, or name one by --config; `bourse "
      "new` makes one");
}

std::string when_written(const fs::path& file) {
  struct stat facts = {};
  if (::stat(file.c_str(), &facts) != 0) return {};
  return std::to_string(facts.st_size) + ' ' + std::to_string(facts.st_mtim.tv_sec) + ' ' +
         std::to_string(facts.st_mtim.tv_nsec);
}

}  // namespace

std::string BuildStep::text() const {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + in_shell(word);
  return text;
}

Result<DevProject> DevProject::find(const fs::path& folder, const std::string& build,
                                    const fs::path& config) {
  std::error_code error;
  DevProject project;
  project.folder_ = fs::canonical(folder, error);
  if (error || !fs::is_directory(project.folder_, error)) {
    return missing(folder.string() +
                   " is no folder; `bourse dev` works in the folder of a project");
  }
  auto found = find_dev_config(project.folder_, config);
  if (!found) return std::move(found).failure();
  project.config_ = *std::move(found);
  project.build_ = build;
  if (!build.empty()) {
    project.tool_ = Tool::kShell;
  } else if (fs::exists(project.folder_ / "CMakeLists.txt", error)) {
    project.tool_ = Tool::kCMake;
  } else if (fs::exists(project.folder_ / "Cargo.toml", error)) {
    project.tool_ = Tool::kCargo;
  } else {
    return missing(project.folder_.string() +
                   " has neither a CMakeLists.txt nor a Cargo.toml: say how it is built by --build "
                   "'COMMAND'");
  }
  return project;
}

std::vector<BuildStep> DevProject::steps() const {
  if (tool_ == Tool::kShell) return {{{"/bin/sh", "-c", build_}}};
  if (tool_ == Tool::kCargo) return {{{"cargo", "build", "--release", "--offline"}}};
  std::vector<BuildStep> steps;
  std::error_code error;
  if (!fs::exists(folder_ / "build" / "CMakeCache.txt", error)) {
    steps.push_back({{"cmake", "-S", ".", "-B", "build",
                      "-DCMAKE_PREFIX_PATH=" + prefix_of_this_program().string()}});
  }
  steps.push_back({{"cmake", "--build", "build"}});
  return steps;
}

DevProject::Snapshot DevProject::snapshot() const {
  Snapshot files;
  files[config_] = when_written(config_);
  std::error_code error;
  fs::recursive_directory_iterator entries(folder_, fs::directory_options::skip_permission_denied,
                                           error);
  for (; !error && entries != fs::recursive_directory_iterator() && files.size() < kFilesMax;
       entries.increment(error)) {
    std::error_code ignored;
    if (entries->is_directory(ignored) && is_skipped(entries->path())) {
      entries.disable_recursion_pending();
    } else if (entries->is_regular_file(ignored) &&
               !entries->path().filename().string().starts_with(".")) {
      files[entries->path()] = when_written(entries->path());
    }
  }
  return files;
}

std::vector<fs::path> DevProject::built(const std::vector<fs::path>& plugin_folders) const {
  std::vector<fs::path> found;
  for (const fs::path& each : plugin_folders) {
    std::error_code error;
    const fs::path place = fs::weakly_canonical(each, error);
    const auto [end, unused] =
        std::mismatch(folder_.begin(), folder_.end(), place.begin(), place.end());
    if (error || end != folder_.end()) continue;
    for (const std::string& name : names_in(place, error)) {
      if (name.ends_with(".so")) found.push_back(place / name);
    }
  }
  return found;
}

}  // namespace bourse::host
