// SPDX-License-Identifier: MIT
//
// One value as JSON.
#pragma once

#include <string_view>

#include "bourse/bourse.h"
#include "bourse/text.hpp"

namespace bourse::json {

/// A JSON string with its quotation marks. Escaped: the quotation mark, the backslash, controls,
/// and U+2028 and U+2029, which end a line in JavaScript. A byte that is no UTF-8 becomes U+FFFD.
void append_text(BlockBuffer& out, std::string_view text);

/// null, true, 42, 0.5, "96407.99000000", "2024-12-31T23:59:59Z" or "text". Decimals are strings;
/// so are integers past 2^53 - 1, which many readers would round (RFC 7493, section 2.2). NaN and
/// infinities are null.
void append_value(BlockBuffer& out, const bourse_value& value);

}  // namespace bourse::json
