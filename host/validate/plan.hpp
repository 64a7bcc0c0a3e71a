// SPDX-License-Identifier: MIT
//
// Which rules are tried: chosen by name, left out by name, or excused with a reason.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {

/// Does a rule have a name like that: "file.*", "*.descriptors", or "file", which is all of the
/// group? `*` and `?` as in a shell.
[[nodiscard]] bool is_meant(std::string_view pattern, const Rule& rule);

/// Known and accepted: it is not tried, and the summary says why.
struct Exclusion {
  std::string pattern;    ///< as is_meant() has it
  std::string component;  ///< a pattern for kind_and_id(); empty: all
  std::string reason;     ///< never empty
};

/// A line each, "PATTERN: reason" or "PATTERN@COMPONENT: reason"; empty lines and those that begin
/// with # say nothing. Failure: "bad_exclusions", with the place; a pattern that means no rule is
/// one, because it hides a slip or a rule that is gone.
Result<std::vector<Exclusion>> read_exclusions(std::string_view text, std::string_view name);
/// The file beside a plugin: "trend.validate" for "trend.so".
[[nodiscard]] std::filesystem::path exclusions_beside(const std::filesystem::path& plugin);

/// The one that excuses this rule on this component ("" is the plugin), or null.
[[nodiscard]] const Exclusion* excusing(std::span<const Exclusion> exclusions, const Rule& rule,
                                        std::string_view component);

/// In the order of the table. `only` empty: all. Failure: "usage", where a pattern means no rule,
/// with what was meant.
Result<std::vector<const Rule*>> select(const std::vector<std::string>& only,
                                        const std::vector<std::string>& except);

/// fnmatch(3), of names without blanks.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view text);

}  // namespace bourse::host::validate
