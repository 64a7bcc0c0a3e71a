// SPDX-License-Identifier: MIT
//
// A claim about every analysis: no report holds a NaN or an infinity. What cannot be said is null.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "bourse/report.hpp"

namespace bourse::test {

inline void expect_finite(const bourse_report& report) {
  for (std::size_t i = 0; i < report.n_scalars; ++i) {
    const bourse_scalar& scalar = *report.scalars[i];
    if (scalar.value.type != BOURSE_TYPE_F64) continue;
    EXPECT_TRUE(std::isfinite(scalar.value.as.f64)) << scalar.field->name;
  }
  for (std::size_t t = 0; t < report.n_tables; ++t) {
    const TableView table(*report.tables[t]);
    for (std::size_t c = 0; c < table.columns(); ++c) {
      if (table.field(c).type != BOURSE_TYPE_F64) continue;
      const auto* values = static_cast<const double*>(table.array(c).data);
      for (std::size_t row = 0; row < table.rows(); ++row) {
        EXPECT_TRUE(!is_valid(table.array(c).valid, row) || std::isfinite(values[row]))
            << table.name() << "." << table.field(c).name << "[" << row << "]";
      }
    }
  }
}

}  // namespace bourse::test
