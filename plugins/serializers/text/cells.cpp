// SPDX-License-Identifier: MIT
#include "plugins/serializers/text/cells.hpp"

#include <algorithm>
#include <array>

#include "plugins/serializers/charting/text.hpp"

namespace bourse::text {
namespace {

struct Range {
  char32_t first, last;
};
/// East_Asian_Width W and F of Unicode 15 (UAX 11), gaps of unassigned characters filled.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2329, 0x232A},
    Range{0x23E9, 0x23EC},   Range{0x25FD, 0x25FE},   Range{0x2614, 0x2615},
    Range{0x2648, 0x2653},   Range{0x26CE, 0x26CE},   Range{0x26D4, 0x26D4},
    Range{0x2705, 0x2705},   Range{0x274C, 0x274C},   Range{0x2753, 0x2755},
    Range{0x2795, 0x2797},   Range{0x2B1B, 0x2B1C},   Range{0x2B50, 0x2B50},
    Range{0x2E80, 0x303E},   Range{0x3041, 0x4DBF},   Range{0x4E00, 0xA4CF},
    Range{0xA960, 0xA97C},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE10, 0xFE19},   Range{0xFE30, 0xFE6B},   Range{0xFF01, 0xFF60},
    Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x18CD5}, Range{0x1AFF0, 0x1B2FB},
    Range{0x1F300, 0x1F320}, Range{0x1F32D, 0x1F335}, Range{0x1F337, 0x1F37C},
    Range{0x1F37E, 0x1F393}, Range{0x1F3A0, 0x1F3CA}, Range{0x1F3E0, 0x1F3F0},
    Range{0x1F400, 0x1F43E}, Range{0x1F440, 0x1F4FC}, Range{0x1F4FF, 0x1F53D},
    Range{0x1F550, 0x1F567}, Range{0x1F5FB, 0x1F64F}, Range{0x1F680, 0x1F6C5},
    Range{0x1F6D0, 0x1F6D2}, Range{0x1F6EB, 0x1F6EC}, Range{0x1F7E0, 0x1F7EB},
    Range{0x1F90C, 0x1F9FF}, Range{0x1FA70, 0x1FAF8}, Range{0x20000, 0x3FFFD}};

std::size_t cells_of_one(char32_t c) noexcept {
  if (charting::is_combining(c)) return 0;
  const auto found = std::lower_bound(kWide.begin(), kWide.end(), c,
                                      [](const Range& r, char32_t at) { return r.last < at; });
  return found != kWide.end() && found->first <= c ? 2 : 1;
}

}  // namespace

std::size_t cells_of(std::string_view text) noexcept {
  std::size_t cells = 0;
  while (!text.empty()) {
    const charting::Character next = charting::first_character(text);
    cells += cells_of_one(next.code_point);
    text.remove_prefix(next.bytes);
  }
  return cells;
}

std::string padded(std::string_view text, std::size_t cells, bool right) {
  const std::size_t takes = cells_of(text);
  const std::string blanks(cells - std::min(takes, cells), ' ');
  return right ? blanks + std::string(text) : std::string(text) + blanks;
}

std::string fitted(std::string_view text, std::size_t cells) {
  constexpr std::string_view kMore = "…";
  if (cells_of(text) <= cells) return std::string(text);
  std::size_t bytes = 0, taken = 0;
  while (bytes < text.size()) {
    const charting::Character next = charting::first_character(text.substr(bytes));
    if (taken + cells_of_one(next.code_point) + 1 > cells) break;
    taken += cells_of_one(next.code_point);
    bytes += next.bytes;
  }
  return std::string(text.substr(0, bytes)).append(kMore);
}

namespace {

/// Bytes at the start of the text that take at most `cells`, and one character at least.
std::size_t bytes_within(std::string_view text, std::size_t cells) {
  std::size_t bytes = 0, taken = 0;
  while (bytes < text.size()) {
    const charting::Character next = charting::first_character(text.substr(bytes));
    taken += cells_of_one(next.code_point);
    if (taken > cells && bytes > 0) break;
    bytes += next.bytes;
  }
  return bytes;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t cells, std::string_view before_the_next) {
  if (cells == 0) return std::string(text);
  const std::size_t margin = cells_of(before_the_next);
  std::string out;
  std::size_t used = 0, begins_at = 0;
  const auto next_line = [&] {
    out.append("\n").append(before_the_next);
    used = begins_at = margin;
  };
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(' ')));
    if (used > begins_at && used + 1 + cells_of(word) > cells) {
      next_line();
    } else if (used > begins_at) {
      out += ' ';
      ++used;
    }
    while (used + cells_of(word) > cells && cells > margin) {  // longer than a line
      const std::size_t bytes = bytes_within(word, cells - std::min(used, cells - 1));
      out.append(word.substr(0, bytes));
      word.remove_prefix(bytes);
      next_line();
    }
    out.append(word);
    used += cells_of(word);
  }
  return out;
}

}  // namespace bourse::text
