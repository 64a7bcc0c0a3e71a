// SPDX-License-Identifier: MIT
//
// Expected texts are written by hand.
#include "plugins/serializers/charting/numbers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace bourse::charting {
namespace {

TEST(FormatNumber, ThousandsAreSeparatedAndTheMinusIsATypographicOne) {
  EXPECT_EQ(format_number(0, {.decimals = 0}), "0");
  EXPECT_EQ(format_number(999, {.decimals = 0}), "999");
  EXPECT_EQ(format_number(1000, {.decimals = 0}), "1,000");
  EXPECT_EQ(format_number(96407.99, {.decimals = 2}), "96,407.99");
  EXPECT_EQ(format_number(-1234567.5, {.decimals = 1}), "\u22121,234,567.5");
  EXPECT_EQ(format_number(0.00001234, {.decimals = 8}), "0.00001234");
}

TEST(FormatNumber, WhatRoundsToZeroHasNoSign) {
  EXPECT_EQ(format_number(-0.0, {.decimals = 1}), "0.0");
  EXPECT_EQ(format_number(-0.001, {.decimals = 2}), "0.00");
}

TEST(FormatNumber, LettersStandForPowersOfAThousand) {
  EXPECT_EQ(format_number(1500, {.decimals = 1, .divisor = 1e3}), "1.5K");
  EXPECT_EQ(format_number(2e6, {.decimals = 0, .divisor = 1e6}), "2M");
  EXPECT_EQ(format_number(-3.25e9, {.decimals = 2, .divisor = 1e9}), "\u22123.25B");
  EXPECT_EQ(format_number(4e15, {.decimals = 0, .divisor = 1e12}), "4,000T");
  EXPECT_EQ(format_number(0, {.decimals = 1, .divisor = 1e6}), "0");
}

TEST(FormatNumber, WhatIsNotFiniteIsADash) {
  EXPECT_EQ(format_number(std::nan(""), {}), "\u2013");
  EXPECT_EQ(format_number(std::numeric_limits<double>::infinity(), {}), "\u2013");
}

TEST(FormatNumber, TheLargestDoubleFits) {
  const std::string text = format_number(std::numeric_limits<double>::max(), {.decimals = 20});
  EXPECT_EQ(text.substr(0, 4), "179,");
}

TEST(AxisFormat, HasAsManyDecimalsAsTheStep) {
  EXPECT_EQ(axis_format({5, -3}, 1, 1e6).decimals, 3);
  EXPECT_EQ(axis_format({2, 3}, 9000, 1e6).decimals, 0);
  EXPECT_EQ(axis_format({5, -8}, 1e-5, 1e6).decimals, 8);
}

TEST(AxisFormat, LettersAppearFromTheirThreshold) {
  EXPECT_EQ(axis_format({5, 3}, 9999, 1e4).divisor, 1);
  const NumberFormat thousands = axis_format({5, 3}, 10'000, 1e4);
  EXPECT_EQ(thousands.divisor, 1e3);
  EXPECT_EQ(thousands.decimals, 0);
  const NumberFormat fine = axis_format({5, 4}, 2e6, 1e4);  // 50,000 = 0.05M
  EXPECT_EQ(fine.divisor, 1e6);
  EXPECT_EQ(fine.decimals, 2);
}

TEST(AxisFormat, ExtremesAreScientific) {
  EXPECT_TRUE(axis_format({1, 299}, 1e300, 1e6).scientific);
  EXPECT_TRUE(axis_format({1, -20}, 1e-19, 1e6).scientific);
  EXPECT_EQ(format_number(2e300, axis_format({1, 299}, 2e300, 1e6)), "2.0e+300");
}

TEST(ValueFormat, KeepsGivenDecimalsAndShortensLargeOnes) {
  EXPECT_EQ(format_number(96407.99, value_format(96407.99, 2, 1e9)), "96,407.99");
  EXPECT_EQ(format_number(1234567, value_format(1234567, 5, 1e4)), "1.235M");
  EXPECT_EQ(format_number(12345, value_format(12345, 5, 1e4)), "12.35K");
  EXPECT_EQ(format_number(0.00001252, value_format(0.00001252, 8, 1e9)), "0.00001252");
}

TEST(FormatSignificant, ShowsSixDigitsAndNoZerosAtTheEnd) {
  EXPECT_EQ(format_significant(0.0312345678), "0.0312346");
  EXPECT_EQ(format_significant(1912), "1,912");
  EXPECT_EQ(format_significant(2.5), "2.5");
  EXPECT_EQ(format_significant(-100), "\u2212100");
  EXPECT_EQ(format_significant(0), "0");
  EXPECT_EQ(format_significant(1e-300), "1.000e-300");
  EXPECT_EQ(format_significant(std::nan("")), "\u2013");
}

}  // namespace
}  // namespace bourse::charting
