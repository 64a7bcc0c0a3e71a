// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "host/base/utf8.hpp"
#include "host/cli/commands.hpp"
#include "host/validate/bases.hpp"

namespace bourse::host {
namespace {

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

}  // namespace

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

}  // namespace bourse::host
