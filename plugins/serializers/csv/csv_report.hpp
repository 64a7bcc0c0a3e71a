// SPDX-License-Identifier: MIT
//
// One table of a report as CSV, or its single values as a table of name, value and unit.
#pragma once

#include "bourse/one_table.hpp"
#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::csv {

struct Options {
  char delimiter = ',';
  bool header = true;  ///< a first line of names
};

/// Writes every line, each ending in CR LF, and flushes. The same report gives the same bytes.
void write_report(ReportView report, OneTable selection, Options options, BlockBuffer& out);

}  // namespace bourse::csv
