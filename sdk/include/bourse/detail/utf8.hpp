// SPDX-License-Identifier: MIT
//
// detail/utf8.hpp - characters of UTF-8: their length, their code point, and which of them a reader
// cannot see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bourse::inline sdk_0_1 {

/// Length in bytes of the character at the start of `text`, 1 to 4; 0 when there is none: an
/// overlong form, a surrogate, a value past U+10FFFF, a sequence cut short, or no text. The host
/// repairs all text of a report; a serializer still must not write what its format forbids.
constexpr std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0), second = byte(1);
  if (lead < 0x80) return text.empty() ? 0 : 1;
  if (lead < 0xC2 || lead > 0xF4 || !follows(1)) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) {
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
    return follows(2) ? 3 : 0;
  }
  if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
  return follows(2) && follows(3) ? 4 : 0;
}

namespace detail {

/// REQUIRES: `character` is one whole character, as utf8_length measures it.
constexpr char32_t code_point(std::string_view character) noexcept {
  const auto lead = static_cast<unsigned char>(character.front());
  if (character.size() == 1) return lead;
  char32_t point = lead & (0x7FU >> character.size());
  for (const char c : character.substr(1)) {
    point = point << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return point;
}

/// What cannot be seen, or changes how its neighbours are seen: controls, blanks of all kinds but
/// the plain one, format characters (bidirectional overrides, joiners, tags), private use and
/// noncharacters.
constexpr bool is_hidden(char32_t point) noexcept {
  struct Range {
    char32_t first, last;
  };
  constexpr Range kHidden[] = {
      {0x00, 0x1F},     {0x7F, 0xA0},       {0xAD, 0xAD},       {0x034F, 0x034F},
      {0x061C, 0x061C}, {0x115F, 0x1160},   {0x1680, 0x1680},   {0x17B4, 0x17B5},
      {0x180B, 0x180F}, {0x2000, 0x200F},   {0x2028, 0x202F},   {0x205F, 0x206F},
      {0x2800, 0x2800}, {0x3000, 0x3000},   {0x3164, 0x3164},   {0xE000, 0xF8FF},
      {0xFDD0, 0xFDEF}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
      {0xFFF0, 0xFFFB}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}};
  for (const Range& range : kHidden) {
    if (point >= range.first && point <= range.last) return true;
  }
  return (point & 0xFFFEU) == 0xFFFE;
}

/// For messages: the start of a text that may be anything, in quotation marks; each byte that is no
/// character, and each character that cannot be seen, as '?'.
inline std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string result = "\"";
  for (std::size_t shown = 0; !text.empty(); ++shown) {
    if (shown == kShown) return result + "...\"";
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_hidden(code_point(text.substr(0, length)))) {
      result += '?';
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result + '"';
}

}  // namespace detail
}  // namespace bourse::inline sdk_0_1
