// SPDX-License-Identifier: MIT
#include "plugins/serializers/html/html_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace bourse::html {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

enum class Byte : std::uint8_t { kPlain, kEscaped, kControl, kNotAscii };

constexpr auto kBytes = [] {
  std::array<Byte, 256> bytes{};
  for (std::size_t i = 0; i < 0x20; ++i) bytes[i] = Byte::kControl;
  bytes[0x7F] = Byte::kControl;
  for (std::size_t i = 0x80; i < 0x100; ++i) bytes[i] = Byte::kNotAscii;
  bytes['\t'] = bytes['\n'] = Byte::kPlain;
  bytes['&'] = bytes['<'] = bytes['>'] = bytes['"'] = bytes['\''] = Byte::kEscaped;
  return bytes;
}();

Byte kind_of(char c) { return kBytes[static_cast<unsigned char>(c)]; }

std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return "&#39;";
  }
}

/// U+2400 + code, U+2421 for DEL.
void append_picture(BlockBuffer& out, char c) {
  out.append("\xE2\x90");
  out.put(static_cast<char>(c == 0x7F ? 0xA1 : 0x80 + c));
}

char32_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  static constexpr std::array<unsigned, 5> kLeadBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t code = byte(0) & kLeadBits[character.size()];
  for (std::size_t i = 1; i < character.size(); ++i) code = (code << 6) | (byte(i) & 0x3FU);
  return code;
}

/// What the HTML standard names a parse error: controls and noncharacters.
bool is_illegal(char32_t code) {
  return (code >= 0x80 && code <= 0x9F) || (code >= 0xFDD0 && code <= 0xFDEF) ||
         (code & 0xFFFE) == 0xFFFE;
}

/// Returns how many bytes of `text` it has dealt with.
std::size_t append_not_ascii(BlockBuffer& out, std::string_view text) {
  const std::size_t length = utf8_length(text);
  if (length == 0) {
    out.append(kReplacement);
    return 1;
  }
  const std::string_view character = text.substr(0, length);
  out.append(is_illegal(code_point(character)) ? kReplacement : character);
  return length;
}

}  // namespace

void append_text(BlockBuffer& out, std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    std::size_t at = done;
    while (at < text.size() && kind_of(text[at]) == Byte::kPlain) ++at;
    out.append(text.substr(done, at - done));
    done = at;
    if (done == text.size()) break;
    const char c = text[done];
    if (kind_of(c) == Byte::kNotAscii) {
      done += append_not_ascii(out, text.substr(done));
      continue;
    }
    ++done;
    if (kind_of(c) == Byte::kEscaped) {
      out.append(escape_of(c));
    } else if (c != '\r' || done == text.size() || text[done] != '\n') {
      append_picture(out, c);
    }
  }
}

void append_isolated(BlockBuffer& out, std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return append_text(out, text);
  out.append("<bdi>");
  append_text(out, text);
  out.append("</bdi>");
}

std::string humanised(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', ' ');
  if (!out.empty() && out.front() >= 'a' && out.front() <= 'z') {
    out.front() = static_cast<char>(out.front() - 'a' + 'A');
  }
  return out;
}

}  // namespace bourse::html
