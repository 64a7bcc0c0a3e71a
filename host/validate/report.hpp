// SPDX-License-Identifier: MIT
//
// A verdict for people, for programs, and for what shows the tests of a build (JUnit's XML).
#pragma once

#include <string>

#include "host/validate/validator.hpp"

namespace bourse::host::validate {

/// Whose verdict it is, and how it is judged.
struct Report {
  const Task& task;
  const Verdict& verdict;
  bool strict = false;
  bool is_verbose = false;  ///< of text: what passed is listed, too
};

/// All end with a line feed.
[[nodiscard]] std::string as_text(const Report& report);
[[nodiscard]] std::string as_json(const Report& report);
[[nodiscard]] std::string as_junit(const Report& report);

/// The table of rules, for `--list`: by group, with what each asks.
[[nodiscard]] std::string rules_as_text(const std::vector<const Rule*>& rules);
[[nodiscard]] std::string rules_as_json(const std::vector<const Rule*>& rules);

}  // namespace bourse::host::validate
