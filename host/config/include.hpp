// SPDX-License-Identifier: MIT
//
// A configuration in several files:
//
//   include: [secrets.yaml, "routes/*.yaml"]      # from the folder of the file that says so
//
// What they hold becomes one tree, in which each node knows its file. Maps whose keys are ours
// (server, log, plugins, defaults) and those of names (sources, pins, settings) are joined, lists
// (routes, groups, plugins.path) are added in the order of the files; a name or a key that two
// files have is an error with both places. Anchors reach to the end of their own file.
#pragma once

#include <filesystem>
#include <vector>

#include "host/config/document.hpp"
#include "host/config/load.hpp"
#include "host/config/reader.hpp"

namespace bourse::host {

inline constexpr std::size_t kIncludedFilesMax = 256;
inline constexpr std::size_t kIncludeDepthMax = 8;

struct FileText {
  std::string text = {};
  std::string complaint = {};  ///< empty: it was read
};

/// At most one byte more than a configuration may have.
[[nodiscard]] FileText read_file(const std::filesystem::path& file);

/// The folder of each file, by its index in the diagnostics.
using Folders = std::vector<std::filesystem::path>;

/// What is read of other files on the way.
struct Including {
  Reader& reader;
  Diagnostics& diagnostics;
  Folders& folders;  ///< those of included files are added
  const ConfigTouch& touch;
};

/// `root`, of the file with that index, with what it includes. `file`: its path, empty for what is
/// none. Everything wrong is added as an error, and the rest is joined.
[[nodiscard]] NodePtr with_included(const NodePtr& root, std::uint32_t index,
                                    const std::filesystem::path& file, const Including& including);

}  // namespace bourse::host
