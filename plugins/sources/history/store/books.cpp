// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/books.hpp"

#include "plugins/sources/history/store/rows.hpp"

namespace bourse::history {

namespace {

/// Takes `c` off the front, and the white space before it. False: something else is there.
bool take(std::string_view& text, char c) noexcept {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos || text[at] != c) return false;
  text.remove_prefix(at + 1);
  return true;
}

std::optional<Decimal> take_decimal(std::string_view& text) noexcept {
  if (!take(text, '"')) return std::nullopt;
  const std::size_t end = text.find('"');
  if (end == std::string_view::npos) return std::nullopt;
  const auto value = decimal_of(text.substr(0, end));
  text.remove_prefix(end + 1);
  return value;
}

std::optional<Level> take_level(std::string_view& text) noexcept {
  if (!take(text, '[')) return std::nullopt;
  const auto price = take_decimal(text);
  if (!price || !take(text, ',')) return std::nullopt;
  const auto quantity = take_decimal(text);
  if (!quantity || !take(text, ']')) return std::nullopt;
  return Level{*price, *quantity};
}

}  // namespace

std::string levels_text(const std::vector<Level>& levels) {
  std::string out = "[";
  for (const Level& level : levels) {
    if (out.size() > 1) out += ',';
    out += "[\"" + decimal_text(level.price) + "\",\"" + decimal_text(level.quantity) + "\"]";
  }
  return out + "]";
}

std::optional<std::vector<Level>> levels_of(std::string_view text) {
  std::vector<Level> levels;
  if (!take(text, '[')) return std::nullopt;
  if (take(text, ']')) return levels;
  do {
    const auto level = take_level(text);
    if (!level) return std::nullopt;
    levels.push_back(*level);
  } while (take(text, ','));
  if (!take(text, ']')) return std::nullopt;
  return levels;
}

}  // namespace bourse::history
