// SPDX-License-Identifier: MIT
#include "host/cli/command_line.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/own_streams.hpp"
#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/child_side.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/completion.hpp"
#include "host/cli/help.hpp"
#include "host/cli/output.hpp"
#include "host/cli/topics.hpp"
#include "host/observe/log.hpp"
#include "host/plugins/ending.hpp"

namespace bourse::host {
namespace {

constexpr const char* kFooter =
    "\nFILE defaults to $BOURSE_CONFIG, then to /etc/bourse/bourse.yaml; \"-\" is standard input "
    "(serve, check, routes).\n"
    "`bourse help WORD` tells of a command, a topic, a key of the configuration or a code.\n"
    "Exit codes: 0 done, 1 it could not be done (standard error says why; probe: standard "
    "output),\n"
    "2 the command line makes no sense; others with the command.";

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
