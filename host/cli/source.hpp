// SPDX-License-Identifier: MIT
//
// One source, as a command is told to make it, and parameters written as options: what `run` and
// `probe` have in common.
#pragma once

#include <memory>
#include <optional>
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
  std::string use = {};                    ///< a source component instead, without a configuration
  std::vector<std::string> settings = {};  ///< "name=value" for it
};

/// Code of failures that are a misuse of the command line: kUsage.
inline constexpr const char* kUsageCode = "usage";
[[nodiscard]] Failure usage(std::string message);

/// "there is no KIND "ID"; did you mean ...".
[[nodiscard]] std::string unknown(std::string_view kind, const std::string& id,
                                  Catalog::Components components);

/// "--name value" and "--name=value" as names and texts; '-' in a name is '_'.
Result<NamedTexts> read_words(const std::vector<std::string>& words);

/// Reads the configuration that a command with these options needs, if there is one, as far as it
/// is about sources; prints what is wrong with it. Nothing is wrong with having none; with having a
/// broken one there is: false.
bool read_config(const SetupOptions& setup, const SourceOptions& options,
                 std::optional<Config>& config);

/// `config` may be null. No message shows a value that came out of the environment.
Result<std::shared_ptr<Source>> make_source(const SourceOptions& options, const Loaded& loaded,
                                            const Config* config);

}  // namespace bourse::host
