// SPDX-License-Identifier: MIT
//
// Reports that every serializer is tested and measured with.
#pragma once

#include <cstddef>
#include <string>

#include "bourse/bourse.h"
#include "tests/support/test_host.hpp"

namespace bourse::test {

/// Everything a report may hold at the edge of what the host lets through: nulls, NaN, infinities,
/// -0.0, 38-digit decimals, scales -38 and 38, the first and last time, formulas, markup, controls,
/// NUL, right-to-left and astral text, names of 128 bytes, tables without rows, all levels of
/// notes, all kinds of charts with all that they may have, formats, scalars that nest six deep.
ReportPtr kitchen_sink();

/// A report in which every part is empty.
ReportPtr empty_report();

/// One table "trades" of a time, five decimals (one with nulls), an integer, a real and a text.
ReportPtr large_report(std::size_t rows);

/// What an analysis of `rows` candles sends: table "series" with a time, six decimals, an integer
/// and nineteen reals of full precision, the first of them missing.
ReportPtr technical_report(std::size_t rows);

/// The report as lines of tab-separated words, written without any of the code under test: texts in
/// hexadecimal, reals and decimals as their bits, times as ns. The readers' side is dump.py.
std::string dump(const bourse_report& report);

}  // namespace bourse::test
