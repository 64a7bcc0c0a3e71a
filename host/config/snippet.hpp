// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bourse::host {

/// Columns that a character takes in a terminal: 0, 1 or 2.
[[nodiscard]] std::size_t display_width(char32_t character) noexcept;

/// Two lines of text: a source line with its number, and carets under `length` characters (at least
/// one) from `column` (1-based, in characters). Tabs become blanks, what does not show itself
/// becomes U+FFFD, and of a long line only the surroundings of the caret are shown.
[[nodiscard]] std::string snippet(std::string_view line, std::size_t number, std::size_t column,
                                  std::size_t length);

}  // namespace bourse::host
