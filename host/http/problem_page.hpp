// SPDX-License-Identifier: MIT
//
// A problem as a page for people who came with a browser. It holds no script, loads nothing, and
// says nothing that the document does not say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/failure.hpp"

namespace bourse::host {

/// What a problem says, worked out.
struct ProblemFacts {
  int status = 500;
  std::string_view title = {};
  std::string_view instance = {};
  std::string_view request_id = {};
  std::int64_t retry_after = 0;  ///< seconds; 0: nobody knows
};

/// Everything in it is escaped, and shown on one line: controls as \n, marks that reorder the text
/// as \u{202e}. Bytes that are not UTF-8 are shown as \xff.
[[nodiscard]] std::string problem_page(const Failure& failure, const ProblemFacts& facts);

/// The value of Content-Security-Policy: the style that stands in the page, by its hash, and
/// nothing else of anywhere.
[[nodiscard]] std::string_view problem_page_policy() noexcept;

}  // namespace bourse::host
