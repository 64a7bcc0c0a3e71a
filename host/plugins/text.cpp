// SPDX-License-Identifier: MIT
#include "host/plugins/text.hpp"

#include <algorithm>

#include "host/base/ascii.hpp"
#include "host/base/names.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

// Not <cctype>: its answers depend on the locale.

constexpr bool is_token_char(char c) {  // RFC 9110, 5.6.2
  return is_alphanumeric(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Dot-separated identifiers of a version's pre-release or build part.
bool are_identifiers(std::string_view text, bool leading_zeros_allowed) noexcept {
  while (true) {
    const auto part = text.substr(0, text.find('.'));
    const bool legal = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
      return is_alphanumeric(c) || c == '-';
    });
    const bool numeric = std::all_of(part.begin(), part.end(), is_digit);
    if (!legal || (!leading_zeros_allowed && numeric && part.size() > 1 && part[0] == '0')) {
      return false;
    }
    if (part.size() == text.size()) return true;
    text.remove_prefix(part.size() + 1);
  }
}

// Takes what `belongs` accepts off the front of `text`.
template <class Belongs>
std::string_view take_while(std::string_view& text, Belongs belongs) noexcept {
  const auto end = std::find_if_not(text.begin(), text.end(), belongs);
  const auto taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

bool take(std::string_view& text, char expected) noexcept {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

bool take_quoted_string(std::string_view& text) noexcept {
  if (!take(text, '"')) return false;
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\') text.remove_prefix(1);
    if (text.empty() || text.front() < ' ' || text.front() > '~') return false;
    text.remove_prefix(1);
  }
  return take(text, '"');
}

}  // namespace

std::optional<std::string_view> bounded_text(const char* text, std::size_t bytes_max) noexcept {
  if (text == nullptr) return std::string_view();
  return text_within(text, bytes_max);
}

bool is_line(std::string_view text) noexcept { return is_utf8(text) && !has_control(text); }

bool is_prose(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto step = utf8_step(text);
    const bool layout =
        step.character == U'\t' || step.character == U'\n' || step.character == U'\r';
    if (!step.valid || (is_control(step.character) && !layout)) return false;
    text.remove_prefix(step.bytes);
  }
  return true;
}

bool is_plugin_name(std::string_view text) noexcept {
  return is_name(text, BOURSE_MAX_NAME_BYTES, ".-");
}
bool is_component_id(std::string_view text) noexcept {
  return is_name(text, BOURSE_MAX_ID_BYTES, "-");
}
bool is_snake_name(std::string_view text) noexcept { return is_name(text, BOURSE_MAX_NAME_BYTES); }

bool is_version(std::string_view text) noexcept {
  if (text.size() > BOURSE_MAX_NAME_BYTES) return false;
  if (const auto plus = text.find('+'); plus != std::string_view::npos) {
    if (!are_identifiers(text.substr(plus + 1), true)) return false;
    text = text.substr(0, plus);
  }
  if (const auto dash = text.find('-'); dash != std::string_view::npos) {
    if (!are_identifiers(text.substr(dash + 1), false)) return false;
    text = text.substr(0, dash);
  }
  const bool digits_and_dots =
      std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
  return digits_and_dots && std::count(text.begin(), text.end(), '.') == 2 &&
         are_identifiers(text, false);
}

bool is_suffix(std::string_view text) noexcept {
  return !text.empty() && text.size() <= BOURSE_MAX_ID_BYTES &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c); });
}

bool is_media_type(std::string_view text) noexcept {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  if (text.size() > BOURSE_MAX_LINE_BYTES) return false;
  if (take_while(text, is_token_char).empty() || !take(text, '/')) return false;
  if (take_while(text, is_token_char).empty()) return false;
  while (!text.empty()) {
    take_while(text, is_space);
    if (!take(text, ';')) return false;
    take_while(text, is_space);
    if (take_while(text, is_token_char).empty() || !take(text, '=')) return false;
    if (take_while(text, is_token_char).empty() && !take_quoted_string(text)) return false;
  }
  return true;
}

}  // namespace bourse::host
