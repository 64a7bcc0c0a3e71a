// SPDX-License-Identifier: MIT
//
// A report as an Office Open XML workbook (ECMA-376), written as a stream.
#pragma once

#include <cstddef>

#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::xlsx {

/// Of one sheet, below its head.
inline constexpr std::size_t kRowsMax = 1'048'575;

/// A sheet for each table, as many as its rows need, then one of the title, key figures, notes and
/// what was lost. Holds no more than a compressor, whatever the number of rows. Flushes. The same
/// report gives the same bytes.
void write_workbook(ReportView report, BlockBuffer& out);

}  // namespace bourse::xlsx
