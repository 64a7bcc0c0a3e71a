// SPDX-License-Identifier: MIT
//
// All runs of one plugin file: planned, done side by side in processes of their own, and told in
// one order, whichever ended first.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "host/base/result.hpp"
#include "host/validate/plan.hpp"
#include "host/validate/run.hpp"

namespace bourse::host::validate {

struct Task {
  Request request = {};  ///< without a component
  std::vector<const Rule*> rules = {};
  std::string components = "*";  ///< a pattern for kind_and_id()
  std::vector<Exclusion> exclusions = {};
  std::size_t jobs = 1;
  bool in_process = false;  ///< for debuggers: a crash ends all
};

struct Verdict {
  Survey survey = {};
  std::vector<Run> runs = {};  ///< by rule, then by component, both as declared
  std::chrono::nanoseconds took{};

  [[nodiscard]] std::size_t count(Outcome outcome) const noexcept;
  /// It could be loaded, and nothing failed or crashed; `strict`: nor is there a warning.
  [[nodiscard]] bool is_good(bool strict) const noexcept;
};

/// Failure: "usage", when none of the rules is for anything that the plugin offers, so that nothing
/// would be tried.
Result<Verdict> validate_plugin(const Task& task);

/// What a person types to have this run again, under a debugger.
[[nodiscard]] std::string command_to_repeat(const Task& task, const Survey& survey, const Run& run);

}  // namespace bourse::host::validate
