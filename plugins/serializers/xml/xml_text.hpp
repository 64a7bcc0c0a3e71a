// SPDX-License-Identifier: MIT
//
// Names, characters and values as XML 1.0 has them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bourse/bourse.h"
#include "bourse/text.hpp"

namespace bourse::xml {

/// The element that holds the values of a field: its name, except that "xml..." becomes
/// "_x0078_ml...", as SQL/XML (ISO 9075-14) writes names that XML keeps for itself. No two fields
/// share one: a field's name does not start with an underscore.
std::string element_name(std::string_view field);

/// How many characters XML 1.0 cannot hold, even as a reference: U+0000 to U+001F but tab, line
/// feed and carriage return, U+FFFE, U+FFFF, and bytes that are no UTF-8.
std::size_t count_illegal(std::string_view text) noexcept;

/// With U+FFFD in place of each of those; nothing when there are none.
std::optional<std::string> legal(std::string_view text);

/// As the content of an element. A carriage return is written as a reference, for a reader turns a
/// bare one into a line feed; ">" is escaped too, so that "]]>" never stands there. What XML cannot
/// hold becomes U+FFFD.
void append_text(BlockBuffer& out, std::string_view text);

/// False for null, NaN and infinities, which have no content: they are shown as missing.
bool has_content(const bourse_value& value) noexcept;

/// true, 42, 0.5, 96407.99000000, 2024-12-31T23:59:59Z: legal for xs:boolean, xs:integer,
/// xs:double, xs:decimal and xs:dateTime. Nothing in it needs an escape. REQUIRES:
/// has_content(value), not text.
template <TextBuffer Buffer>
void append_plain(Buffer& out, const bourse_value& value) {
  const auto literal = [&](std::string_view text) { out.append(text.data(), text.size()); };
  switch (value.type) {
    case BOURSE_TYPE_BOOL:
      return literal(value.as.i64 != 0 ? "true" : "false");
    case BOURSE_TYPE_I64:
      return append_integer(out, value.as.i64);
    case BOURSE_TYPE_F64:
      return append_real(out, value.as.f64);
    case BOURSE_TYPE_DECIMAL:
      return append_decimal(out, value.as.dec, value.scale);
    case BOURSE_TYPE_TIME:
      return append_time(out, Time{value.as.i64});
    default:
      return;
  }
}

}  // namespace bourse::xml
