// SPDX-License-Identifier: MIT
#include "host/base/utf8.hpp"

#include <cstdint>
#include <cstring>

#include "bourse/text.hpp"

namespace bourse::host {
namespace {

/// How many bytes at the start are ASCII, in whole words of 8: most text is, and needs no steps.
std::size_t ascii_words(std::string_view text) noexcept {
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  return at;
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string hexadecimal(std::uint32_t number, std::size_t digits_min) {
  std::string text;
  for (; number != 0 || text.size() < digits_min; number /= 16) {
    text.insert(text.begin(), "0123456789abcdef"[number % 16]);
  }
  return text;
}

std::string escape(const Utf8Step& step, char first_byte) {
  if (!step.valid) return "\\x" + hexadecimal(static_cast<unsigned char>(first_byte), 2);
  switch (step.character) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  if (step.character < 0x80) return "\\x" + hexadecimal(step.character, 2);
  return "\\u{" + hexadecimal(step.character, 4) + "}";
}

std::string escaped(std::string_view text, std::size_t characters, bool between_quotes) {
  std::string shown;
  std::size_t at = 0;
  for (std::size_t count = 0; at < text.size() && count < characters; ++count) {
    const Utf8Step step = utf8_step(text.substr(at));
    if (!step.valid || is_control(step.character)) {
      shown += escape(step, text[at]);
    } else {
      if (between_quotes && (text[at] == '"' || text[at] == '\\')) shown += '\\';
      shown += text.substr(at, step.bytes);
    }
    at += step.bytes;
  }
  if (between_quotes) shown = '"' + shown + '"';
  if (at < text.size()) shown += "... (" + std::to_string(text.size()) + " bytes)";
  return shown;
}

}  // namespace

// The rules are the SDK's, so that a plugin that checks its text and the host never disagree.
Utf8Step utf8_step(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {.character = first, .bytes = 1, .valid = true};
  const std::size_t bytes = utf8_length(text);
  if (bytes == 0) return {.character = 0xFFFD, .bytes = 1, .valid = false};
  char32_t character = first & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    character = (character << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  return {.character = character, .bytes = bytes, .valid = true};
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    at += ascii_words(text.substr(at));
    if (at == text.size()) break;
    const Utf8Step step = utf8_step(text.substr(at));
    if (!step.valid) return at;
    at += step.bytes;
  }
  return std::nullopt;
}

bool is_utf8(std::string_view text) noexcept { return !find_invalid_utf8(text).has_value(); }

bool is_control(char32_t c) noexcept {
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return true;
  if (c == 0x061C || c == 0x200E || c == 0x200F) return true;  // direction marks
  if (c == 0x2028 || c == 0x2029) return true;                 // separators
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

bool has_control(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = utf8_step(text.substr(at));
    if (step.valid && is_control(step.character)) return true;
    at += step.bytes;
  }
  return false;
}

std::string printable(std::string_view text, std::size_t characters) {
  return escaped(text, characters, false);
}

std::string in_quotes(std::string_view text, std::size_t characters) {
  return escaped(text, characters, true);
}

std::string repair_utf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = utf8_step(text.substr(at));
    repaired += step.valid ? text.substr(at, step.bytes) : kReplacement;
    at += step.bytes;
  }
  return repaired;
}

}  // namespace bourse::host
