// SPDX-License-Identifier: MIT
//
// One table of a report as an Arrow IPC stream, or its single values as a table of name, value and
// unit.
#pragma once

#include "bourse/one_table.hpp"
#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::arrow {

struct Options {
  bool dictionaries = true;  ///< texts that repeat are numbers of a dictionary
};

/// Writes the whole stream with its end mark, and flushes. The same report gives the same bytes.
/// Throws Error(BOURSE_UNPROCESSABLE, "decimal_too_long") where a coefficient has over 38 digits.
void write_report(ReportView report, OneTable selection, const Options& options, BlockBuffer& out);

}  // namespace bourse::arrow
