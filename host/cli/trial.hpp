// SPDX-License-Identifier: MIT
//
// Plugins are loaded in a process of their own first, for commands that only look: a file whose
// constructor crashes, loops or calls exit is one file's fault, and the others are shown.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "host/base/failure.hpp"
#include "host/plugins/load.hpp"

namespace bourse::host {

inline constexpr double kTrialSeconds = 45;

/// Loads each plugin of these folders in another process, begins it, ends it and unloads it: all in
/// one, and when that does not end well, or soon, each in its own, to find those that ended that
/// process, or did not come to their end within `limit`. Code "ends_process"; the message begins
/// with the path. What a server would refuse without running any of its code does not run here
/// either, and is none of these. `pins` as in LoadRequest.
std::map<std::filesystem::path, Failure> try_plugins(std::span<const std::filesystem::path> folders,
                                                     const std::map<std::string, std::string>& pins,
                                                     std::chrono::nanoseconds limit);

/// What such a process does: of each plugin `words` has the folder, the file's name, and its pin or
/// an empty word.
int try_as_child(std::span<const std::string> words);

}  // namespace bourse::host
