// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/time_text.hpp"

#include <gtest/gtest.h>

namespace bourse::binance {
namespace {

// Expected: Python's datetime.fromtimestamp(t, timezone.utc).
TEST(UtcText, IsReadable) {
  EXPECT_EQ(utc_text(from_ms(0)), "1970-01-01 00:00:00 UTC");
  EXPECT_EQ(utc_text(from_ms(1753000120999)), "2025-07-20 08:28:40 UTC");
  EXPECT_EQ(utc_text(from_ms(-1)), "1969-12-31 23:59:59 UTC");
}

TEST(Milliseconds, RoundDownAndStopAtTheEndsOfTime) {
  EXPECT_EQ(to_ms(Time{1'999'999}), 1);
  EXPECT_EQ(to_ms(Time{-1}), -1);
  EXPECT_EQ(to_ms(Time{-1'000'000}), -1);
  EXPECT_EQ(from_ms(INT64_MAX).ns, 9223372036854000000);
  EXPECT_EQ(from_ms(INT64_MIN).ns, -9223372036854000000);
}

}  // namespace
}  // namespace bourse::binance
