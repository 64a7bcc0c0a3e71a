// SPDX-License-Identifier: MIT
//
// The commands, each with its options, as CLI11 is told of them. The files are by who uses them:
// who serves (commands_serving.cpp), who asks (commands_asking.cpp), who writes a plugin
// (commands_authoring.cpp). A command that is found says in `chosen` what is to be done; the
// options are the caller's and must live until then.
#pragma once

#include <filesystem>
#include <functional>

#include "host/cli/check.hpp"
#include "host/cli/dev.hpp"
#include "host/cli/diff.hpp"
#include "host/cli/explain.hpp"
#include "host/cli/follow.hpp"
#include "host/cli/health.hpp"
#include "host/cli/inspect.hpp"
#include "host/cli/new.hpp"
#include "host/cli/probe.hpp"
#include "host/cli/record.hpp"
#include "host/cli/run.hpp"
#include "host/cli/serve.hpp"
#include "host/cli/task.hpp"
#include "host/cli/validate.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace bourse::host {

using Chosen = std::function<int()>;

void add_serve(CLI::App& app, ServeOptions& options, Chosen& chosen);
void add_check(CLI::App& app, CheckOptions& options, Chosen& chosen);
/// routes and plugins.
void add_looking(CLI::App& app, LookOptions& options, Chosen& chosen);
void add_health(CLI::App& app, HealthOptions& options, Chosen& chosen);
void add_watch(CLI::App& app, FollowOptions& options, Chosen& chosen);
void add_diff(CLI::App& app, DiffOptions& options, Chosen& chosen);
void add_explain(CLI::App& app, ExplainOptions& options, Chosen& chosen);

void add_probe(CLI::App& app, ProbeOptions& options, Chosen& chosen);
void add_run(CLI::App& app, RunOptions& options, Chosen& chosen);
void add_task(CLI::App& app, TaskOptions& options, Chosen& chosen);
void add_record(CLI::App& app, RecordOptions& options, Chosen& chosen);

void add_dev(CLI::App& app, DevOptions& options, Chosen& chosen);
void add_validate(CLI::App& app, ValidateOptions& options, Chosen& chosen);
void add_new(CLI::App& app, NewOptions& options, Chosen& chosen);

// ---- options of several commands ----------------------------------------------------------------

CLI::Option* add_file(CLI::App& command, const char* name, std::filesystem::path& to,
                      const char* text);
void add_plugins(CLI::App& command, SetupOptions& options);

}  // namespace bourse::host
