// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <string>

#include "host/cli/commands.hpp"

namespace bourse::host {

// The names of types are what help and completion know of a value: FILE, DIR, ...
CLI::Option* add_file(CLI::App& command, const char* name, std::filesystem::path& to,
                      const char* text) {
  return command.add_option(name, to, text)->type_name("FILE");
}

void add_plugins(CLI::App& command, SetupOptions& options) {
  command
      .add_option("--plugins", options.plugins,
                  "Folder of plugins, instead of the configured ones; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

namespace {

void add_configuration(CLI::App& command, SetupOptions& options) {
  command.add_option("FILE", options.config, "Configuration file (YAML), or - for standard input")
      ->type_name("");
  add_plugins(command, options);
}

void add_trial_limit(CLI::App& command, SetupOptions& options) {
  command
      .add_option("--limit", options.trial_seconds,
                  "Seconds that a plugin may take to load, in a process of its own; default 45")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0));
}

}  // namespace

void add_serve(CLI::App& app, ServeOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand("serve", "Serve the routes of a configuration");
  add_configuration(*command, options.setup);
  command
      ->add_option("--listen", options.listen,
                   "Where to listen, instead of as configured: 127.0.0.1:8080, unix:/PATH, "
                   "systemd:NAME")
      ->type_name("WHERE");
  command->add_flag("--watch", options.watch,
                    "Reload whenever the configuration, a plugin or a file of NAME_FILE changes; "
                    "for development");
  command->callback([&] { chosen = [&] { return serve(options); }; });
}

void add_check(CLI::App& app, CheckOptions& options, Chosen& chosen) {
  CLI::App* const command =
      app.add_subcommand("check", "Say everything that is wrong with a configuration");
  add_configuration(*command, options.setup);
  command->add_flag("--bind", options.bind,
                    "Try as well whether the server could listen where it says: a port in use, "
                    "an address of another machine, too few open files");
  command->add_flag("--json", options.json, "Write one JSON object instead of lines");
  command->add_flag("--strict", options.strict, "Warnings fail, too");
  add_trial_limit(*command, options.setup);
  command->callback([&] { chosen = [&] { return check(options); }; });
}

void add_looking(CLI::App& app, LookOptions& options, Chosen& chosen) {
  const auto add = [&](const char* name, const char* text, int (*run)(const LookOptions&)) {
    CLI::App* const command = app.add_subcommand(name, text);
    command->add_flag("--json", options.json, "Write JSON instead of lines");
    command->callback(
        [&chosen, &options, run] { chosen = [&options, run] { return run(options); }; });
    return command;
  };
  add_configuration(*add("routes", "Show the routing table of a configuration", list_routes),
                    options.setup);
  CLI::App* const plugins =
      add("plugins", "Show what the plugins of some folders offer", list_plugins);
  plugins
      ->add_option("DIR", options.setup.plugins,
                   "Folders of plugins; the default ones if not given")
      ->type_name("");
  add_trial_limit(*plugins, options.setup);
}

void add_health(CLI::App& app, HealthOptions& options, Chosen& chosen) {
  CLI::App* const command =
      app.add_subcommand("health", "Ask a running server how it is; exit code 0 when all is well");
  CLI::Option* const url =
      command
          ->add_option("URL", options.url,
                       "http://ADDRESS:PORT/PATH, or unix:/PATH of a socket; default: /health "
                       "where FILE says it listens")
          ->type_name("");
  CLI::Option* const config = add_file(*command, "--config", options.config, "Configuration file");
  command->add_option("--port", options.port, "Port on 127.0.0.1, without a configuration")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65535))
      ->excludes(url)
      ->excludes(config);
  config->excludes(url);
  command->add_option("--timeout", options.timeout_seconds, "Seconds for all of it; default 3")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 3600.0));
  command->callback([&] { chosen = [&] { return health(options); }; });
}

void add_watch(CLI::App& app, FollowOptions& options, Chosen& chosen) {
  CLI::App* const command =
      app.add_subcommand("watch", "Print an answer of a running server each time that it changes");
  command
      ->add_option("URL", options.url,
                   "http:// or https:// of an answer; $BOURSE_TOKEN opens a route that needs a "
                   "token")
      ->type_name("")
      ->required();
  command->add_flag("--json", options.json, "One JSON object a line for each event");
  command->add_option("--count", options.count, "End after so many events")->type_name("N");
  command->add_option("--seconds", options.seconds, "End after so many seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 31'536'000.0));
  command->callback([&] { chosen = [&] { return follow(options); }; });
}

void add_diff(CLI::App& app, DiffOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand(
      "diff", "Say what a server would change if its configuration were another one");
  command->add_option("OLD", options.before, "Configuration file, or - for standard input")
      ->type_name("")
      ->required();
  command->add_option("NEW", options.after, "The one that would be taken instead")
      ->type_name("")
      ->required();
  command->add_flag("--json", options.json, "Write one JSON object instead of lines");
  add_plugins(*command, options.setup);
  command->footer("Exit code 0: nothing would change; 3: something would.");
  command->callback([&] { chosen = [&] { return diff(options); }; });
}

void add_explain(CLI::App& app, ExplainOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand(
      "explain", "Say how a request is answered and why, 'GET /a?b'; or what a code means");
  command
      ->add_option("WHAT", options.words,
                   "A request, 'GET /path?query'; or a code, such as parameter_out_of_range")
      ->type_name("")
      ->required();
  add_file(*command, "--config", options.setup.config,
           "Configuration file, or - for standard input");
  command->add_option("--accept", options.accept, "The header Accept of the request")
      ->type_name("TEXT");
  add_plugins(*command, options.setup);
  command->callback([&] { chosen = [&] { return explain(options); }; });
}

}  // namespace bourse::host
