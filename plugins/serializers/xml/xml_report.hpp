// SPDX-License-Identifier: MIT
//
// A report as one XML document, in the shape that README.md and docs/reference/report.xsd publish.
#pragma once

#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::xml {

inline constexpr const char* kNamespace = "urn:bourse:report:1";

struct Options {
  bool pretty = false;  ///< indented by two spaces, one line a row
};

/// Writes the document and a newline, and flushes. The same report and options give the same bytes.
void write_report(ReportView report, Options options, BlockBuffer& out);

}  // namespace bourse::xml
