// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/error_codes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/plugins/sources/binance/client/error_table.hpp"

namespace bourse::binance {
namespace {

using Rows = std::vector<std::string>;

TEST(ErrorCodes, AreThoseOfTheExchangesDocuments) {
  Rows ours, theirs;
  for (const ErrorCode& entry : error_codes()) {
    ours.push_back(std::to_string(entry.code) + " " + std::string(entry.name) + " " +
                   group_of(entry.kind) + " " + word_of(entry.again));
  }
  for (const DocumentedCode& row : documented_codes()) {
    theirs.push_back(std::to_string(row.code) + " " + row.name + " " + row.group + " " + row.again);
  }
  std::ranges::sort(ours);
  std::ranges::sort(theirs);
  EXPECT_EQ(ours, theirs);
}

TEST(ErrorCodes, AreFoundByNumber) {
  for (const DocumentedCode& row : documented_codes()) {
    const ErrorCode* const found = find_error_code(row.code);
    ASSERT_NE(found, nullptr) << row.code;
    EXPECT_EQ(found->name, row.name);
  }
  EXPECT_EQ(find_error_code(0), nullptr);
  EXPECT_EQ(find_error_code(-1004), nullptr);
  EXPECT_EQ(find_error_code(-9999), nullptr);
  EXPECT_EQ(find_error_code(INT64_MIN), nullptr);
  EXPECT_EQ(find_error_code(INT64_MAX), nullptr);
}

}  // namespace
}  // namespace bourse::binance
