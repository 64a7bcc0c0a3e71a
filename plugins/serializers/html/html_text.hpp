// SPDX-License-Identifier: MIT
//
// Text as HTML has it.
#pragma once

#include <string>
#include <string_view>

#include "bourse/text.hpp"

namespace bourse::html {

/// As the content of an element, or of an attribute within quotation marks of either kind.
///
/// Controls become their pictures (U+2400 and following), so that they can be seen; CR LF becomes
/// LF. U+0080 to U+009F, noncharacters and what is no UTF-8, which a page must not hold, become
/// U+FFFD.
void append_text(BlockBuffer& out, std::string_view text);

/// For the content of an element: text that is not all ASCII is isolated by <bdi>, so that its
/// direction moves nothing around it.
void append_isolated(BlockBuffer& out, std::string_view text);

/// "open_time" as "Open time": for fields without a label.
std::string humanised(std::string_view name);

}  // namespace bourse::html
