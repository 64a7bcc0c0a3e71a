// SPDX-License-Identifier: MIT
#include "plugins/serializers/json/json_text.hpp"

#include <array>
#include <cmath>
#include <cstdint>

namespace bourse::json {
namespace {

constexpr std::int64_t kSafeIntegerMax = (std::int64_t{1} << 53) - 1;

enum : std::uint8_t { kPlain = 0, kUnicode = 'u', kNotAscii = 1 };

/// For each byte: kPlain, kNotAscii, or what follows the backslash.
constexpr auto kEscapes = [] {
  std::array<std::uint8_t, 256> escapes{};
  for (std::size_t i = 0; i < 0x20; ++i) escapes[i] = kUnicode;
  for (std::size_t i = 0x80; i < 0x100; ++i) escapes[i] = kNotAscii;
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

std::uint8_t escape_of(char c) { return kEscapes[static_cast<unsigned char>(c)]; }

void append_escape(BlockBuffer& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (escape_of(c) == kUnicode) {
    out.append("\\u00");
    out.put(kHex[byte >> 4]);
    out.put(kHex[byte & 15]);
  } else {
    out.put('\\');
    out.put(static_cast<char>(escape_of(c)));
  }
}

/// Returns how many bytes of `text` it has dealt with.
std::size_t append_not_ascii(BlockBuffer& out, std::string_view text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  const std::size_t length = utf8_length(text);
  const std::string_view character = text.substr(0, length);
  if (length == 0) {
    out.append(kReplacement);
    return 1;
  }
  if (character == "\xE2\x80\xA8") {
    out.append("\\u2028");
  } else if (character == "\xE2\x80\xA9") {
    out.append("\\u2029");
  } else {
    out.append(character);
  }
  return length;
}

template <class Append>
void append_quoted(BlockBuffer& out, const Append& append) {
  out.put('"');
  append();
  out.put('"');
}

}  // namespace

void append_text(BlockBuffer& out, std::string_view text) {
  append_quoted(out, [&] {
    std::size_t done = 0;
    while (done < text.size()) {
      std::size_t at = done;
      while (at < text.size() && escape_of(text[at]) == kPlain) ++at;
      out.append(text.substr(done, at - done));
      done = at;
      if (done == text.size()) break;
      if (escape_of(text[done]) == kNotAscii) {
        done += append_not_ascii(out, text.substr(done));
      } else {
        append_escape(out, text[done++]);
      }
    }
  });
}

void append_value(BlockBuffer& out, const bourse_value& value) {
  switch (value.type) {
    case BOURSE_TYPE_BOOL:
      return out.append(value.as.i64 != 0 ? "true" : "false");
    case BOURSE_TYPE_I64:
      if (value.as.i64 >= -kSafeIntegerMax && value.as.i64 <= kSafeIntegerMax) {
        return append_integer(out, value.as.i64);
      }
      return append_quoted(out, [&] { append_integer(out, value.as.i64); });
    case BOURSE_TYPE_F64:
      if (!std::isfinite(value.as.f64)) return out.append("null");
      return append_real(out, value.as.f64);
    case BOURSE_TYPE_DECIMAL:
      return append_quoted(out, [&] { append_decimal(out, value.as.dec, value.scale); });
    case BOURSE_TYPE_TIME:
      return append_quoted(out, [&] { append_time(out, Time{value.as.i64}); });
    case BOURSE_TYPE_TEXT:
      return append_text(out, view(value.as.text));
    default:
      return out.append("null");
  }
}

}  // namespace bourse::json
