// SPDX-License-Identifier: MIT
#include "host/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "host/cli/health.hpp"
#include "host/cli/inspect.hpp"
#include "host/cli/probe.hpp"
#include "host/cli/run.hpp"
#include "host/cli/serve.hpp"

namespace bourse::host {
namespace {

constexpr const char* kFooter =
    "\nFILE defaults to $BOURSE_CONFIG, then to /etc/bourse/bourse.yaml.\n"
    "Exit codes: 0 done, 1 it could not be done (standard error says why; probe: standard "
    "output),\n"
    "2 the command line makes no sense.";

using Chosen = std::function<int()>;

void add_plugins(CLI::App& command, SetupOptions& options) {
  command
      .add_option("--plugins", options.plugins,
                  "Folder of plugins, instead of the configured ones; may be repeated")
      ->allow_extra_args(false);
}

void add_serve(CLI::App& app, ServeOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand("serve", "Serve the routes of a configuration");
  command->add_option("FILE", options.setup.config, "Configuration file (YAML)");
  add_plugins(*command, options.setup);
  command->add_option("--listen", options.listen,
                      "Where to listen, instead of as configured: 127.0.0.1:8080, unix:/PATH, "
                      "systemd:NAME");
  command->add_flag("--watch", options.watch,
                    "Reload whenever the configuration, a plugin or a file of NAME_FILE changes; "
                    "for development");
  command->callback([&] { chosen = [&] { return serve(options); }; });
}

void add_looking(CLI::App& app, SetupOptions& options, Chosen& chosen) {
  const auto add = [&](const char* name, const char* text, int (*run)(const SetupOptions&)) {
    CLI::App* const command = app.add_subcommand(name, text);
    command->callback(
        [&chosen, &options, run] { chosen = [&options, run] { return run(options); }; });
    return command;
  };
  for (CLI::App* const command :
       {add("check", "Say everything that is wrong with a configuration", check),
        add("routes", "Show the routing table of a configuration", list_routes)}) {
    command->add_option("FILE", options.config, "Configuration file (YAML)");
    add_plugins(*command, options);
  }
  add("plugins", "Show what the plugins of some folders offer", list_plugins)
      ->add_option("DIR", options.plugins, "Folders of plugins; the default ones if not given");
}

void add_health(CLI::App& app, HealthOptions& options, Chosen& chosen) {
  CLI::App* const command =
      app.add_subcommand("health", "Ask a running server how it is; exit code 0 when all is well");
  CLI::Option* const url = command->add_option(
      "URL", options.url,
      "http://ADDRESS:PORT/PATH, or unix:/PATH of a socket; default: /health where FILE says it "
      "listens");
  CLI::Option* const config = command->add_option("--config", options.config, "Configuration FILE");
  command->add_option("--port", options.port, "Port on 127.0.0.1, without a configuration")
      ->check(CLI::Range(1, 65535))
      ->excludes(url)
      ->excludes(config);
  config->excludes(url);
  command->add_option("--timeout", options.timeout_seconds, "Seconds for all of it; default 3")
      ->check(CLI::Range(0.001, 3600.0));
  command->callback([&] { chosen = [&] { return health(options); }; });
}

void add_source(CLI::App& command, SourceOptions& options) {
  CLI::Option* const use =
      command.add_option("--use", options.use, "A source that no configuration has: its component");
  command
      .add_option("--over", options.over,
                  "What lies under it, if it is a layer: a source of the configuration, or a "
                  "component as it comes")
      ->needs(use);
  command.add_option("--set", options.settings, "NAME=VALUE for the source; may be repeated")
      ->allow_extra_args(false);
}

void add_probe(CLI::App& app, ProbeOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand("probe",
                                               "Say how a source is, probe [SOURCE]: what it says "
                                               "of itself, and each of its datasets tried once");
  command->add_option("--config", options.setup.config, "Configuration FILE");
  add_source(*command, options.from);
  add_plugins(*command, options.setup);
  command
      ->add_option("--timeout", options.timeout_seconds,
                   "Seconds for the source's own checks together, and for each dataset; default 30")
      ->check(CLI::Range(0.1, 3600.0));
  command->add_flag("--json", options.json, "Write one JSON object instead of lines");
  command->footer(
      "SOURCE is one of the configuration; its default one if not given. Other options are\n"
      "arguments for the datasets: --limit 10\n"
      "Exit code 0: nothing failed.");
  command->allow_extras();
  command->callback([&options, &chosen, command] {
    options.arguments = command->remaining();
    // Not declared to CLI11, which would take the value of an option that it does not know for it.
    if (!options.arguments.empty() && !options.arguments.front().starts_with('-')) {
      options.from.source = options.arguments.front();
      options.arguments.erase(options.arguments.begin());
    }
    chosen = [&options] { return probe(options); };
  });
}

void add_run(CLI::App& app, RunOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand(
      "run", "Write one report to standard output: run ANALYSIS --format csv --PARAMETER VALUE");
  command->set_help_flag();  // --help is about the analysis, and needs the plugins
  command->add_option("ANALYSIS", options.analysis, "What to run")->required();
  command->add_flag("-h,--help", options.help, "Show the parameters of the analysis");
  command->add_option("--format", options.format, "Serializer; the first one if not given");
  command->add_option("--config", options.setup.config, "Configuration file, for its sources");
  command->add_option("--source", options.from.source, "A source of the configuration");
  add_source(*command, options.from);
  add_plugins(*command, options.setup);
  command->allow_extras();
  command->callback([&options, &chosen, command] {
    options.arguments = command->remaining();
    chosen = [&options] { return run_report(options); };
  });
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app{"Bourse: answers questions about markets, by plugins and a routing table."};
  app.set_version_flag("--version", std::string("bourse ") + BOURSE_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);
  Chosen chosen;
  ServeOptions serve_options;
  SetupOptions look_options;
  HealthOptions health_options;
  RunOptions run_options;
  ProbeOptions probe_options;
  add_serve(app, serve_options, chosen);
  add_looking(app, look_options, chosen);
  add_health(app, health_options, chosen);
  add_run(app, run_options, chosen);
  add_probe(app, probe_options, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : kUsage;
  }
  return chosen();
}

}  // namespace bourse::host
