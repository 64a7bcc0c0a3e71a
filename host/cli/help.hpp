// SPDX-License-Identifier: MIT
//
// What the program says of itself beside the help of its commands.
#pragma once

#include <span>
#include <string>

namespace bourse::host {

/// "bourse 0.1.0", and on a line each the commit, the contract, the compiler, the kind of build.
[[nodiscard]] std::string version_text();
/// Prints it; JSON: {"version", "commit", "abi", "compiler", "build"}. Returns an exit code.
int say_version(bool json);

/// "addresses, durations, ...".
[[nodiscard]] std::string topics_text();

/// Prints what a word means that is no command: a topic, a key of the configuration ("queue",
/// "server.queue", "server" for all of it), a code. Another word is a mistake, told with the
/// nearest of them and of `commands`. Returns an exit code.
int help_on(const std::string& word, std::span<const std::string> commands);

}  // namespace bourse::host
