// SPDX-License-Identifier: MIT
#include "plugins/serializers/csv/csv_text.hpp"

#include <algorithm>

namespace bourse::csv {
namespace {

constexpr std::string_view kRun[] = {"=",
                                     "+",
                                     "-",
                                     "@",
                                     "\t",
                                     "\r",
                                     "\n",
                                     "\xEF\xBC\x9D",   // U+FF1D, full-width =
                                     "\xEF\xBC\x8B",   // U+FF0B, full-width +
                                     "\xEF\xBC\x8D",   // U+FF0D, full-width -
                                     "\xEF\xBC\xA0"};  // U+FF20, full-width @

bool needs_quotes(std::string_view text, char delimiter) {
  return text.empty() || std::any_of(text.begin(), text.end(), [&](char c) {
           return c == '"' || c == delimiter || c == '\r' || c == '\n';
         });
}

void append_doubling_quotes(BlockBuffer& out, std::string_view text) {
  while (true) {
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos) return out.append(text);
    out.append(text.substr(0, quote + 1));
    out.put('"');
    text.remove_prefix(quote + 1);
  }
}

}  // namespace

bool needs_guard(std::string_view text) noexcept {
  while (text.starts_with('\'')) text.remove_prefix(1);
  if (text.empty() || (text.front() >= 'A' && static_cast<unsigned char>(text.front()) < 0x80)) {
    return false;
  }
  return std::any_of(std::begin(kRun), std::end(kRun),
                     [&](std::string_view start) { return text.starts_with(start); });
}

void append_text(BlockBuffer& out, std::string_view text, char delimiter) {
  const bool quoted = needs_quotes(text, delimiter);
  if (quoted) out.put('"');
  if (needs_guard(text)) out.put('\'');
  if (quoted) {
    append_doubling_quotes(out, text);
    out.put('"');
  } else {
    out.append(text);
  }
}

}  // namespace bourse::csv
