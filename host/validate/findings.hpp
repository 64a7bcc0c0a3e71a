// SPDX-License-Identifier: MIT
//
// What one run of a rule has to say. It goes out line by line as it is said, so that what is known
// when a plugin ends the process is known.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::host::validate {

/// Of one finding. A note is a matter of taste, or for information: it changes no outcome.
enum class Severity : std::uint8_t { kNote, kWarning, kFailed };

/// Of one run of a rule.
enum class Outcome : std::uint8_t {
  kPass,
  kWarning,  ///< time is never more than this
  kFailed,
  kCrashed,  ///< the process did not come to its end: a signal, exit, the limit of time
  kSkipped   ///< with a reason
};
/// "pass", "warning", "failed", "crashed", "skipped".
[[nodiscard]] std::string_view word_of(Outcome outcome) noexcept;

struct Finding {
  Severity severity = Severity::kFailed;
  std::string place;   ///< component, parameter, value, row, offset in the file ...; may be empty
  std::string seen;    ///< a sentence without a full stop: what was seen
  std::string remedy;  ///< what its author does about it; never empty
};

/// For a rule, while it runs. [any thread]
class Findings {
 public:
  /// `line`: takes what is said, a line each, at once; called on any thread, one at a time not
  /// guaranteed.
  Findings(std::string_view remedy, std::function<void(std::string_view line)> line)
      : remedy_(remedy), line_(std::move(line)) {}
  Findings(const Findings&) = delete;
  Findings& operator=(const Findings&) = delete;

  /// What is tried next, in words that find it again: `limit = "-1"`, "call 17 of 1000". Said
  /// before each foreign call that is not like the one before: where the process ends in it, this
  /// is the place that is shown.
  void item(std::string_view what) const;

  /// `remedy`: where the rule's own says too little.
  void fail(std::string_view place, std::string_view seen, std::string_view remedy = {}) const;
  void warn(std::string_view place, std::string_view seen, std::string_view remedy = {}) const;
  void note(std::string_view place, std::string_view seen, std::string_view remedy = {}) const;
  /// The rule cannot be tried: "it needs the setting path". What was found before counts.
  void skip(std::string_view reason) const;

 private:
  void tell(Severity severity, std::string_view place, std::string_view seen,
            std::string_view remedy) const;

  std::string remedy_;
  std::function<void(std::string_view line)> line_;
};

/// What was said, read again.
struct Said {
  std::vector<Finding> findings = {};
  std::string item = {};         ///< the last one
  std::string skip_reason = {};  ///< the first one
  [[nodiscard]] Outcome outcome() const noexcept;
};
/// Lines that are none of Findings are not looked at: a plugin may have written there.
[[nodiscard]] Said read_said(std::string_view lines);

}  // namespace bourse::host::validate
