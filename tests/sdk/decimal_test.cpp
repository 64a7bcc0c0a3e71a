// SPDX-License-Identifier: MIT
//
// What Decimal promises beyond its arithmetic, which decimal_vectors_test.cpp compares with Python.
#include "bourse/decimal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>
#include <limits>
#include <locale>
#include <string>
#include <type_traits>

namespace bourse {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

template <class Function>
std::string message(const Function& function) {
  try {
    function();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no exception";
}

// It all works at compile time, except what needs a double in text or an exception.
constexpr Decimal constant(std::string_view text) { return Decimal::parse(text).value(); }
static_assert(constant("1.10") == constant("1.1") && constant("1.10").scale() == 2);
static_assert(constant("-0.5") < Decimal() && Decimal() < constant("0.00000001"));
static_assert(*checked_add(constant("0.1"), constant("0.2")) == constant("0.3"));
static_assert(*checked_subtract(constant("1"), constant("0.01")) == constant("0.99"));
static_assert(*checked_multiply(constant("1.5"), constant("-2")) == Decimal::of(-3));
static_assert(*checked_divide(Decimal::of(2), Decimal::of(3), 2, Rounding::kHalfUp) ==
              constant("0.67"));
static_assert(*checked_rescale(constant("2.5"), 0, Rounding::kHalfEven) == Decimal::of(2));
static_assert(*checked_nearest(0.1, 1) == constant("0.1"));
static_assert(Decimal::from_wire(constant("-7.25").wire(), 2) == constant("-7.25"));
static_assert(std::is_trivially_copyable_v<Decimal> &&
              std::is_nothrow_default_constructible_v<Decimal>);
static_assert(std::is_nothrow_copy_constructible_v<DecimalError>);

TEST(Decimal, IsZeroByDefault) {
  EXPECT_EQ(Decimal().text(), "0");
  EXPECT_TRUE(Decimal().is_zero());
  EXPECT_EQ(Decimal().sign(), 0);
}

TEST(Decimal, OfTakesEveryInteger) {
  EXPECT_EQ(Decimal::of(std::numeric_limits<std::int64_t>::min()).text(), "-9223372036854775808");
  EXPECT_EQ(Decimal::of(std::numeric_limits<std::int64_t>::max()).text(), "9223372036854775807");
}

TEST(Decimal, MakeRefusesWhatBreaksTheLimits) {
  const Int128 limit = [] {
    Int128 power = 1;
    for (int i = 0; i < 38; ++i) power *= 10;
    return power;
  }();
  const Int128 largest = ~(Int128{1} << 126 << 1);
  EXPECT_TRUE(Decimal::make(limit - 1, 38).has_value());
  EXPECT_TRUE(Decimal::make(1 - limit, -38).has_value());
  for (const Int128 coefficient : {limit, -limit, largest, -largest, -largest - 1}) {
    EXPECT_FALSE(Decimal::make(coefficient, 0).has_value());
  }
  for (const int scale :
       {-39, 39, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
    EXPECT_FALSE(Decimal::make(1, scale).has_value()) << scale;
    EXPECT_FALSE(Decimal::make(0, scale).has_value()) << scale;
  }
}

TEST(Decimal, WireIsTwosComplementInTwoWords) {
  const bourse_i128 minus_one = Decimal::of(-1).wire();
  EXPECT_EQ(minus_one.lo, ~std::uint64_t{0});
  EXPECT_EQ(minus_one.hi, -1);
  const bourse_i128 two_to_64 = Decimal::from("18446744073709551616").wire();
  EXPECT_EQ(two_to_64.lo, 0u);
  EXPECT_EQ(two_to_64.hi, 1);
  EXPECT_EQ(Decimal::from_wire({0, 1}, 0)->text(), "18446744073709551616");
  EXPECT_EQ(Decimal::from_wire({~std::uint64_t{0}, -1}, 3)->text(), "-0.001");
}

TEST(Decimal, WireFromAHostilePluginIsRefusedNotTrusted) {
  EXPECT_FALSE(Decimal::from_wire({0, std::numeric_limits<std::int64_t>::min()}, 0).has_value());
  EXPECT_FALSE(Decimal::from_wire({~std::uint64_t{0}, std::numeric_limits<std::int64_t>::max()}, 0)
                   .has_value());
  EXPECT_FALSE(Decimal::from_wire({1, 0}, std::numeric_limits<std::int32_t>::min()).has_value());
  EXPECT_FALSE(Decimal::from_wire({1, 0}, 39).has_value());
}

TEST(Decimal, KeepsTheScaleItWasWrittenWith) {
  for (const char* text : {"0.00100000", "70292.01000000", "10.00", "0.00", "-0.123", "5"}) {
    EXPECT_EQ(Decimal::from(text).text(), text);
  }
  EXPECT_EQ(Decimal::from("000.10").text(), "0.10");
}

TEST(Decimal, MinusZeroDoesNotExist) {
  EXPECT_EQ(Decimal::from("-0.00").text(), "0.00");
  EXPECT_EQ(Decimal::from("0.00").negated().text(), "0.00");
  EXPECT_EQ(Decimal::nearest(-0.0, 2).text(), "0.00");
  EXPECT_EQ(Decimal::from("-0.004").rescaled(2, Rounding::kHalfUp).text(), "0.00");
  EXPECT_FALSE(std::signbit(Decimal::from("-0").to_double()));
}

TEST(Decimal, ParseRefusesEmptyTextBlanksAndNulBytes) {
  const std::string with_nul("1\0", 2);
  for (std::string_view text :
       {std::string_view(), std::string_view(""), std::string_view(" 1"), std::string_view("1 "),
        std::string_view("1\n"), std::string_view("- 1"), std::string_view(with_nul)}) {
    EXPECT_FALSE(Decimal::parse(text).has_value()) << "'" << text << "'";
  }
}

TEST(Decimal, ParseReadsNothingBehindTheView) {
  EXPECT_EQ(Decimal::parse(std::string_view("12.345", 4))->text(), "12.3");
  EXPECT_FALSE(Decimal::parse(std::string_view("12.345", 3)).has_value());
}

TEST(Decimal, RealVolumesMultiplyExactly) {
  // 28422739480405 x 7931096584188500 = 225423492006319716828576342500, by Python's integers.
  EXPECT_EQ((Decimal::from("284227394804.05000000") * Decimal::from("79310965841885.00")).text(),
            "22542349200631971682857634.2500000000");
}

TEST(Decimal, ProductsWithTooManyDecimalsKeepWhatIsExact) {
  const Decimal tiny = Decimal::from("0.00000000000000000010");  // scale 20, twice makes 40
  EXPECT_EQ((tiny * tiny).text(), "0.00000000000000000000000000000000000001");
  EXPECT_THROW(tiny * Decimal::from("0.00000000000000000001"), DecimalError);
}

TEST(Decimal, SumsThatGainADigitKeepWhatIsExact) {
  const Decimal nines = Decimal::from(std::string(38, '9'));
  EXPECT_EQ((nines + Decimal::of(1)).text(), "1" + std::string(38, '0'));  // at scale -1
  EXPECT_THROW(nines + Decimal::of(2), DecimalError);
}

TEST(Decimal, CompoundAssignmentAddsUp) {
  Decimal sum;
  for (int i = 0; i < 10; ++i) sum += Decimal::from("0.1");
  EXPECT_EQ(sum, Decimal::of(1));
  sum *= Decimal::from("2.50");
  sum -= Decimal::from("0.5");
  EXPECT_EQ(sum.text(), "2.000");
}

TEST(Decimal, AFailedOperationLeavesTheLeftSideAlone) {
  Decimal value = Decimal::from(std::string(38, '9'));
  EXPECT_THROW(value += Decimal::of(2), DecimalError);
  EXPECT_EQ(value.text(), std::string(38, '9'));
}

TEST(Decimal, NegatedAndAbsReachTheLimits) {
  const Decimal largest = Decimal::from(std::string(38, '9'));
  EXPECT_EQ(largest.negated().text(), "-" + std::string(38, '9'));
  EXPECT_EQ(largest.negated().abs(), largest);
}

TEST(DecimalError, NamesTheOperationAndTheOperands) {
  const Decimal large = Decimal::from(std::string(38, '9'));
  EXPECT_THAT(message([&] { return large * Decimal::from("-12.345"); }),
              AllOf(HasSubstr(large.text() + " * -12.345"), HasSubstr("38 digits")));
  EXPECT_THAT(message([&] { return large + Decimal::from("0.1"); }),
              AllOf(HasSubstr(large.text() + " + 0.1"), HasSubstr("38 digits")));
  EXPECT_THAT(message([] { return divide(Decimal::of(7), Decimal(), 2, Rounding::kDown); }),
              HasSubstr("7 cannot be divided by zero"));
  EXPECT_THAT(message([&] { return large.rescaled(8, Rounding::kDown); }),
              AllOf(HasSubstr(large.text()), HasSubstr("8 decimals")));
  EXPECT_THAT(message([] { return Decimal::nearest(1e300, 2); }), HasSubstr("1e+300"));
  EXPECT_THAT(message([] { return Decimal::nearest(std::numeric_limits<double>::infinity(), 2); }),
              HasSubstr("not a finite number"));
}

TEST(DecimalError, QuotesHostileTextShortenedAndPrintable) {
  const std::string hostile = std::string("1\x1b[31m\n\xff") + std::string(1000, 'x');
  const std::string shown = message([&] { return Decimal::from(hostile); });
  EXPECT_THAT(shown, AllOf(HasSubstr("\"1?[31m??xxx"), HasSubstr("x...\""), HasSubstr("-12.50")));
  EXPECT_LT(shown.size(), 250u);
}

struct CommaPoint : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

void expect_points_not_commas() {
  EXPECT_EQ(Decimal::from("1234567.25").text(), "1234567.25");
  EXPECT_FALSE(Decimal::parse("1234567,25").has_value());
  EXPECT_EQ(Decimal::from("1234567.25").to_double(), 1234567.25);
  // 2^-3 with 38 digits: too long for the fast path, so that it goes through text.
  EXPECT_EQ(Decimal::from("0.12500000000000000000000000000000000000").to_double(), 0.125);
  EXPECT_EQ(Decimal::nearest(0.125, 3).text(), "0.125");
  EXPECT_THAT(message([] { return Decimal::nearest(1.5e300, 0); }), HasSubstr("1.5e+300"));
}

TEST(Decimal, IgnoresTheGlobalCppLocale) {
  const std::locale before = std::locale::global(std::locale(std::locale(), new CommaPoint));
  expect_points_not_commas();
  std::locale::global(before);
}

TEST(Decimal, IgnoresTheGlobalCLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  bool found = false;
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8", "ru_RU.UTF-8",
                           "nl_NL.UTF-8", "pt_BR.UTF-8", "it_IT.UTF-8", "es_ES.UTF-8"}) {
    if (found || std::setlocale(LC_ALL, name) == nullptr) continue;
    found = true;
    EXPECT_STREQ(std::localeconv()->decimal_point, ",") << name;
    expect_points_not_commas();
  }
  std::setlocale(LC_ALL, before.c_str());
  if (!found) GTEST_SKIP() << "no locale with a decimal comma is installed";
}

}  // namespace
}  // namespace bourse
