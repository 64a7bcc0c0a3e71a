// SPDX-License-Identifier: MIT
//
// A report as people read it on a terminal: what the commands print that are asked for no format.
#pragma once

#include <string>

#include "bourse/bourse.h"

namespace bourse::host {

/// Title, named scalars, tables with their columns below one another, notes; charts are left out.
/// Ends with a line feed. Controls of its texts are escaped, so no report steers a terminal.
[[nodiscard]] std::string report_text(const bourse_report& report);

}  // namespace bourse::host
