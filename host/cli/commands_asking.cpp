// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <string>

#include "host/cli/commands.hpp"

namespace bourse::host {
namespace {

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

}  // namespace

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
  command
      ->add_option("--format", options.format,
                   "Serializer; text on a terminal, else JSON, if not given")
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

}  // namespace bourse::host
