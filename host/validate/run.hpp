// SPDX-License-Identifier: MIT
//
// One run of one rule: in this process, or as a child is told to do it and how that ended.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/child.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {

/// What the first rule tells of the plugin, for the plan of all others.
struct Survey {
  struct Offered {
    std::string name;  ///< kind_and_id()
    Applies kind = kToAnalyses;
  };
  std::string plugin = {};  ///< "acme.trend"; empty: it could not be loaded
  std::string version = {};
  std::vector<Offered> components = {};
  std::vector<std::string> secrets = {};  ///< settings whose values nobody prints
};
/// Tells it, for the child.
void tell_survey(const Subject& subject, const std::function<void(std::string_view line)>& line);
/// Reads it among other lines.
[[nodiscard]] Survey read_survey(std::string_view lines);

/// The rule that every plan begins with: the plugin is loaded and described.
inline constexpr std::string_view kFirstRule = "descriptions.loads";

struct Run {
  const Rule* rule = nullptr;
  std::string component = {};  ///< kind_and_id(), or empty
  Outcome outcome = Outcome::kSkipped;
  std::vector<Finding> findings = {};
  std::string reason = {};   ///< kSkipped: why
  std::string item = {};     ///< kCrashed: what was tried
  std::string crash = {};    ///< kCrashed: how it ended
  std::string printed = {};  ///< kCrashed: the last that it wrote to standard error
  std::chrono::nanoseconds took{};

  /// "file.tables" or "lifecycle.creates (analysis/zscore)".
  [[nodiscard]] std::string title() const;
};

/// In this process; `line` is told each item and finding at once. What a rule throws is a finding.
void perform(const Rule& rule, const Request& request,
             const std::function<void(std::string_view line)>& line);
/// What came of it, from the lines that were told.
void take_said(Run& run, std::string_view lines);

/// In a process of its own.
void perform_in_child(Run& run, const Request& request, Survey* survey = nullptr);
/// What that process does: `words` follow the word "validate". The exit code.
int perform_as_child(std::span<const std::string> words, Record& record);

}  // namespace bourse::host::validate
