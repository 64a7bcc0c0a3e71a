// SPDX-License-Identifier: MIT
//
// The table of rules. A group of rules is a file of this folder: its rules are functions without
// a name outside, its table a function declared here, and a line in rules.cpp puts them into the
// whole. docs/reference/validate.md has a row for each; a test compares the two.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "host/validate/findings.hpp"
#include "host/validate/subject.hpp"

namespace bourse::host::validate {

/// What a rule is tried on. A rule of the file or of the plugin is run once, one of kinds of
/// components once for each component of theirs.
enum Applies : std::uint8_t {
  kToFile = 1U << 0,    ///< its bytes: it runs though the file cannot be loaded
  kToPlugin = 1U << 1,  ///< it loads the plugin, as it likes
  kToAnalyses = 1U << 2,
  kToSources = 1U << 3,
  kToSerializers = 1U << 4,
  kToComponents = kToAnalyses | kToSources | kToSerializers
};

struct Rule {
  const char* id;      ///< "group.name", both [a-z-]+; for ever, since exclusions name it
  const char* asks;    ///< one sentence: what a good plugin does
  const char* remedy;  ///< one sentence: what to do where it does not
  std::uint8_t applies;
  /// Runs in a process of its own (but with --in-process), which may end in it. Nothing is loaded
  /// yet. Whatever it throws is a finding.
  void (*check)(Subject& subject, const Findings& findings);
  /// The rule without which this one makes no sense, or null: where that one failed or crashed on
  /// the plugin or the same component (for a rule of the plugin: on any), this one is skipped and
  /// says so. So what is wrong is told once. All but rules of the file come after
  /// descriptions.loads.
  const char* after = nullptr;

  [[nodiscard]] std::string_view group() const noexcept;
  [[nodiscard]] std::string_view name() const noexcept;  ///< behind the group's
};

/// All of them, in the order of their groups.
[[nodiscard]] const std::vector<Rule>& all_rules();
[[nodiscard]] const Rule* find_rule(std::string_view id);

using Rules = std::span<const Rule>;
[[nodiscard]] Rules file_rules();
[[nodiscard]] Rules description_rules();
[[nodiscard]] Rules lifecycle_rules();
[[nodiscard]] Rules time_travel_rules();
[[nodiscard]] Rules manners_rules();
[[nodiscard]] Rules parameter_rules();
[[nodiscard]] Rules thread_rules();
[[nodiscard]] Rules deadline_rules();
[[nodiscard]] Rules failure_rules();
[[nodiscard]] Rules report_rules();
[[nodiscard]] Rules serializer_rules();

}  // namespace bourse::host::validate
