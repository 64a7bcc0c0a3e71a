// SPDX-License-Identifier: MIT
//
// UTF-8 at the border: what came from outside is checked here before it is kept, and made harmless
// before it is shown to people.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bourse::host {

/// One step through a text: a character, or one byte that belongs to none.
struct Utf8Step {
  char32_t character = 0;  ///< U+FFFD when not valid
  std::size_t bytes = 1;   ///< how far to go; never 0
  bool valid = false;
};

/// The character at the start of `text`. Refuses overlong forms, surrogates and values past
/// U+10FFFF, and then steps one byte. REQUIRES: !text.empty().
[[nodiscard]] Utf8Step utf8_step(std::string_view text) noexcept;

/// Where the first byte that is not UTF-8 stands; nothing when all is well.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept;
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Characters that do not show themselves: C0, DEL, C1, line and paragraph separators, and the
/// marks that reorder the text around them. They can forge a log line or a terminal.
[[nodiscard]] bool is_control(char32_t character) noexcept;
/// Whether valid UTF-8 holds a character for which is_control() holds.
[[nodiscard]] bool has_control(std::string_view text) noexcept;

/// `text` for a message: controls and bytes that are no UTF-8 as \n, \t, \x1b, \u{202e}; cut after
/// `characters` and then followed by "..." and the true size. Always valid UTF-8, always one line.
[[nodiscard]] std::string printable(std::string_view text, std::size_t characters = 64);

/// printable() between quotation marks; quotation marks and backslashes inside stand escaped.
[[nodiscard]] std::string in_quotes(std::string_view text, std::size_t characters = 64);

/// `text` with each byte that is no UTF-8 replaced by U+FFFD. Controls stay.
[[nodiscard]] std::string repair_utf8(std::string_view text);

}  // namespace bourse::host
