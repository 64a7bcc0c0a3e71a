// SPDX-License-Identifier: MIT
#include "host/config/snippet.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kGutterWidth = 6;    // of the line number
constexpr std::size_t kWindowWidth = 100;  // of the line behind it
constexpr std::size_t kTabWidth = 4;
constexpr std::string_view kCut = "...";

struct CharacterRange {
  char32_t first;
  char32_t last;
};

// The blocks that configuration files meet, after Unicode's EastAsianWidth.txt (W and F) and the
// combining marks; a full table would buy little here.
constexpr std::array<CharacterRange, 14> kWide = {{{0x1100, 0x115F},
                                                   {0x2E80, 0x303E},
                                                   {0x3041, 0x33FF},
                                                   {0x3400, 0x4DBF},
                                                   {0x4E00, 0x9FFF},
                                                   {0xA000, 0xA4CF},
                                                   {0xAC00, 0xD7A3},
                                                   {0xF900, 0xFAFF},
                                                   {0xFE30, 0xFE6F},
                                                   {0xFF00, 0xFF60},
                                                   {0xFFE0, 0xFFE6},
                                                   {0x1F300, 0x1F64F},
                                                   {0x1F680, 0x1F9FF},
                                                   {0x20000, 0x3FFFD}}};
constexpr std::array<CharacterRange, 5> kZero = {
    {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};

bool within(char32_t character, const auto& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [character](const CharacterRange& range) {
    return character >= range.first && character <= range.last;
  });
}

struct Cell {  // one character as shown
  std::string text;
  std::size_t width = 1;
};

std::vector<Cell> to_cells(std::string_view line) {
  std::vector<Cell> cells;
  std::size_t column = 0;
  for (std::size_t at = 0; at < line.size();) {
    const Utf8Step step = utf8_step(line.substr(at));
    if (line[at] == '\t') {
      const std::size_t width = kTabWidth - column % kTabWidth;
      cells.push_back({std::string(width, ' '), width});
    } else if (!step.valid || is_control(step.character)) {
      cells.push_back({"\xEF\xBF\xBD", 1});
    } else {
      cells.push_back({std::string(line.substr(at, step.bytes)), display_width(step.character)});
    }
    column += cells.back().width;
    at += step.bytes;
  }
  return cells;
}

std::size_t width_of(const std::vector<Cell>& cells, std::size_t first, std::size_t last) {
  std::size_t width = 0;
  for (std::size_t i = first; i < last; ++i) width += cells[i].width;
  return width;
}

struct Window {  // of cells, the last one not included
  std::size_t first = 0;
  std::size_t last = 0;
};

// Keeps a third of the width before the caret, so that what leads to it is seen.
Window choose_window(const std::vector<Cell>& cells, std::size_t caret) {
  Window window{.first = 0, .last = cells.size()};
  if (width_of(cells, 0, cells.size()) <= kWindowWidth) return window;
  window.first = std::min(caret, cells.size());
  std::size_t before = 0;
  while (window.first > 0 && before + cells[window.first - 1].width <= kWindowWidth / 3) {
    before += cells[--window.first].width;
  }
  std::size_t width = 0;
  window.last = window.first;
  while (window.last < cells.size() && width + cells[window.last].width <= kWindowWidth) {
    width += cells[window.last++].width;
  }
  return window;
}

}  // namespace

std::size_t display_width(char32_t character) noexcept {
  if (within(character, kZero)) return 0;
  return within(character, kWide) ? 2 : 1;
}

std::string snippet(std::string_view line, std::size_t number, std::size_t column,
                    std::size_t length) {
  const std::vector<Cell> cells = to_cells(line);
  const std::size_t caret = std::min(column == 0 ? 0 : column - 1, cells.size());
  const Window window = choose_window(cells, caret);
  const std::size_t end = std::clamp(caret + length, caret, std::max(window.last, caret));

  std::string shown = window.first > 0 ? std::string(kCut) : "";
  const std::size_t before = shown.size() + width_of(cells, window.first, caret);
  for (std::size_t i = window.first; i < window.last; ++i) shown += cells[i].text;
  if (window.last < cells.size()) shown += kCut;
  const std::size_t carets = std::max<std::size_t>(1, width_of(cells, caret, end));

  std::string gutter = std::to_string(number);
  if (gutter.size() < kGutterWidth) gutter.insert(0, kGutterWidth - gutter.size(), ' ');
  return gutter + (shown.empty() ? " |" : " | ") + shown + '\n' + std::string(gutter.size(), ' ') +
         " | " + std::string(before, ' ') + std::string(carets, '^') + '\n';
}

}  // namespace bourse::host
