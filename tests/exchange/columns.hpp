// SPDX-License-Identifier: MIT
//
// What the files of Market share: reading the one table of a source's report.
#pragma once

#include <cstdint>

#include "bourse/report.hpp"
#include "tests/exchange/api_error.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::fake_exchange {

inline std::int64_t floor_to(std::int64_t time, std::int64_t step) {
  return time - ((time % step) + step) % step;
}

inline TableView table_of(const bourse::test::ReportPtr& report) {
  if (report->wire().n_tables != 1) throw ApiError(500, -1000, "A source's report has one table.");
  return ReportView(report->wire()).table(0);
}

/// Zero where there is no value.
inline Decimal cell(const DecimalColumn& column, std::size_t row) {
  static const Decimal zero = Decimal::make(0, 8).value();
  return column.has(row) ? column[row] : zero;
}

}  // namespace bourse::fake_exchange
