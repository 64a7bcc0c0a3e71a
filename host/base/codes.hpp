// SPDX-License-Identifier: MIT
//
// Every code that the host gives: of problems that clients are told, of mistakes in a
// configuration, of plugin files that are refused, of plugins that use the host wrongly, of a
// server that cannot start. Plugins have codes of their own, which their documentation tells.
//
// A new code gets its row here; tests/contract/codes_test.py says when one is missing, and when a
// row is left of a code that nothing gives any more.
#pragma once

#include <span>
#include <string_view>

namespace bourse::host {

struct Code {
  std::string_view code;
  std::string_view meaning;
  std::string_view cause;   ///< the usual one
  std::string_view remedy;  ///< what to do, and who
};

/// In alphabetical order.
[[nodiscard]] std::span<const Code> all_codes() noexcept;
/// The row of a code, or null.
[[nodiscard]] const Code* find_code(std::string_view code) noexcept;

}  // namespace bourse::host
