// SPDX-License-Identifier: MIT
//
// A report as one JSON document, in the shape that README.md and docs/reference/report.schema.json
// publish.
#pragma once

#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::json {

/// How the rows of a table stand. Records have no document around them: json_records.hpp.
enum class Layout {
  kObjects,  ///< "rows": [{"symbol": "A", "price": "1"}, ...]
  kArrays,   ///< "rows": [["A", "1"], ...]
  kColumns,  ///< "columns": {"symbol": ["A", ...], "price": ["1", ...]}
  kRecords,  ///< [{"symbol": "A", "price": "1"}, ...], one table and nothing else
};

struct Options {
  Layout layout = Layout::kObjects;
  bool pretty = false;  ///< indented by two spaces, one line a row (or column)
};

/// REQUIRES: options.layout is not kRecords. Writes the document and a newline, and flushes. The
/// same report and options give the same bytes.
void write_report(ReportView report, Options options, BlockBuffer& out);

}  // namespace bourse::json
