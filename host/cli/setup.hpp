// SPDX-License-Identifier: MIT
//
// What the commands have in common: find the configuration and the plugins, wire them, say what is
// wrong.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/cli/inputs.hpp"
#include "host/cli/trial.hpp"
#include "host/config/load.hpp"
#include "host/plugins/load.hpp"
#include "host/routing/generation.hpp"

namespace bourse::host {

/// Exit codes of the program.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;  ///< it could not be done; standard error says why
inline constexpr int kUsage = 2;   ///< the command line makes no sense
inline constexpr int kFound = 3;   ///< diff: something would change; task: it found something
inline constexpr int kAgain = 75;  ///< task: a limit stopped it; run again (EX_TEMPFAIL)

/// Options that several commands take.
struct SetupOptions {
  std::filesystem::path config = {};                ///< empty: see find_config
  std::vector<std::filesystem::path> plugins = {};  ///< instead of the configuration's folders
  /// Plugins are tried in processes of their own first (host/cli/trial.hpp).
  bool tries_plugins = false;
  double trial_seconds = kTrialSeconds;  ///< that one of them may take for it
  /// Told what the file says, if it is good, before any code of a plugin runs; null: nobody is.
  void (*configured)(const Config& config) = nullptr;
};

/// "-": the configuration is what standard input says; its relative paths start in the working
/// folder.
[[nodiscard]] bool is_standard_input(const std::filesystem::path& file);

/// The given file; else $BOURSE_CONFIG; else /etc/bourse/bourse.yaml when it exists; else nothing.
std::optional<std::filesystem::path> find_config(const std::filesystem::path& given);

/// Where plugins are when nobody says: beside the program, in ../plugins (a build tree), or in
/// ../lib/bourse/plugins (an installation) and ../local/lib/bourse/plugins, if that exists (what an
/// administrator adds: /usr/local/lib/bourse/plugins for /usr/bin/bourse).
std::vector<std::filesystem::path> default_plugin_folders();

/// What a setup takes over from those before it in this process; null: nothing.
struct Reuse {
  KeptPlugins* plugins = nullptr;
  const Generation* before = nullptr;
  bool reads_pipes = false;  ///< whatever was before: this file was never read
};

/// Where the plugins of a configuration (null: none) are, or those of --plugins.
std::vector<std::filesystem::path> plugin_folders(const SetupOptions& options,
                                                  const Config* config);
/// A line on standard error for each plugin that was refused, for commands that go on without it.
void warn_of_refusals(const Loaded& loaded);
/// Loads them.
Loaded load_configured_plugins(const SetupOptions& options, const Config* config,
                               KeptPlugins* kept = nullptr);

struct Setup {
  Config config;
  Loaded loaded;
  std::shared_ptr<const Generation> generation;
  Inputs inputs = {};
  std::string sha256 = {};  ///< of the configuration file
};

struct Attempt {
  std::optional<Setup> setup = {};  ///< nothing when there are errors
  Diagnostics diagnostics = {};
  Inputs inputs = {};  ///< what was read, as far as it came
  /// There when nothing in the file itself is wrong, whatever plugins say.
  std::optional<ServerConfig> server = {};
};

/// Everything that serve, check and routes need. Prints nothing. With `reuse.before` a file that
/// is a pipe is not read (but see `reads_pipes`): nobody may be there who writes it again.
Attempt attempt(const SetupOptions& options, const Reuse& reuse = {});
/// The same; prints all diagnostics to standard error.
std::optional<Setup> set_up(const SetupOptions& options, const Reuse& reuse = {});

}  // namespace bourse::host
