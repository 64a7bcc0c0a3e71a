// SPDX-License-Identifier: MIT
//
// ${NAME} and ${NAME:-default} inside a value; "$$" is a dollar sign and any other "$" an error.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/load.hpp"

namespace bourse::host {

struct EnvironmentProblem {
  std::string code;  ///< "missing_environment" or "bad_environment"
  std::string message;
  std::string hint;
  std::size_t offset = 0;  ///< in the text as written
  std::size_t bytes = 0;
};

/// A variable that named a file which everybody on the machine may read.
struct OpenFile {
  std::string variable;    ///< "NAME_FILE"
  std::size_t offset = 0;  ///< in the text as written
  std::size_t bytes = 0;
};

struct Expansion {
  std::string text = {};
  bool from_environment = false;  ///< a variable was set and is part of `text`
  std::vector<EnvironmentProblem> problems = {};
  std::vector<OpenFile> open_files = {};
};

/// A variable that is not set is read from the file that NAME_FILE names, if that is set: the way
/// containers hand over secrets. One line end at its end does not count.
/// The default counts when the variable is not set or empty, as in a shell; it holds no "}". What
/// the environment gives is not searched for ${NAME} again. Messages name variables, never values.
[[nodiscard]] Expansion expand_environment(std::string_view text, const Environment& environment);

}  // namespace bourse::host
