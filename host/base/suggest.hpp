// SPDX-License-Identifier: MIT
//
// "did you mean": the nearest of a few known names to one that is not known.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bourse::host {

/// How many insertions, deletions, replacements and swaps of neighbours turn one text into the
/// other (bytes, letters of either case are equal). Costs O(a.size() * b.size()).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `given` was likely meant to be: at most one slip in three characters, and
/// never as many slips as `given` has characters. The first of equally near ones. Nothing when
/// none is near and none of at least three characters is its beginning ("maximum" for "max"), or
/// `given` is longer than 64 bytes. Looks at the first 1000 candidates only.
[[nodiscard]] std::optional<std::string> suggest(std::string_view given,
                                                 std::span<const std::string> candidates);
[[nodiscard]] std::optional<std::string> suggest(std::string_view given,
                                                 std::span<const std::string_view> candidates);

}  // namespace bourse::host
