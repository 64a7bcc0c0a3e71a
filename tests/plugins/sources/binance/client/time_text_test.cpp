// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/time_text.hpp"

#include <gtest/gtest.h>

namespace bourse::binance {
namespace {

TEST(WholeSecond, RoundsDown) {
  EXPECT_EQ(whole_second(from_ms(0)), from_ms(0));
  EXPECT_EQ(whole_second(from_ms(1753000120999)), from_ms(1753000120000));
  EXPECT_EQ(whole_second(from_ms(-1)), from_ms(-1000));
  EXPECT_EQ(whole_second(Time{INT64_MIN}), Time{INT64_MIN}) << "there is no earlier one";
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
