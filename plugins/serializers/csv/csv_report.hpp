// SPDX-License-Identifier: MIT
//
// One table of a report as CSV, or its single values as a table of name, value and unit.
#pragma once

#include "bourse/one_table.hpp"
#include "bourse/report.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/csv/csv_text.hpp"

namespace bourse::csv {

struct Options {
  Style style = {};
  bool header = true;  ///< a first line of names
  bool bom = false;    ///< EF BB BF in front, by which Excel knows UTF-8
};

/// Writes every line, each ending in CR LF, and flushes. The same report gives the same bytes.
void write_report(ReportView report, OneTable selection, const Options& options, BlockBuffer& out);

}  // namespace bourse::csv
