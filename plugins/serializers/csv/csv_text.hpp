// SPDX-License-Identifier: MIT
//
// One cell as CSV (RFC 4180), safe to open in a spreadsheet.
#pragma once

#include <cmath>
#include <string_view>

#include "bourse/bourse.h"
#include "bourse/text.hpp"

namespace bourse::csv {

/// Whether a spreadsheet may run the text as a formula, or would no longer tell it from a text that
/// was guarded: any number of apostrophes, then one of = + - @, their full-width forms, TAB, CR or
/// LF (OWASP, "CSV Injection"). Such a cell gets one apostrophe in front; who wants the original
/// takes one away from every cell of which this holds.
[[nodiscard]] bool needs_guard(std::string_view text) noexcept;

/// In quotation marks where the text is empty (nothing at all is null) or holds a quotation mark,
/// the delimiter, CR or LF. Text is guarded, a name of ours needs no guard.
void append_text(BlockBuffer& out, std::string_view text, char delimiter);

/// How cells are written.
struct Style {
  char delimiter = ',';
  char decimal = '.';           ///< in numbers, and before fractions of a second; not the delimiter
  bool times_of_excel = false;  ///< 2024-12-20 10:00:00,250 instead of RFC 3339

  [[nodiscard]] bool is_plain() const noexcept { return decimal == '.' && !times_of_excel; }
};

/// As append_value, in a style that is not plain.
void append_value(BlockBuffer& out, const bourse_value& value, const Style& style);

/// Null, NaN and infinities are nothing at all. Numbers are never quoted nor guarded.
/// Here for the compiler's sake: inlined it makes rows a tenth faster. Reals come first: after the
/// branches of to_chars a processor guesses an `if` better than a `switch` (3 %).
inline void append_value(BlockBuffer& out, const bourse_value& value, char delimiter) {
  if (value.type == BOURSE_TYPE_F64) {
    if (std::isfinite(value.as.f64)) append_real(out, value.as.f64);
    return;
  }
  switch (value.type) {
    case BOURSE_TYPE_BOOL:
      return out.append(value.as.i64 != 0 ? "true" : "false");
    case BOURSE_TYPE_I64:
      return append_integer(out, value.as.i64);
    case BOURSE_TYPE_DECIMAL:
      return append_decimal(out, value.as.dec, value.scale);
    case BOURSE_TYPE_TIME:
      return append_time(out, Time{value.as.i64});
    case BOURSE_TYPE_TEXT:
      return append_text(out, view(value.as.text), delimiter);
    default:
      return;
  }
}

}  // namespace bourse::csv
