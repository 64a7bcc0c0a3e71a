// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/error_codes.hpp"

#include <gtest/gtest.h>

#include <map>

namespace bourse::binance {
namespace {

// Counted in the exchange's list of 2026-07-21, by group.
TEST(ErrorCodes, AreAllThereAndGrouped) {
  std::map<ErrorKind, int> counts;
  for (const ErrorCode& entry : error_codes()) ++counts[entry.kind];
  EXPECT_EQ(error_codes().size(), 109u);
  EXPECT_EQ(counts[ErrorKind::kAuthentication], 8);
  EXPECT_EQ(counts[ErrorKind::kRateLimit], 5);
  EXPECT_EQ(counts[ErrorKind::kServer], 4);
  EXPECT_EQ(counts[ErrorKind::kUnknownOutcome], 2);
  EXPECT_EQ(counts[ErrorKind::kValidation], 90);
}

TEST(ErrorCodes, AreFoundByNumber) {
  for (const ErrorCode& entry : error_codes()) EXPECT_EQ(find_error_code(entry.code), &entry);
  EXPECT_EQ(find_error_code(-1121)->name, "BAD_SYMBOL");
  EXPECT_EQ(find_error_code(0), nullptr);
  EXPECT_EQ(find_error_code(-1004), nullptr);
  EXPECT_EQ(find_error_code(-9999), nullptr);
  EXPECT_EQ(find_error_code(INT64_MIN), nullptr);
  EXPECT_EQ(find_error_code(INT64_MAX), nullptr);
}

TEST(ErrorCodes, SayWhenToTryAgain) {
  const std::map<std::int64_t, Again> expected = {
      {-1000, Again::kSafe},      {-1001, Again::kSafe}, {-1003, Again::kWait},
      {-1006, Again::kSafe},      {-1007, Again::kSafe}, {-1008, Again::kSafeLong},
      {-1016, Again::kOtherHost}, {-1021, Again::kSync}, {-1015, Again::kWait},
      {-1034, Again::kWait},      {-1181, Again::kWait}};
  for (const ErrorCode& entry : error_codes()) {
    const auto found = expected.find(entry.code);
    EXPECT_EQ(entry.again, found == expected.end() ? Again::kNo : found->second) << entry.code;
  }
}

}  // namespace
}  // namespace bourse::binance
