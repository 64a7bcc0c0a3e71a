// SPDX-License-Identifier: MIT
#include "host/base/names.hpp"

#include <algorithm>
#include <cstring>

#include "host/base/ascii.hpp"

namespace bourse::host {

// Not <cctype>: its answers depend on the locale.
bool is_name(std::string_view text, std::size_t bytes_max, std::string_view punctuation) noexcept {
  if (text.empty() || text.size() > bytes_max || text.front() < 'a' || text.front() > 'z') {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_lower(c) || is_digit(c) || punctuation.find(c) != std::string_view::npos;
  });
}

bool is_name_path(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.size() > bytes_max) return false;
  while (true) {
    const std::string_view part = text.substr(0, text.find('.'));
    if (!is_name(part, bytes_max)) return false;
    if (part.size() == text.size()) return true;
    text.remove_prefix(part.size() + 1);
  }
}

std::optional<std::string_view> text_within(const char* text, std::size_t bytes_max) noexcept {
  if (text == nullptr) return std::nullopt;
  const std::size_t length = ::strnlen(text, bytes_max + 1);
  if (length > bytes_max) return std::nullopt;
  return std::string_view(text, length);
}

}  // namespace bourse::host
