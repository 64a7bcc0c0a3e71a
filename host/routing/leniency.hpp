// SPDX-License-Identifier: MIT
//
// What a route reads as if it had been written otherwise, or not at all.
#pragma once

#include <string>
#include <string_view>

#include "host/routing/arguments.hpp"
#include "host/routing/route.hpp"

namespace bourse::host {

/// `text` with its letters a to z or A to Z in that case; all else stays, other alphabets too.
[[nodiscard]] std::string in_case(std::string_view text, LetterCase letters);

/// Takes out what the route ignores. True: there was something.
bool leave_out_ignored(const Route& route, NamedTexts& texts);
/// Spells the texts of the route's parameters in the case in which it reads them.
void spell_in_case(const Route& route, NamedTexts& texts);

}  // namespace bourse::host
