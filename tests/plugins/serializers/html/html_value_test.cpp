// SPDX-License-Identifier: MIT
#include "plugins/serializers/html/html_value.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace bourse::html {
namespace {

std::string shown(const bourse_value& v, Style style) {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  append_value(out, v, style);
  out.flush();
  return bytes;
}
std::string alone(const bourse_value& v) { return shown(v, Style::of(v)); }

Style style_of(const std::vector<double>& column, const char* unit = "", bool all = false) {
  const bourse_array array{column.data(), nullptr};
  return Style::of(Field("x", BOURSE_TYPE_F64).in(unit), array, {0, column.size()}, all);
}
std::vector<std::string> reals(const std::vector<double>& column, const char* unit = "",
                               bool all = false) {
  std::vector<std::string> out;
  for (const double real : column) out.push_back(shown(value(real), style_of(column, unit, all)));
  return out;
}
std::vector<std::string> decimals(const std::vector<const char*>& column, int scale) {
  std::vector<bourse_i128> data;
  for (const char* text : column) {
    data.push_back(Decimal::from(text).rescaled(scale, Rounding::kDown).wire());
  }
  const Field field = Field("x", BOURSE_TYPE_DECIMAL).scaled(scale);
  const bourse_array array{data.data(), nullptr};
  const Style style = Style::of(field, array, {0, column.size()});
  std::vector<std::string> out;
  for (std::size_t row = 0; row < column.size(); ++row) {
    out.push_back(shown(TableView::cell_of(field, array, row), style));
  }
  return out;
}
std::vector<std::string> times(const std::vector<std::int64_t>& column) {
  const Field field("x", BOURSE_TYPE_TIME);
  const bourse_array array{column.data(), nullptr};
  const Style style = Style::of(field, array, {0, column.size()});
  std::vector<std::string> out;
  for (const std::int64_t ns : column) out.push_back(shown(value(Time{ns}), style));
  return out;
}

using Texts = std::vector<std::string>;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kTen = 1'734'688'800 * kSecond;  // 2024-12-20 10:00

TEST(HtmlValue, IntegersAreInGroupsOfThree) {
  EXPECT_EQ(alone(value(std::int64_t{0})), "0");
  EXPECT_EQ(alone(value(std::int64_t{-999})), "−999");
  EXPECT_EQ(alone(value(std::int64_t{1'000})), "1,000");
  EXPECT_EQ(alone(value(std::int64_t{-123'456'789})), "−123,456,789");
  EXPECT_EQ(alone(value(std::int64_t{INT64_MIN})), "−9,223,372,036,854,775,808");
}

TEST(HtmlValue, MoneyIsNeverRounded) {
  EXPECT_EQ(alone(value(Decimal::from("0.00000001"))), "0.00000001");
  EXPECT_EQ(alone(value(Decimal::from("-96407.99000000"))), "−96,407.99");
  EXPECT_EQ(alone(value(Decimal::from("99999999999999999999999999999999999999"))),
            "99,999,999,999,999,999,999,999,999,999,999,999,999");
  EXPECT_EQ(alone(value(Decimal::from("123456789012345678901234567890.12345678"))),
            "123,456,789,012,345,678,901,234,567,890.12345678");
}

TEST(HtmlValue, ADecimalColumnHasTheDecimalsThatOneOfItsRowsNeeds) {
  EXPECT_EQ(decimals({"1.5", "2000.125", "3"}, 8), (Texts{"1.500", "2,000.125", "3.000"}));
  EXPECT_EQ(decimals({"1", "2"}, 8), (Texts{"1.00", "2.00"})) << "two of a price always";
  EXPECT_EQ(decimals({"1", "2"}, 0), (Texts{"1", "2"}));
  EXPECT_EQ(decimals({"0.00000001", "100"}, 8), (Texts{"0.00000001", "100.00000000"}));
}

TEST(HtmlValue, RealsStandBelowEachOther) {
  EXPECT_EQ(reals({1, 2.5, 100.25}), (Texts{"1.00", "2.50", "100.25"}));
  EXPECT_EQ(reals({1, 2}), (Texts{"1", "2"}));
}

TEST(HtmlValue, RealsHaveTheDigitsThatPeopleNeed) {
  EXPECT_EQ(reals({56.12345678901234, 3.0}), (Texts{"56.12", "3.00"})) << "a plain number four";
  EXPECT_EQ(reals({0.73428, -0.5}), (Texts{"0.7343", "−0.5000"}));
  EXPECT_EQ(reals({1.92973, 0.5}, "USDT"), (Texts{"1.9297", "0.5000"})) << "an amount five";
  EXPECT_EQ(reals({65.1442, -1.73135}, "%"), (Texts{"65.14", "−1.73"})) << "a share three";
  EXPECT_EQ(reals({0.0303694, 0.0112}, "%"), (Texts{"0.0304", "0.0112"}));
  EXPECT_EQ(reals({96'407.123456, 1'000'000.5}, "USDT"), (Texts{"96,407.12", "1,000,000.50"}));
}

TEST(HtmlValue, WhatIsNotZeroIsNotShownAsZero) {
  EXPECT_EQ(reals({56.12345678901234, 0.00106})[1], "0.0011") << "two digits at least";
  EXPECT_EQ(reals({56.12345678901234, 0.000123456})[1], "0.00012");
  EXPECT_EQ(reals({56.12345678901234, -1.23456e-12})[1], "−1.235e−12");
  EXPECT_EQ(reals({1e300})[0], "1.000e+300");
  EXPECT_EQ(reals({56.12345678901234, 0.0})[1], "0.00") << "zero is not too small";
}

TEST(HtmlValue, NegativeZeroIsShownAsZero) {
  EXPECT_EQ(reals({-0.0, 1.25})[0], "0.00");
  EXPECT_EQ(alone(value(-0.0)), "<data value=\"-0.0\">0</data>");
  EXPECT_EQ(reals({-0.04, 123456.7})[0], "−0.04");
}

TEST(HtmlValue, AllDigitsOfReals) {
  const std::vector<double> column = {56.12345678901234, -0.000123456, 1e-300, 1234567.25};
  EXPECT_EQ(reals(column, "%", true),
            (Texts{"56.12345678901234", "−0.000123456", "1e−300", "1,234,567.25"}));
}

TEST(HtmlValue, ARealAloneHasNoZerosAtItsEndAndItsExactFormBesideIt) {
  EXPECT_EQ(alone(value(0.30000000000000004)), "<data value=\"0.30000000000000004\">0.3</data>");
  EXPECT_EQ(alone(value(5.0)), "5");
  EXPECT_EQ(alone(value(-0.55784599)), "<data value=\"-0.55784599\">−0.5578</data>");
}

TEST(HtmlValue, AColumnIsAsWideAsItsLongestNumber) {
  EXPECT_EQ(style_of({-1234.5, 2}, "USDT").width, 8U) << "−1,234.5";
  EXPECT_EQ(style_of({0.00123, 2}, "").width, 6U) << "0.0012";
  EXPECT_GE(style_of({1e-30}, "").width, 11U) << "1.000e−30, and a longer exponent";
}

TEST(HtmlValue, TimesEndWhereAllOfThemAreZero) {
  EXPECT_EQ(times({0, 86'400 * kSecond}),
            (Texts{"<time datetime=\"1970-01-01T00:00:00Z\">1970-01-01</time>",
                   "<time datetime=\"1970-01-02T00:00:00Z\">1970-01-02</time>"}));
  EXPECT_EQ(times({kTen})[0], "<time datetime=\"2024-12-20T10:00:00Z\">2024-12-20 10:00</time>");
  EXPECT_EQ(times({kTen, kTen + kSecond})[0],
            "<time datetime=\"2024-12-20T10:00:00Z\">2024-12-20 10:00:00</time>");
  EXPECT_EQ(times({kTen, kTen + 250'000'000})[1],
            "<time datetime=\"2024-12-20T10:00:00.250Z\">2024-12-20 10:00:00.250</time>");
}

TEST(HtmlValue, OtherTypes) {
  EXPECT_EQ(alone(value(true)), "yes");
  EXPECT_EQ(alone(value(false)), "no");
  EXPECT_EQ(alone(value("<b>")), "&lt;b&gt;");
}

TEST(HtmlValue, NullNanAndInfinitiesAreNotShown) {
  EXPECT_FALSE(is_shown(null_value()));
  EXPECT_FALSE(is_shown(value(-INFINITY)));
  bourse_value nan = value(1.0);
  nan.as.f64 = std::nan("");
  EXPECT_FALSE(is_shown(nan));
  EXPECT_TRUE(is_shown(value("")));
  const double column[] = {1.5, INFINITY, std::nan("")};
  EXPECT_EQ(Style::of(Field("x", BOURSE_TYPE_F64), {column, nullptr}, {0, 3}).decimals, 1)
      << "nor are they asked how many decimals they need";
}

}  // namespace
}  // namespace bourse::html
