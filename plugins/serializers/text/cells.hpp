// SPDX-License-Identifier: MIT
//
// How much room a text takes where every letter is as wide as the next one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bourse::text {

/// Columns of a terminal: two for characters that East Asian scripts write wide, none for those
/// that are set over another. REQUIRES: `text` is clean (charting/text.hpp).
[[nodiscard]] std::size_t cells_of(std::string_view text) noexcept;

/// The text, and blanks before it (`right`) or after it until it takes `cells`.
[[nodiscard]] std::string padded(std::string_view text, std::size_t cells, bool right);

/// The start of the text that takes at most `cells`, which are at least one, with "…" for the rest.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t cells);

/// In lines of at most `cells`, broken at blanks, and within a word that is longer than a line; 0:
/// in one. REQUIRES: `before_the_next` takes less.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t cells,
                                  std::string_view before_the_next);

}  // namespace bourse::text
