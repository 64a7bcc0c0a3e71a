// SPDX-License-Identifier: MIT
#include "host/cli/completion.hpp"

#include <algorithm>

namespace bourse::host {
namespace {

constexpr std::string_view kGlobal = "--help --version";

/// For a word between single quotes, in all three shells.
std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string without(std::string text, std::string_view characters) {
  std::erase_if(text, [&](char c) { return characters.find(c) != std::string_view::npos; });
  return text;
}

std::string long_names(const CommandShape& command) {
  std::string names;
  for (const WordShape& option : command.options) {
    for (const std::string& name : option.names) {
      if (name.starts_with("--")) names += (names.empty() ? "" : " ") + name;
    }
  }
  return names;
}

std::string joined_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

bool is_configuration(const WordShape& word) {
  return word.value == "FILE" &&
         std::none_of(word.names.begin(), word.names.end(),
                      [](const std::string& name) { return name == "--output"; });
}

// ---- bash ----

std::string bash_files(const WordShape& word) {
  if (is_configuration(word)) return "_filedir '@(yaml|yml)'";
  if (word.value == "FILE") return "_filedir";
  return word.value == "DIR" ? "_filedir -d" : ":";
}

std::string bash_values(std::span<const CommandShape> commands) {
  std::string cases;
  std::vector<std::string> told;
  for (const CommandShape& command : commands) {
    for (const WordShape& option : command.options) {
      if (option.value.empty()) continue;
      for (const std::string& name : option.names) {
        if (std::find(told.begin(), told.end(), name) != told.end()) continue;
        told.push_back(name);
        cases += "    " + name + ")\n      " + bash_files(option) + "\n      return\n      ;;\n";
      }
    }
  }
  return cases;
}

/// Lists in `names` what the program says may stand where the word is that is typed.
std::string bash_names(std::span<const CommandShape> commands) {
  const bool is_any = std::any_of(commands.begin(), commands.end(),
                                  [](const CommandShape& command) { return command.asked > 0; });
  if (!is_any) return {};
  return "_bourse_names() {\n"
         "  local most=$1 i config=() before=()\n"
         "  for ((i = 2; i < cword; i++)); do\n"
         "    case ${words[i]} in\n"
         "      --config=*) config=(\"${words[i]}\") ;;\n"
         "      --config) config=(--config \"${words[++i]}\") ;;\n"
         "      --json | --list-names) ;;\n"
         "      --use | --use=*) return ;;\n"
         "      --*=*) ;;\n"
         "      -*) ((++i)) ;;\n"
         "      *) before+=(\"${words[i]}\") ;;\n"
         "    esac\n  done\n"
         "  ((${#before[@]} < most)) || return\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$(command bourse \"${words[1]}\" --list-names "
         "\"${config[@]}\" \"${before[@]}\" 2>/dev/null)\" -- \"$cur\")\n}\n";
}

std::string bash_script(std::span<const CommandShape> commands) {
  std::string names;
  std::string options;
  std::string positionals;
  for (const CommandShape& command : commands) {
    (names += names.empty() ? "" : " ") += command.name;
    options += "    " + command.name + ") options=" + single_quoted(long_names(command)) + " ;;\n";
    std::string complete;
    if (command.asked > 0) {
      complete = "_bourse_names " + std::to_string(command.asked);
    } else if (!command.words.empty()) {
      complete = "mapfile -t COMPREPLY < <(compgen -W " +
                 single_quoted(joined_words(command.words)) + " -- \"$cur\")";
    } else if (!command.positionals.empty()) {
      complete = bash_files(command.positionals.front());
    }
    if (!complete.empty() && complete != ":") {
      positionals += "    " + command.name + ") " + complete + " ;;\n";
    }
  }
  return "# bash completion of bourse(1), by `bourse completion bash`.\n" + bash_names(commands) +
         "_bourse() {\n"
         "  local cur prev words cword options=''\n"
         "  _init_completion -n = || return\n"
         "  if [ \"$cword\" -eq 1 ]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W " +
         single_quoted(names + " " + std::string(kGlobal)) +
         " -- \"$cur\")\n    return\n  fi\n  case $prev in\n" + bash_values(commands) +
         "  esac\n  case ${words[1]} in\n" + options +
         "    *) return ;;\n  esac\n  if [[ $cur == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n    return\n  fi\n"
         "  case ${words[1]} in\n" +
         positionals + "  esac\n}\ncomplete -F _bourse bourse\n";
}

// ---- zsh ----

std::string zsh_action(const WordShape& word) {
  if (is_configuration(word)) return "_files -g \"*.(yaml|yml)\"";
  if (word.value == "FILE") return "_files";
  return word.value == "DIR" ? "_files -/" : " ";
}

/// Text within [ ] of a specification: neither those nor colons.
std::string zsh_text(const std::string& text) { return without(text, "[]:\\"); }

std::string zsh_option(const WordShape& option) {
  const std::string tail =
      option.value.empty() ? "" : ":" + zsh_text(option.value) + ":" + zsh_action(option);
  std::string specifications;
  for (const std::string& name : option.names) {
    const bool takes = name.starts_with("--") && !option.value.empty();
    specifications += " \\\n        " + single_quoted("*" + name + (takes ? "=" : "") + "[" +
                                                      zsh_text(option.text) + "]" + tail);
  }
  return specifications;
}

/// Within _arguments: `line` holds the words that are no options, opt_args the others' values.
std::string zsh_names(std::span<const CommandShape> commands) {
  const bool is_any = std::any_of(commands.begin(), commands.end(),
                                  [](const CommandShape& command) { return command.asked > 0; });
  if (!is_any) return {};
  return "_bourse_names() {\n"
         "  local -a config before names\n"
         "  [[ -n ${opt_args[--use]} ]] && return\n"
         "  [[ -n ${opt_args[--config]} ]] && config=(--config \"${(Q)opt_args[--config]}\")\n"
         "  before=(${line[1,-2]})\n"
         "  names=(${(f)\"$(command bourse ${words[1]} --list-names $config $before "
         "2>/dev/null)\"})\n"
         "  compadd -a names\n}\n";
}

std::string zsh_script(std::span<const CommandShape> commands) {
  std::string names;
  std::string cases;
  for (const CommandShape& command : commands) {
    names += "    " + single_quoted(command.name + ":" + zsh_text(command.text)) + "\n";
    cases += "    " + command.name + ")\n      _arguments";
    for (const WordShape& option : command.options) cases += zsh_option(option);
    if (command.asked > 0) {
      for (std::size_t i = 1; i <= command.asked; ++i) {
        cases += " \\\n        " + single_quoted(std::to_string(i) + ":name:_bourse_names");
      }
    } else if (!command.words.empty()) {
      cases += " \\\n        " + single_quoted("1:word:(" + joined_words(command.words) + ")");
    } else if (!command.positionals.empty()) {
      const WordShape& word = command.positionals.front();
      const std::string name = zsh_text(word.names.front());
      // With the message of a bare " " zsh would list what begins with "-" instead of inserting it.
      const std::string action = zsh_action(word);
      cases += " \\\n        " + single_quoted("*:" + name + ":" +
                                               (action == " " ? "_guard \"^-*\" " + name : action));
    }
    cases += "\n      ;;\n";
  }
  return "#compdef bourse\n# zsh completion of bourse(1), by `bourse completion zsh`.\n" +
         zsh_names(commands) + "_bourse() {\n  local -a commands=(\n" + names +
         "  )\n  if (( CURRENT == 2 )); then\n    _describe -t commands command commands\n    "
         "_arguments '--help[Show usage]' '--version[Say of what this was built]'\n    return\n  "
         "fi\n  shift words\n  (( CURRENT-- ))\n  case ${words[1]} in\n" +
         cases +
         "  esac\n}\nif [ \"$funcstack[1]\" = _bourse ]; then\n  _bourse \"$@\"\nelse\n  compdef "
         "_bourse bourse\nfi\n";
}

// ---- fish ----

std::string fish_value(const WordShape& option) {
  if (option.value.empty()) return {};
  if (option.value == "FILE") return " -r -F";
  if (option.value == "DIR") return " -x -a '(__fish_complete_directories)'";
  return " -x";
}

/// The words before the one that is typed, without options and their values.
std::string fish_names(std::span<const CommandShape> commands) {
  const bool is_any = std::any_of(commands.begin(), commands.end(),
                                  [](const CommandShape& command) { return command.asked > 0; });
  if (!is_any) return {};
  return "function __bourse_names\n"
         "  set -l words (commandline -opc)\n"
         "  set -l config\n"
         "  set -l before\n"
         "  set -l i 3\n"
         "  while test $i -le (count $words)\n"
         "    switch $words[$i]\n"
         "      case '--config=*'\n"
         "        set config $words[$i]\n"
         "      case --config\n"
         "        set i (math $i + 1)\n"
         "        set config --config $words[$i]\n"
         "      case --use '--use=*'\n"
         "        return\n"
         "      case --json --list-names '--*=*'\n"
         "      case '-*'\n"
         "        set i (math $i + 1)\n"
         "      case '*'\n"
         "        set -a before $words[$i]\n"
         "    end\n"
         "    set i (math $i + 1)\n"
         "  end\n"
         "  test (count $before) -lt $argv[1]; or return\n"
         "  command bourse $words[2] --list-names $config $before 2>/dev/null\n"
         "end\n";
}

std::string fish_script(std::span<const CommandShape> commands) {
  std::string script =
      "# fish completion of bourse(1), by `bourse completion fish`.\n" + fish_names(commands) +
      "complete -c bourse -f\n"
      "complete -c bourse -n __fish_use_subcommand -l help -d 'Show usage'\n"
      "complete -c bourse -n __fish_use_subcommand -l version -d 'Say of what this was built'\n";
  for (const CommandShape& command : commands) {
    script += "complete -c bourse -n __fish_use_subcommand -a " + command.name + " -d " +
              single_quoted(command.text) + "\n";
    const std::string when =
        "complete -c bourse -n '__fish_seen_subcommand_from " + command.name + "'";
    for (const WordShape& option : command.options) {
      std::string names;
      for (const std::string& name : option.names) {
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      script += when + names + fish_value(option) + " -d " + single_quoted(option.text) + "\n";
    }
    if (command.asked > 0) {
      script += when + " -a '(__bourse_names " + std::to_string(command.asked) + ")'\n";
    } else if (!command.words.empty()) {
      script += when + " -a " + single_quoted(joined_words(command.words)) + "\n";
    } else if (!command.positionals.empty()) {
      const std::string& value = command.positionals.front().value;
      if (value == "FILE") script += when + " -F\n";
      if (value == "DIR") script += when + " -a '(__fish_complete_directories)'\n";
    }
  }
  return script;
}

}  // namespace

std::string completion_script(std::string_view shell, std::span<const CommandShape> commands) {
  if (shell == "bash") return bash_script(commands);
  if (shell == "zsh") return zsh_script(commands);
  if (shell == "fish") return fish_script(commands);
  return {};
}

}  // namespace bourse::host
