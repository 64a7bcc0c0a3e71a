// SPDX-License-Identifier: MIT
//
// What is wrong with a text that is not YAML, in words for those who wrote it. A YAML parser stops
// where it cannot go on, which is often a line or a page behind the mistake.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bourse::host {

struct SyntaxFault {
  std::size_t offset = 0;  ///< of the mistake, in the text
  std::size_t bytes = 1;
  std::string message;
  std::string hint;  ///< what to do; never empty
};

/// `stopped`: the offset at which a parser gave up, and what it said. The whole text is scanned
/// once, whatever it is.
[[nodiscard]] SyntaxFault explain_syntax(std::string_view text, std::size_t stopped,
                                         std::string_view said);

}  // namespace bourse::host
