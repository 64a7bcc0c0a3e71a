// SPDX-License-Identifier: MIT
//
// Commands that people are shown, to be typed again.
#pragma once

#include <string>
#include <string_view>

namespace bourse::host {

/// As one word of a POSIX shell: quoted where it has to be.
[[nodiscard]] std::string in_shell(std::string_view word);

}  // namespace bourse::host
