// SPDX-License-Identifier: MIT
//
// for_each_member: the members of one JSON object as pieces of its text, nothing of them read.
#pragma once

#include <cstddef>
#include <string_view>

namespace bourse::binance {

namespace detail {
inline std::size_t after_blanks(std::string_view text, std::size_t at) {
  const std::size_t found = text.find_first_not_of(" \t\r\n", at);
  return found == std::string_view::npos ? text.size() : found;
}
/// Behind the closing quote of the string that begins at `at`; npos: it does not end.
inline std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}
/// Behind the value that begins at `at`; npos: it does not end.
inline std::size_t after_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
      if (at == std::string_view::npos || depth == 0) return at;
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
    if (depth == 0 && (c == '}' || c == ']')) return at;
  }
  return std::string_view::npos;
}
}  // namespace detail

/// Calls visit(name, value) for every member of the object: the name without quotes, escapes as
/// they are; the value as it stands, blanks behind a number included. False where the text is not
/// one object with its end; what was visited before that was found out counts for nothing.
template <class Visit>
bool for_each_member(std::string_view text, Visit&& visit) {
  using detail::after_blanks;
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t at = after_blanks(text, 0);
  if (at == text.size() || text[at] != '{') return false;
  at = after_blanks(text, at + 1);
  while (at < text.size() && text[at] == '"') {
    const std::size_t name = at + 1;
    at = detail::after_string(text, at);
    if (at == kNone) return false;
    const std::string_view key = text.substr(name, at - 1 - name);
    at = after_blanks(text, at);
    if (at == text.size() || text[at] != ':') return false;
    const std::size_t value = after_blanks(text, at + 1);
    at = detail::after_value(text, value);
    if (at == kNone || at == value) return false;
    visit(key, text.substr(value, at - value));
    at = after_blanks(text, at);
    if (at == text.size()) return false;
    if (text[at] == '}') return after_blanks(text, at + 1) == text.size();
    if (text[at] != ',') return false;
    at = after_blanks(text, at + 1);
    if (at == text.size() || text[at] != '"') return false;
  }
  return at < text.size() && text[at] == '}' && after_blanks(text, at + 1) == text.size();
}

}  // namespace bourse::binance
