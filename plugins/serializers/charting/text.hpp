// SPDX-License-Identifier: MIT
//
// Text in a scene: made harmless, measured and shortened without a font at hand.
//
// Widths come from a table of DejaVu Sans, one of the widest common sans-serif faces, and are
// rounded up for characters outside Latin-1: what fits here fits in practice in any face that a
// page or an image falls back to. Text is horizontal, one line, left to right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bourse::charting {

enum class Weight : std::uint8_t { kRegular, kBold };

/// How to set a text: size of the em in logical pixels.
struct Font {
  double size = 11;
  Weight weight = Weight::kRegular;
};

/// The character at the start of a text, and how many bytes it has; U+FFFD of one byte for what is
/// none. REQUIRES: !text.empty().
struct Character {
  char32_t code_point;
  std::size_t bytes;
};
[[nodiscard]] Character first_character(std::string_view text) noexcept;

/// Set over or joined to the character before: it takes no width of its own.
[[nodiscard]] bool is_combining(char32_t c) noexcept;

/// Controls and line ends become spaces; characters that reorder text or that no document may hold
/// are dropped; what is not UTF-8 becomes U+FFFD; at most `bytes_max` bytes of `text` are read.
std::string clean_text(std::string_view text, std::size_t bytes_max = 2048);

/// Advance of a line of text, in logical pixels. Never less than what DejaVu Sans needs, for
/// characters that it has.
double text_width(std::string_view text, Font font) noexcept;

/// `text`, or as much of it as fits in `width` with "…" at the end; empty when not even that fits.
std::string fit_text(std::string_view text, Font font, double width);

}  // namespace bourse::charting
