// SPDX-License-Identifier: MIT
//
// One source, as a command is told to make it, and parameters written as options: what `run` and
// `probe` have in common.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"
#include "host/calls/sources.hpp"
#include "host/cli/setup.hpp"
#include "host/routing/arguments.hpp"

namespace bourse::host {

struct SourceOptions {
  std::string source = {};                 ///< one of the configuration; empty: its default
  std::string use = {};                    ///< a source component instead
  std::string over = {};                   ///< what lies under that one, if it is a layer
  std::vector<std::string> settings = {};  ///< "name=value" for it
};

/// Code of failures that are a misuse of the command line: kUsage.
inline constexpr const char* kUsageCode = "usage";
[[nodiscard]] Failure usage(std::string message);

/// "there is no KIND "ID"; did you mean ...".
[[nodiscard]] std::string unknown(std::string_view kind, const std::string& id,
                                  Catalog::Components components);

/// "slow (acme.layers/resample 1.0.0) over fast (acme.feed/live 1.2.0)".
[[nodiscard]] std::string title_of(const Source& source);

/// As options, each with what it is and what it may be.
void print_parameters(std::span<const Parameter> parameters);

/// "--name value" and "--name=value" as names and texts; '-' in a name is '_'.
Result<NamedTexts> read_words(const std::vector<std::string>& words);

/// An option of the command that was mistyped looks like a parameter that is not known: the failure
/// of that, with the one of the command's own names that was meant, if it suggests nothing yet.
[[nodiscard]] Failure with_own_names(Failure failure, const std::vector<std::string>& own_names);

/// Reads the configuration that a command with these options needs, if there is one, as far as it
/// is about sources and plugins. Nothing is wrong with having none; with having a broken one there
/// is: then what is wrong was printed, and this is nothing.
std::optional<LoadedConfig> read_config(const SetupOptions& setup, const SourceOptions& options);

/// The configuration in there, or null.
[[nodiscard]] const Config* config_of(const LoadedConfig& read);

/// A source, and all that had to be made for it.
struct MadeSource {
  std::shared_ptr<Source> source;
  std::shared_ptr<const Sources> all;  ///< by name, `source` included
};

/// Whether these options or this configuration say which source is meant.
[[nodiscard]] bool says_source(const SourceOptions& options, const Config* config);

/// No message shows a value that came out of the environment. What is wrong with a configured
/// source is printed with its place in the file.
Result<MadeSource> make_source(const SourceOptions& options, const Loaded& loaded,
                               LoadedConfig& read);

/// All sources of the configuration that could be made, in its order. What is wrong with the others
/// is printed with its place in the file.
std::vector<std::shared_ptr<Source>> make_all(const Loaded& loaded, LoadedConfig& read);

/// The instance of an analysis or a format, with the settings that the configuration has for it.
Result<std::shared_ptr<Instance>> make_configured(const std::shared_ptr<const Component>& component,
                                                  LoadedConfig& read);

}  // namespace bourse::host
