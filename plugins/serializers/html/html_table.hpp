// SPDX-License-Identifier: MIT
//
// One table of a report as a table of a page.
#pragma once

#include <cstddef>

#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::html {

/// The most rows of a table that a page can be asked for. The plugin's parameter says the same.
inline constexpr std::size_t kRowsMax = 1'000'000;

/// The table with its heading, in a box of its own that scrolls. At most `rows_max` rows; that
/// there are more is said above them.
void append_table(BlockBuffer& out, TableView table, std::size_t rows_max);

}  // namespace bourse::html
