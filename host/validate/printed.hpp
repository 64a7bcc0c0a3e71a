// SPDX-License-Identifier: MIT
//
// A report as lines of text, each with its place: to tell whether two are the same, and where not.
#pragma once

#include <string>
#include <string_view>

#include "bourse/bourse.h"

namespace bourse::host::validate {

/// All that is in it, to the last bit of a double: "table rows, column price, row 3: 0x1.8p+1".
[[nodiscard]] std::string printed(const bourse_report& report);

/// Where two such texts differ first: the place, and what stands there in both; empty: they do not.
[[nodiscard]] std::string first_difference(std::string_view one, std::string_view other);

}  // namespace bourse::host::validate
