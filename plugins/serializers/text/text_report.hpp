// SPDX-License-Identifier: MIT
//
// A report as plain text for a terminal: title, notes, key figures, tables with aligned columns.
#pragma once

#include <cstddef>

#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::text {

struct Options {
  std::size_t rows_max = 50;  ///< of each table; what is left out is counted
  std::size_t width = 0;      ///< columns of the terminal; 0: lines are as long as they are
  bool color = false;         ///< bold, dim and warning colours (ECMA-48)
};

/// Writes and flushes. Nothing that a terminal would obey comes from the report. The same report
/// and options give the same bytes.
void write_report(ReportView report, const Options& options, BlockBuffer& out);

}  // namespace bourse::text
