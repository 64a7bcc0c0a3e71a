// SPDX-License-Identifier: MIT
#include "plugins/serializers/xml/xml_text.hpp"

#include <array>
#include <cmath>
#include <cstdint>

namespace bourse::xml {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

enum class Byte : std::uint8_t { kPlain, kEscaped, kIllegal, kNotAscii };

constexpr auto kBytes = [] {
  std::array<Byte, 256> bytes{};
  for (std::size_t i = 0; i < 0x20; ++i) bytes[i] = Byte::kIllegal;
  for (std::size_t i = 0x80; i < 0x100; ++i) bytes[i] = Byte::kNotAscii;
  bytes['\t'] = bytes['\n'] = Byte::kPlain;
  bytes['\r'] = bytes['&'] = bytes['<'] = bytes['>'] = Byte::kEscaped;
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
    default:
      return "&#13;";
  }
}

/// Bytes of the character that `text` starts with if XML can hold it, else 0.
std::size_t legal_length(std::string_view text) {
  const std::size_t length = utf8_length(text);
  const bool noncharacter =
      length == 3 && (text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF"));
  return noncharacter ? 0 : length;
}

/// Cuts `text` into pieces and calls run(piece) for what may stand as it is, escaped(character) and
/// illegal() for each of the others.
template <class Run, class Escaped, class Illegal>
void for_pieces(std::string_view text, const Run& run, const Escaped& escaped,
                const Illegal& illegal) {
  std::size_t begin = 0, at = 0;
  const auto stop = [&](std::size_t length) {
    if (at != begin) run(text.substr(begin, at - begin));
    at += length;
    begin = at;
  };
  while (at < text.size()) {
    const Byte kind = kind_of(text[at]);
    if (kind == Byte::kPlain) {
      ++at;
    } else if (kind == Byte::kEscaped) {
      const char c = text[at];
      stop(1);
      escaped(c);
    } else if (kind == Byte::kIllegal) {
      stop(1);
      illegal();
    } else if (const std::size_t length = legal_length(text.substr(at)); length != 0) {
      at += length;
    } else {
      // A noncharacter is one character; of what is no UTF-8, each byte.
      const std::size_t bytes = utf8_length(text.substr(at));
      stop(bytes == 0 ? 1 : bytes);
      illegal();
    }
  }
  stop(0);
}

}  // namespace

std::string element_name(std::string_view field) {
  if (!field.starts_with("xml")) return std::string(field);
  return "_x0078_" + std::string(field.substr(1));
}

std::size_t count_illegal(std::string_view text) noexcept {
  std::size_t found = 0;
  for_pieces(
      text, [](std::string_view) {}, [](char) {}, [&] { ++found; });
  return found;
}

std::optional<std::string> legal(std::string_view text) {
  if (count_illegal(text) == 0) return std::nullopt;
  std::string out;
  for_pieces(
      text, [&](std::string_view piece) { out += piece; }, [&](char c) { out += c; },
      [&] { out += kReplacement; });
  return out;
}

void append_text(BlockBuffer& out, std::string_view text) {
  for_pieces(
      text, [&](std::string_view piece) { out.append(piece); },
      [&](char c) { out.append(escape_of(c)); }, [&] { out.append(kReplacement); });
}

bool has_content(const bourse_value& value) noexcept {
  return value.type != BOURSE_TYPE_NULL &&
         (value.type != BOURSE_TYPE_F64 || std::isfinite(value.as.f64));
}

}  // namespace bourse::xml
