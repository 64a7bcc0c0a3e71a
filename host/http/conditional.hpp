// SPDX-License-Identifier: MIT
//
// Conditional requests: RFC 9110, section 13. Answers here have an entity tag and no date of
// change, so If-Modified-Since and If-Unmodified-Since are ignored, as 13.1.3 and 13.1.4 want it.
#pragma once

#include <string_view>

namespace bourse::host {

/// Whether a list of entity tags, several field lines being joined, names this one. The scanner
/// knows quotes: "a,b" is one tag. "*" alone is any; what is not quoted is none. `etag`: with its
/// quotes; strong.
[[nodiscard]] bool names_weakly(std::string_view list, std::string_view etag) noexcept;
/// The same by the strong comparison: what the list calls weak is another one.
[[nodiscard]] bool names_strongly(std::string_view list, std::string_view etag) noexcept;

enum class Condition {
  kSend,         ///< the whole answer
  kNotModified,  ///< 304
  kFailed        ///< 412
};
/// For GET and HEAD, and an answer that would be 200: others ignore all conditions (13.2.1). The
/// fields are joined; empty is absent. In the order of 13.2.2.
[[nodiscard]] Condition evaluate(std::string_view if_match, std::string_view if_none_match,
                                 std::string_view etag) noexcept;

}  // namespace bourse::host
