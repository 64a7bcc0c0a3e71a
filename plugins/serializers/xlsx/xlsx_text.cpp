// SPDX-License-Identifier: MIT
#include "plugins/serializers/xlsx/xlsx_text.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace bourse::xlsx {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// A character and the bytes it takes; 0 of them: no UTF-8 starts here.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;
};

Character character_at(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return {};
  char32_t code = first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[bytes] || code > 0x10FFFF || is_surrogate) return {};
  return {code, bytes};
}

/// `_x0041_`, which Excel would show as "A".
bool is_escape(std::string_view text) noexcept {
  return text.size() >= 7 && text[0] == '_' && (text[1] == 'x' || text[1] == 'X') &&
         text[6] == '_' && std::all_of(text.begin() + 2, text.begin() + 6, [](unsigned char c) {
           return std::isxdigit(c) != 0;
         });
}

bool xml_holds(char32_t code) noexcept {
  if (code < 0x20) return code == '\t' || code == '\n';  // a CR would be read as LF
  return code != 0xFFFE && code != 0xFFFF;
}

std::string escape_of(char32_t code) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "_x";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[code >> shift & 15];
  return out + "_";
}

/// Bytes at the start that stand for themselves.
std::size_t plain_bytes(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size() && text[i] >= ' ' && text[i] <= '~' && text[i] != '&' && text[i] != '<' &&
         text[i] != '>' && text[i] != '"' && text[i] != '_') {
    ++i;
  }
  return i;
}

template <class Out>
bool append_units(Out& out, std::string_view text, std::size_t units) {
  while (!text.empty()) {
    const std::size_t plain = std::min(plain_bytes(text), units);
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    units -= plain;
    if (text.empty()) return false;
    const Character c = character_at(text);
    const std::size_t taken = c.code > 0xFFFF ? 2 : 1;
    if (units < taken) return true;
    units -= taken;
    const auto add = [&](std::string_view part) { out.append(part.data(), part.size()); };
    if (c.bytes == 0) {
      add(kReplacement);
    } else if (c.code == '&') {
      add("&amp;");
    } else if (c.code == '<') {
      add("&lt;");
    } else if (c.code == '>') {
      add("&gt;");
    } else if (c.code == '"') {
      add("&quot;");
    } else if (is_escape(text)) {
      add("_x005F_");
    } else if (!xml_holds(c.code)) {
      add(escape_of(c.code));
    } else {
      add(text.substr(0, c.bytes));
    }
    text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
  }
  return false;
}

}  // namespace

bool append_text(BlockBuffer& out, std::string_view text) {
  return append_units(out, text, kTextUnitsMax);
}

std::string escaped(std::string_view text) {
  std::string out;
  append_units(out, text, kTextUnitsMax);
  return out;
}

bool looks_like_a_formula(std::string_view text) noexcept {
  return !text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos;
}

std::string column_letters(std::size_t column) {
  std::string out;
  for (++column; column != 0; column = (column - 1) / 26) {
    out.insert(out.begin(), static_cast<char>('A' + (column - 1) % 26));
  }
  return out;
}

std::optional<double> serial_of(Time time) noexcept {
  constexpr std::int64_t kMs = 1'000'000, kDayMs = 86'400'000;
  constexpr std::int64_t kDaysTo1970 = 25'569, kFirst = 61;  // 1900-03-01
  // To the nearest, halves up, on either side of 1970.
  std::int64_t ms = time.ns / kMs;
  std::int64_t rest = time.ns % kMs;
  if (rest < 0) {
    rest += kMs;
    --ms;
  }
  if (rest >= kMs / 2) ++ms;
  std::int64_t days = ms / kDayMs, of_day = ms % kDayMs;
  if (of_day < 0) {
    of_day += kDayMs;
    --days;
  }
  if (days + kDaysTo1970 < kFirst) return std::nullopt;
  return static_cast<double>(days + kDaysTo1970) +
         static_cast<double>(of_day) / static_cast<double>(kDayMs);
}

}  // namespace bourse::xlsx
