// SPDX-License-Identifier: MIT
//
// One table of a report as JSON without an envelope: an array of records, or a record a line.
#pragma once

#include "bourse/one_table.hpp"
#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::json {

/// [{"symbol": "A", "price": "1"}, ...], an object a line. The single values are records of name,
/// value and unit. Flushes. The same report gives the same bytes.
void write_records(ReportView report, OneTable selection, BlockBuffer& out);

/// The same objects, each a line of its own that ends in LF, and nothing around them: NDJSON.
void write_lines(ReportView report, OneTable selection, BlockBuffer& out);

}  // namespace bourse::json
