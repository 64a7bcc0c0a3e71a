// SPDX-License-Identifier: MIT
#include "host/cli/command_line.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/own_streams.hpp"
#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/check.hpp"
#include "host/cli/child_side.hpp"
#include "host/cli/completion.hpp"
#include "host/cli/dev.hpp"
#include "host/cli/diff.hpp"
#include "host/cli/explain.hpp"
#include "host/cli/follow.hpp"
#include "host/cli/health.hpp"
#include "host/cli/help.hpp"
#include "host/cli/inspect.hpp"
#include "host/cli/new.hpp"
#include "host/cli/output.hpp"
#include "host/cli/probe.hpp"
#include "host/cli/record.hpp"
#include "host/cli/run.hpp"
#include "host/cli/serve.hpp"
#include "host/cli/task.hpp"
#include "host/cli/topics.hpp"
#include "host/cli/validate.hpp"
#include "host/observe/log.hpp"
#include "host/plugins/ending.hpp"
#include "host/validate/bases.hpp"

namespace bourse::host {
namespace {

constexpr const char* kFooter =
    "\nFILE defaults to $BOURSE_CONFIG, then to /etc/bourse/bourse.yaml; \"-\" is standard input "
    "(serve, check, routes).\n"
    "`bourse help WORD` tells of a command, a topic, a key of the configuration or a code.\n"
    "Exit codes: 0 done, 1 it could not be done (standard error says why; probe: standard "
    "output),\n"
    "2 the command line makes no sense; others with the command.";

using Chosen = std::function<int()>;

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

void add_source(CLI::App& command, SourceOptions& options) {
  CLI::Option* const use =
      command.add_option("--use", options.use, "A source that no configuration has: its component")
          ->type_name("SOURCE");
  command
      .add_option("--over", options.over,
                  "What lies under it, if it is a layer: a source of the configuration, or a "
                  "component as it comes")
      ->type_name("SOURCE")
      ->needs(use);
  command.add_option("--set", options.settings, "A setting of the source; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

void add_probe(CLI::App& app, ProbeOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand("probe",
                                               "Say how a source is, probe [SOURCE]: what it says "
                                               "of itself, and each of its datasets tried once");
  add_file(*command, "--config", options.setup.config, "Configuration file");
  add_source(*command, options.from);
  add_plugins(*command, options.setup);
  command
      ->add_option("--timeout", options.timeout_seconds,
                   "Seconds for the source's own checks together, and for each dataset; default 30")
      ->type_name("SECONDS")
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
  command->add_option("ANALYSIS", options.analysis, "What to run")->type_name("")->required();
  command->add_flag("-h,--help", options.help, "Show the parameters of the analysis");
  command->add_option("--format", options.format, "Serializer; text on a terminal, else JSON, if not given")
      ->type_name("FORMAT");
  add_file(*command, "--config", options.setup.config, "Configuration file, for its sources");
  command->add_option("--source", options.from.source, "A source of the configuration")
      ->type_name("SOURCE");
  add_source(*command, options.from);
  add_plugins(*command, options.setup);
  command
      ->add_option("--output", options.output, "Write the report into this file, when it is whole")
      ->type_name("FILE");
  command->footer(
      "Other options are parameters of the analysis and of the format; run ANALYSIS --help lists "
      "them.");
  command->allow_extras();
  command->callback([&options, &chosen, command] {
    options.arguments = command->remaining();
    for (const CLI::Option* const option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) options.own_names.push_back(name);
    }
    chosen = [&options] { return run_report(options); };
  });
}

void add_task(CLI::App& app, TaskOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand(
      "task", "Do long work that a source offers, task SOURCE NAME --PARAMETER VALUE; or list it");
  add_file(*command, "--config", options.setup.config, "Configuration file, for its sources");
  command
      ->add_option("--format", options.format,
                   "Serializer of the report; without it, text for people")
      ->type_name("FORMAT");
  add_source(*command, options.from);
  add_plugins(*command, options.setup);
  command
      ->add_option("--output", options.output, "Write the report into this file, when it is whole")
      ->type_name("FILE");
  command->add_flag("--json", options.json,
                    "How far it is as a JSON object a line on standard error; of a list, JSON");
  command->add_flag("--list-names", options.names,
                    "Only list the names: of sources that offer tasks, or of the tasks of SOURCE");
  command->footer(
      "`bourse task` lists the sources and their tasks, `bourse task SOURCE` the parameters of "
      "its\n"
      "tasks, which are options: --limit 10. With --use there is no SOURCE.\n"
      "Ctrl-C: it finishes what it is at, and says how to go on; once more ends it at once.\n"
      "Exit codes: 3 done, with findings; 75 stopped by a limit, run it again; 130 after Ctrl-C,\n"
      "143 after SIGTERM.");
  command->allow_extras();
  command->callback([&options, &chosen, command] {
    options.words = command->remaining();
    for (const CLI::Option* const option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) options.own_names.push_back(name);
    }
    chosen = [&options] { return task(options); };
  });
}

void add_record(CLI::App& app, RecordOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand(
      "record", "Write a source's answers as files, record SOURCE DATASET... --PARAMETER VALUE");
  add_file(*command, "--config", options.setup.config, "Configuration file, for its sources");
  command
      ->add_option("--format", options.format, "Serializer; the one that writes JSON if not given")
      ->type_name("FORMAT");
  add_source(*command, options.from);
  add_plugins(*command, options.setup);
  command->add_option("--output", options.folder, "Folder for the files; it is made if need be")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--every", options.every,
                   "Again and again, after this long: 10s, 1m; the time stands in the files' names")
      ->type_name("DURATION");
  command->add_option("--count", options.count, "With --every: end after so many times")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}));
  command->add_option("--timeout", options.timeout_seconds, "Seconds for each answer; default 60")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0));
  command->footer(
      "Without DATASET: all that are not private. With --use there is no SOURCE. Other options "
      "are\n"
      "arguments for the datasets: --limit 10. The source replay reads the files of JSON\n"
      "again, bourse/testing.hpp those of CSV.");
  command->allow_extras();
  command->callback([&options, &chosen, command] {
    options.words = command->remaining();
    chosen = [&options] { return record(options); };
  });
}

void add_dev(CLI::App& app, DevOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand(
      "dev", "Build, validate and serve a plugin again whenever its project changes, with a page");
  command->add_option("DIR", options.folder, "The project's folder; default: this one")
      ->type_name("");
  add_file(*command, "--config", options.config,
           "Configuration that serves the plugin; default: bourse.yaml of the folder");
  command
      ->add_option("--build", options.build,
                   "Command for a shell that builds it, where there is neither a CMakeLists.txt "
                   "nor a Cargo.toml")
      ->type_name("COMMAND");
  command
      ->add_option("--listen", options.listen,
                   "Where the page is, on this machine; default 127.0.0.1:8090")
      ->type_name("ADDRESS:PORT");
  command->add_flag("!--no-validate", options.validate, "Leave `bourse validate` out");
  command
      ->add_option("--plugins", options.plugins,
                   "Folder of plugins, instead of the configured ones; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->footer(
      "The page shows what the compiler says, what validation finds, and each route with its "
      "form\n"
      "and all its formats side by side; the routes are there as well, for curl.");
  command->callback([&] { chosen = [&] { return dev(options); }; });
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

CLI::Option* add_patterns(CLI::App& command, const char* name, std::vector<std::string>& to,
                          const char* text) {
  return command.add_option(name, to, text)
      ->type_name("RULE")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void add_base(CLI::App& command, std::string& base) {
  std::string names;
  for (const std::string& name : validate::names_of_bases()) {
    names += (names.empty() ? "" : ", ") + name;
  }
  command.add_option("--base", base, "The oldest system that it is for: " + names)
      ->type_name("SYSTEM")
      ->check([names](const std::string& given) {
        return validate::find_base(given) != nullptr
                   ? std::string()
                   : "there is no " + in_quotes(given) + ", but " + names;
      });
}

void add_validate(CLI::App& app, ValidateOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand(
      "validate", "Try a plugin, each rule in a process of its own, and say what is wrong with it");
  command->add_option("FILE", options.file, "The plugin: a shared library")->type_name("");
  add_patterns(*command, "--only", options.only,
               "Try these rules, or groups of them, only: file, 'lifecycle.*'; may be repeated");
  add_patterns(*command, "--except", options.except, "Leave these out; may be repeated");
  command
      ->add_option("--component", options.component,
                   "Try the rules of components on these only: analysis/trend, 'source/*'")
      ->type_name("NAME");
  command
      ->add_option("--set", options.settings,
                   "A setting of a component that needs one; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command
      ->add_option("--plugins", options.plugins,
                   "A folder of other plugins: each format in it is to show the reports; may be "
                   "repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command
      ->add_option("--use", options.use,
                   "A source of --plugins that it asks, instead of generated data")
      ->type_name("SOURCE");
  add_file(*command, "--exclude-file", options.exclude_file,
           "Rules that are known not to pass, with reasons; default: FILE with .validate for .so");
  command->add_option("--format", options.format, "text, json or junit")
      ->type_name("FORMAT")
      ->check([](const std::string& given) {
        return given == "text" || given == "json" || given == "junit"
                   ? std::string()
                   : "there is no " + in_quotes(given) + ", but text, json and junit";
      });
  add_base(*command, options.base);
  add_file(*command, "--output", options.output, "Write the report into this file");
  command->add_option("--seed", options.seed, "Of all that is drawn by lot; default 1")
      ->type_name("N");
  command->add_option("--jobs", options.jobs, "How many at once; default: one a processor")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  command
      ->add_option("--limit", options.limit_seconds,
                   "Seconds that one rule may take on one component; default 45")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0));
  command->add_flag("--in-process", options.in_process,
                    "In this process, one after the other, the file loaded from its own path: for "
                    "gdb and valgrind");
  command->add_flag("--long", options.is_long, "Try more often, and larger; takes minutes");
  command->add_flag("--strict", options.strict, "Warnings fail, too");
  command->add_flag("--verbose", options.verbose, "Show what passed as well");
  command->add_flag("--list", options.list, "List the rules instead");
  command->footer("Exit code 0: nothing was found; 1: something was; 2: nothing could be tried.");
  command->callback([&] { chosen = [&] { return validate_file(options); }; });
}

void add_new(CLI::App& app, NewOptions& options, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand(
      "new", "Write a complete small project for a plugin of your own, which builds and answers");
  command
      ->add_option("NAME", options.name,
                   "What it is called: a to z, 0 to 9 and _, a letter first, at most 63")
      ->type_name("")
      ->required()
      ->check(name_mistake);
  command
      ->add_option("--kind", options.kind,
                   "analysis, source, serializer or layer; default analysis")
      ->type_name("KIND")
      ->check(kind_mistake);
  command->add_option("--lang", options.lang, "cpp, c or rust; default cpp")
      ->type_name("LANG")
      ->check(lang_mistake);
  command->add_option("--into", options.into, "The folder to write, instead of NAME here")
      ->type_name("DIR");
  command
      ->add_option("--sdk", options.sdk,
                   "Where the SDK is installed; default: as the program is, or /usr")
      ->type_name("DIR");
  command->callback([&] { chosen = [&] { return make_project(options); }; });
}

void add_version(CLI::App& app, bool& json, Chosen& chosen) {
  CLI::App* const command =
      app.add_subcommand("version", "Say of what this program was built, for bug reports");
  command->add_flag("--json", json, "Write one JSON object instead of lines");
  command->callback([&] { chosen = [&] { return say_version(json); }; });
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const command : app.get_subcommands({}))
    names.push_back(command->get_name());
  return names;
}

/// `overview`: CLI11 has none any more once it has found a command.
int help(const CLI::App& app, const std::string& overview, const std::string& word) {
  if (word.empty()) {
    print(overview);
    return kDone;
  }
  for (const CLI::App* const command : app.get_subcommands({})) {
    if (command->get_name() != word) continue;
    print(command->help(app.get_name()));
    return kDone;
  }
  return help_on(word, names_of_commands(app));
}

void add_help(CLI::App& app, const std::string& overview, std::string& word, Chosen& chosen) {
  CLI::App* const command =
      app.add_subcommand("help", "Tell of a command, a topic, a key of the configuration, a code");
  command
      ->add_option("WORD", word,
                   "A command, a key (`server.queue`), a code, or one of: " + topics_text())
      ->type_name("");
  command->callback([&] { chosen = [&] { return help(app, overview, word); }; });
}

WordShape shape_of(const CLI::Option& option) {
  WordShape shape{.text = option.get_description()};
  if (option.get_positional()) {
    const std::string name = option.get_name(true);
    const bool is_file = name == "FILE" || name == "OLD" || name == "NEW";
    shape.names = {name};
    shape.value = is_file ? "FILE" : name;
    return shape;
  }
  for (const std::string& name : option.get_lnames()) shape.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) shape.names.push_back("-" + name);
  if (option.get_expected_max() != 0) shape.value = option.get_type_name();
  return shape;
}

constexpr std::array<const char*, 3> kShells = {"bash", "zsh", "fish"};

std::vector<CommandShape> shapes_of(const CLI::App& app) {
  std::vector<CommandShape> shapes;
  for (const CLI::App* const command : app.get_subcommands({})) {
    CommandShape shape{.name = command->get_name(), .text = command->get_description()};
    for (const CLI::Option* const option : command->get_options()) {
      (option->get_positional() ? shape.positionals : shape.options).push_back(shape_of(*option));
    }
    if (shape.name == "task") shape.asked = 2;  // SOURCE NAME
    if (shape.name == "completion") shape.words.assign(kShells.begin(), kShells.end());
    if (shape.name == "help") {
      shape.words = names_of_commands(app);
      for (const Topic& topic : topics()) shape.words.emplace_back(topic.name);
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

int complete(const CLI::App& app, const std::string& shell) {
  const std::string script = completion_script(shell, shapes_of(app));
  std::fwrite(script.data(), 1, script.size(), own_output());
  return kDone;
}

void add_completion(CLI::App& app, std::string& shell, Chosen& chosen) {
  CLI::App* const command = app.add_subcommand(
      "completion", "Write the script that completes commands and options in a shell");
  command->add_option("SHELL", shell, "bash, zsh or fish")
      ->type_name("")
      ->required()
      ->check([](const std::string& given) {
        const bool known = std::find(kShells.begin(), kShells.end(), given) != kShells.end();
        return known ? ""
                     : "there is none for " + in_quotes(given) + ", but for bash, zsh and fish";
      });
  command->callback([&] { chosen = [&] { return complete(app, shell); }; });
}

int usage_mistake(const std::string& message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return kUsage;
}

std::string did_you_mean(std::string_view given, const std::vector<std::string>& known) {
  const auto near = suggest(given, known);
  return near ? "; did you mean " + *near + "?" : "";
}

/// CLI11 would only say that a command is missing.
int unknown_command(const std::vector<std::string>& known, const std::string& given) {
  const std::string near = did_you_mean(given, known);
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
  return usage_mistake("there is no command " + in_quotes(given) +
                       (near.empty() ? "; there are " + all : near));
}

/// What a command does not take, and what was meant.
int unknown_word(const CLI::App& command, const std::string& given) {
  const bool is_option = given.starts_with('-');
  const std::string name = given.substr(0, given.find('='));
  std::vector<std::string> known;
  for (const CLI::Option* const option : command.get_options()) {
    for (const std::string& word : option->get_lnames()) known.push_back("--" + word);
  }
  const std::string near = is_option ? did_you_mean(name, known) : std::string();
  const std::string who = command.get_parent() == nullptr ? "bourse" : command.get_name();
  return usage_mistake(who + (is_option ? " has no option " : " does not take ") +
                       in_quotes(is_option ? name : given) +
                       (near.empty() ? "; `bourse help" +
                                           (command.get_parent() == nullptr ? "" : " " + who) +
                                           "` says what it takes"
                                     : near));
}

int say_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    for (const CLI::App* const command : app.get_subcommands()) {
      if (const auto rest = command->remaining(); !rest.empty()) {
        return unknown_word(*command, rest.front());
      }
    }
    if (const auto rest = app.remaining(); !rest.empty()) return unknown_word(app, rest.front());
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && app.get_subcommands().empty()) {
    if (const auto rest = app.remaining(); !rest.empty()) return unknown_word(app, rest.front());
    return usage_mistake("say what to do; `bourse help` lists the commands");
  }
  std::ostringstream out;
  std::ostringstream err;
  const bool fine = app.exit(error, out, err) == 0;
  std::fputs(out.str().c_str(), own_output());
  std::fputs(err.str().c_str(), stderr);
  return fine ? kDone : kUsage;
}

/// How long plugins have to let go, when a command has done what it should.
constexpr std::chrono::seconds kLastEnds{10};

void leave_without(const std::string& call) {
  log_event(BOURSE_LEVEL_ERROR, "plugin_does_not_end",
            {{"call", call}, {"message", "it has not returned; the process ends without it"}});
  (void)flush_log(std::chrono::milliseconds(100));
  ::_exit(kFailed);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  if (is_child(argc, argv)) return run_as_child(argc, argv);
  CLI::App app{"Bourse: answers questions about markets, by plugins and a routing table.",
               "bourse"};
  app.set_version_flag("--version", version_text(), "Say of what this program was built");
  app.require_subcommand(1);
  app.footer(kFooter);
  Chosen chosen;
  ServeOptions serve_options;
  CheckOptions check_options;
  LookOptions look_options;
  HealthOptions health_options;
  FollowOptions follow_options;
  RunOptions run_options;
  ProbeOptions probe_options;
  TaskOptions task_options;
  task_options.typed.assign(argv, argv + argc);
  RecordOptions record_options;
  DevOptions dev_options;
  DiffOptions diff_options;
  ExplainOptions explain_options;
  ValidateOptions validate_options;
  NewOptions new_options;
  std::string overview;
  std::string help_word;
  std::string shell;
  bool version_json = false;
  add_serve(app, serve_options, chosen);
  add_check(app, check_options, chosen);
  add_looking(app, look_options, chosen);
  add_health(app, health_options, chosen);
  add_watch(app, follow_options, chosen);
  add_run(app, run_options, chosen);
  add_probe(app, probe_options, chosen);
  add_task(app, task_options, chosen);
  add_record(app, record_options, chosen);
  add_dev(app, dev_options, chosen);
  add_diff(app, diff_options, chosen);
  add_explain(app, explain_options, chosen);
  add_validate(app, validate_options, chosen);
  add_new(app, new_options, chosen);
  add_help(app, overview, help_word, chosen);
  add_completion(app, shell, chosen);
  add_version(app, version_json, chosen);
  overview = app.help();
  const std::string first = argc > 1 ? argv[1] : "";
  const auto commands = names_of_commands(app);
  if (!first.empty() && !first.starts_with('-') &&
      std::find(commands.begin(), commands.end(), first) == commands.end()) {
    return unknown_command(commands, first);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return finish_output(say_parse_error(app, error));
  }
  // A server bounds its own end, and its plugins come and go. A command has them to its own end: a
  // thread that one of them forgot must not lose its code meanwhile.
  if (!app.got_subcommand("serve")) {
    keep_libraries_loaded();
    Ending::bound(kLastEnds, leave_without);
  }
  return finish_output(chosen());
}

}  // namespace bourse::host
