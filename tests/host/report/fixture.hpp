// SPDX-License-Identifier: MIT
//
// What the tests of the report builder share: short ways to say things to it, and the refusal that
// must follow.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/report.hpp"
#include "host/report/builder.hpp"

namespace bourse::host::test {

using ReportPtr = std::shared_ptr<const Report>;

/// The report, which must be one.
inline ReportPtr finished(ReportBuilder& builder) {
  auto report = builder.finish(0);
  EXPECT_TRUE(report.ok()) << report.failure().code << ": " << report.failure().message;
  return report.ok() ? *report : nullptr;
}

/// The code of the first mistake; "" when there was none.
inline std::string mistake_of(ReportBuilder& builder) {
  const auto report = builder.finish(0);
  if (report.ok()) return "";
  EXPECT_EQ(report.failure().status, BOURSE_INTERNAL);
  EXPECT_FALSE(report.failure().message.empty());
  return report.failure().code;
}

/// A builder with one table "t" of these fields.
inline std::uint32_t add_table(ReportBuilder& builder, const std::vector<Field>& fields,
                               const char* name = "t") {
  std::vector<const bourse_field*> pointers(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) pointers[i] = &fields[i];
  std::uint32_t table = 99;
  EXPECT_EQ(builder.table(name, "", pointers.data(), pointers.size(), &table), BOURSE_OK);
  return table;
}

}  // namespace bourse::host::test
