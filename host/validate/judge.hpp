// SPDX-License-Identifier: MIT
//
// What a call that came back is worth, in words for the plugin's author; and how much of a rule's
// work there is time for.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "host/validate/bench.hpp"

namespace bourse::host::validate {

/// Of a call in which nothing was made to fail: it must have made what the server takes, or say
/// with status, code and sentence why not. False: something was found, and told.
bool judge_quiet(const Bench& bench, const std::string& place, const Played& played);

/// Of a call in which something was made to fail ("query 2 gave 502"): it must pass that on, or say
/// in a note what is missing, or not need it (its product is that of `undisturbed`). How it fails
/// is its own choice, but it must not be by an exception or a number that is no status.
bool judge_troubled(const Bench& bench, const std::string& place, const Played& played,
                    const std::string& trouble, const Played& undisturbed);

/// The time of one rule: short, unless more was asked for. Ends with the subject's, at the latest.
class Effort {
 public:
  explicit Effort(const Subject& subject,
                  std::chrono::milliseconds usual = std::chrono::milliseconds(300));
  [[nodiscard]] bool has_time() const noexcept;
  /// Tells how far it came, if that is not all.
  void tell(const Subject& subject, std::size_t done, std::size_t of) const;

 private:
  std::chrono::steady_clock::time_point until_;
};

/// Of `n` things in a row about `at_most`, the first and the last among them, evenly spread.
[[nodiscard]] std::vector<std::size_t> spread(std::size_t n, std::size_t at_most);

/// Calls of one rule into a component that waits for others.
inline constexpr std::size_t kBlockingCallsMax = 12;

}  // namespace bourse::host::validate
