// SPDX-License-Identifier: MIT
//
// A report as Markdown with the tables of GitHub (GFM 0.29, 4.10).
#pragma once

#include <cstddef>
#include <string_view>

#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::markdown {

struct Options {
  std::size_t rows_max = 100;     ///< of each table; what is left out is counted
  std::string_view picture = {};  ///< address of a picture of the charts; empty: none is shown
};

/// A text that shows as it is: nothing in it begins a heading, a link, a mention, an issue, an
/// entity, markup, or ends a cell. Controls and line ends are blanks.
void append_text(BlockBuffer& out, std::string_view text);

/// Writes and flushes. The same report and options give the same bytes.
void write_report(ReportView report, const Options& options, BlockBuffer& out);

}  // namespace bourse::markdown
