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

/// The bytes that `write` makes, with another mark of decimals.
template <class Write>
void append_number(BlockBuffer& out, char decimal, const Write& write) {
  char text[std::max({kRealTextMax, kDecimalTextMax, kTimeTextMax})];
  char* const end = write(text);
  std::replace(text, end, '.', decimal);
  out.append({text, static_cast<std::size_t>(end - text)});
}

}  // namespace

void append_value(BlockBuffer& out, const bourse_value& value, const Style& style) {
  switch (value.type) {
    case BOURSE_TYPE_F64:
      if (!std::isfinite(value.as.f64)) return;
      return append_number(out, style.decimal,
                           [&](char* to) { return write_real(to, value.as.f64); });
    case BOURSE_TYPE_DECIMAL:
      return append_number(out, style.decimal,
                           [&](char* to) { return write_decimal(to, value.as.dec, value.scale); });
    case BOURSE_TYPE_TIME:
      if (!style.times_of_excel) break;
      return append_number(out, style.decimal, [&](char* to) {
        char* const end = write_time(to, Time{value.as.i64}) - 1;  // without the Z
        std::replace(to, end, 'T', ' ');
        return end;
      });
    default:
      break;
  }
  append_value(out, value, style.delimiter);
}

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
