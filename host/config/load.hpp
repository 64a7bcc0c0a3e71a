// SPDX-License-Identifier: MIT
//
// Reads a configuration file. Codes of the diagnostics:
//   unreadable_file, too_large, empty_file, not_text, syntax, unsupported_yaml   the file as such
//   circular_include                                                            included files
//   unknown_key, duplicate_key, missing_key, conflicting_keys, bad_key           keys
//   wrong_type, bad_value, out_of_range, duplicate_value                         values
//   missing_environment, bad_environment                                         ${NAME}
//   unsupported_version, unknown_source, circular_sources, too_many_layers, bad_path,
//   reserved_path, duplicate_route
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"

namespace bourse::host {

inline constexpr std::size_t kConfigBytesMax = std::size_t{1} << 20u;
inline constexpr std::size_t kConfigDepthMax = 32;
/// With every alias replaced by what it stands for.
inline constexpr std::size_t kConfigNodesMax = 100'000;

/// The value of a variable, or nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// The one of this process. REQUIRES: nobody calls setenv meanwhile.
[[nodiscard]] Environment process_environment();

/// What of a configuration is looked at.
enum class ConfigPart {
  kAll,
  kSources,  ///< plugins, sources and defaults: what the others need may be missing
};

struct LoadedConfig {
  std::optional<Config> config;  ///< there when no error was found
  /// Otherwise: what could be read in spite of the errors, for whoever looks for more of them, such
  /// as those that only plugins can tell. Nothing when the file as such could not be read.
  std::optional<Config> readable;
  Diagnostics diagnostics;  ///< later stages add theirs
};

/// Told of what is about to be read besides the file itself, for whoever looks after changes. Each
/// may be empty.
struct ConfigTouch {
  std::function<void(const std::filesystem::path& file)> file = {};
  /// A folder whose files of that pattern are read.
  std::function<void(const std::filesystem::path& folder, const std::string& pattern)> folder = {};
};

[[nodiscard]] LoadedConfig load_config(const std::filesystem::path& file,
                                       const Environment& environment,
                                       ConfigPart part = ConfigPart::kAll,
                                       const ConfigTouch& touch = {});

/// The same for a text; `name` stands in messages, `folder` is where relative paths start.
[[nodiscard]] LoadedConfig parse_config(std::string name, std::string text,
                                        const std::filesystem::path& folder,
                                        const Environment& environment,
                                        ConfigPart part = ConfigPart::kAll,
                                        const ConfigTouch& touch = {});

}  // namespace bourse::host
