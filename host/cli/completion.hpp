// SPDX-License-Identifier: MIT
//
// Scripts that complete the command line in a shell, made of what the command line is made of.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::host {

/// An option or a positional argument, as help shows it.
struct WordShape {
  std::vector<std::string> names = {};  ///< "--config", "-h"; of a positional "FILE"
  std::string text = {};
  /// What follows: "FILE", "DIR", another word for what cannot be completed; empty: nothing does.
  std::string value = {};
};

struct CommandShape {
  std::string name;
  std::string text;
  std::vector<WordShape> options = {};
  std::vector<WordShape> positionals = {};  ///< `value` as above
  std::vector<std::string> words = {};      ///< what a positional is completed to, instead
  /// How many positionals `bourse NAME --list-names [POSITIONAL...]` lists the words of, one a
  /// line, with --config as it was typed: names that stand in a configuration, or that plugins
  /// give.
  std::size_t asked = 0;
};

/// The script for "bash", "zsh" or "fish"; empty for another one.
[[nodiscard]] std::string completion_script(std::string_view shell,
                                            std::span<const CommandShape> commands);

}  // namespace bourse::host
