// SPDX-License-Identifier: MIT
#include "bourse/text.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <locale>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bourse/render.hpp"

namespace bourse {
namespace {

std::string real(double value) {
  std::string out;
  append_real(out, value);
  return out;
}
std::string integer(std::int64_t value) {
  std::string out;
  append_integer(out, value);
  return out;
}
std::string decimal(bourse_i128 coefficient, int scale) {
  std::string out;
  append_decimal(out, coefficient, scale);
  return out;
}
std::string time(std::int64_t ns) {
  std::string out;
  append_time(out, Time{ns});
  return out;
}

template <class T>
T number(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::runtime_error("not a number: " + std::string(text));
  }
  return value;
}

struct Vector {
  std::string kind, input, expected;
};

std::vector<Vector> vectors(std::string_view kind) {
  std::ifstream file(BOURSE_TEXT_VECTORS);
  std::vector<Vector> out;
  for (Vector v; std::getline(file, v.kind, '\t') && std::getline(file, v.input, '\t') &&
                 std::getline(file, v.expected);) {
    if (v.kind == kind) out.push_back(v);
  }
  return out;
}

// ---- numbers and times, against Python's float, decimal and datetime ----------------------------

TEST(Text, RealsReadAsPythonsRepr) {
  const auto all = vectors("real");
  ASSERT_GT(all.size(), 50'000U);
  for (const Vector& v : all) {
    ASSERT_EQ(real(std::bit_cast<double>(number<std::uint64_t>(v.input, 16))), v.expected)
        << v.input;
  }
}

TEST(Text, RealsHaveTheFewestDigitsThatReadBackTheSame) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    char text[kRealTextMax];
    const char* const end = write_real(text, value);
    ASSERT_LE(end - text, static_cast<std::ptrdiff_t>(kRealTextMax));
    double back = 0;
    ASSERT_EQ(std::from_chars(text, end, back).ptr, end);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value));
  }
}

TEST(Text, RealsThatAreNoNumbersAreNamed) {
  EXPECT_EQ(real(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(real(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(real(-std::numeric_limits<double>::infinity()), "-inf");
}

TEST(Text, IntegersReachBothEnds) {
  const auto all = vectors("integer");
  ASSERT_GT(all.size(), 2'000U);
  for (const Vector& v : all) EXPECT_EQ(integer(number<std::int64_t>(v.input)), v.expected);
}

TEST(Text, DecimalsShowAllTheirDecimalsAsPythonDoes) {
  const auto all = vectors("decimal");
  ASSERT_GT(all.size(), 9'000U);
  for (const Vector& v : all) {
    const std::size_t colon = v.input.find(':');
    const Decimal coefficient = Decimal::from(v.input.substr(0, colon));
    const int scale = number<int>(std::string_view(v.input).substr(colon + 1));
    ASSERT_EQ(decimal(coefficient.wire(), scale), v.expected) << v.input;
  }
}

TEST(Text, ADecimalThatNoReportMayHoldIsAnErrorNotGarbage) {
  EXPECT_THROW(decimal({~0ULL, std::numeric_limits<std::int64_t>::max()}, 0), Error);
  EXPECT_THROW(decimal({1, 0}, 39), Error);
  EXPECT_THROW(decimal({1, 0}, -39), Error);
}

TEST(Text, TimesAreWhatPythonsDatetimeSays) {
  const auto all = vectors("time");
  ASSERT_GT(all.size(), 6'000U);
  for (const Vector& v : all) ASSERT_EQ(time(number<std::int64_t>(v.input)), v.expected) << v.input;
}

TEST(Text, TimesShowNoMoreDecimalsThanTheyHave) {
  EXPECT_EQ(time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(time(250'000'000), "1970-01-01T00:00:00.250Z");
  EXPECT_EQ(time(1'000), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(time(1), "1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(time(-1), "1969-12-31T23:59:59.999999999Z");
}

TEST(Text, TheLocaleChangesNothing) {
  struct Commas : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale(), new Commas));
  const std::string text = real(1234567.5) + integer(1234567) + decimal({1234567, 0}, 2);
  std::locale::global(before);
  EXPECT_EQ(text, "1234567.5123456712345.67");
}

// ---- the buffer ---------------------------------------------------------------------------------

TEST(BlockBuffer, HandsOnWholeBlocksInOrderAndLosesNothing) {
  std::string all;
  std::vector<std::size_t> sizes;
  BlockBuffer out([&](std::string_view block) {
    all += block;
    sizes.push_back(block.size());
  });
  std::string expected;
  for (int i = 0; i < 5'000; ++i) {
    append_integer(out, i);
    append_integer(expected, i);
    const std::string text(static_cast<std::size_t>(i % 97), static_cast<char>('a' + i % 26));
    out.append(text);
    expected += text;
  }
  const std::string long_text(3 * BlockBuffer::kBytes + 17, 'z');
  out.append(long_text);
  expected += long_text;
  out.put('!');
  expected += '!';
  out.flush();
  EXPECT_EQ(all, expected);
  for (const std::size_t size : sizes) EXPECT_LE(size, BlockBuffer::kBytes);
  EXPECT_LE(sizes.size(), expected.size() / BlockBuffer::kBytes + 3);
}

TEST(BlockBuffer, FlushingNothingTellsNobody) {
  int calls = 0;
  BlockBuffer out([&](std::string_view) { ++calls; });
  out.flush();
  out.append("");
  out.flush();
  EXPECT_EQ(calls, 0);
}

TEST(BlockBuffer, WhatTheSinkThrowsPassesThrough) {
  BlockBuffer out([](std::string_view) { throw std::runtime_error("the client went away"); });
  EXPECT_THROW(out.append(std::string(BlockBuffer::kBytes + 1, 'x')), std::runtime_error);
}

// ---- UTF-8 --------------------------------------------------------------------------------------

TEST(Utf8Length, TellsCharactersFromBytesThatAreNone) {
  EXPECT_EQ(utf8_length("a"), 1U);
  EXPECT_EQ(utf8_length(std::string_view("\0", 1)), 1U);
  EXPECT_EQ(utf8_length("\xC3\xA9x"), 2U);
  EXPECT_EQ(utf8_length("\xE2\x82\xAC"), 3U);
  EXPECT_EQ(utf8_length("\xF4\x8F\xBF\xBF"), 4U);
  for (const char* bad : {"", "\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF",
                          "\xED\xA0\x80", "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                          "\xF5\x80\x80\x80", "\xF0\x9F\x9A", "\xFF"}) {
    EXPECT_EQ(utf8_length(bad), 0U) << testing::PrintToString(bad);
  }
}

TEST(Utf8Length, AcceptsExactlyTheCharactersOfUnicode) {
  std::size_t accepted = 0;
  for (std::uint32_t c = 0; c < 0x110000; ++c) {
    std::string text;  // encoded by hand, surrogates and all
    if (c < 0x80) {
      text = {static_cast<char>(c)};
    } else if (c < 0x800) {
      text = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
    } else if (c < 0x10000) {
      text = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
              static_cast<char>(0x80 | (c & 63))};
    } else {
      text = {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
              static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
    }
    const bool surrogate = c >= 0xD800 && c < 0xE000;
    ASSERT_EQ(utf8_length(text), surrogate ? 0 : text.size()) << c;
    accepted += utf8_length(text) != 0 ? 1 : 0;
  }
  EXPECT_EQ(accepted, 0x110000U - 0x800U);
}

// ---- render.hpp ---------------------------------------------------------------------------------

TEST(NotFinite, CountsWhatIsShownAndNamesThePlace) {
  const double nan = std::nan("");
  const std::vector<double> values = {1, nan, INFINITY, nan};
  const std::uint8_t valid = 0b0111;  // the last one is null: it is missing already
  const Field field("rsi", BOURSE_TYPE_F64);
  const bourse_field* const fields[] = {&field};
  const bourse_array columns[] = {{values.data(), &valid}};
  bourse_table table{};
  table.size = sizeof table;
  table.n_fields = 1;
  table.n_rows = values.size();
  table.name = "series";
  table.fields = fields;
  table.columns = columns;
  NotFinite found;
  EXPECT_FALSE(found.text());
  found.add(TableView(table));
  EXPECT_EQ(found.text(),
            "2 numbers are not finite and are shown as missing: column rsi of table series (2)");
}

TEST(NotFinite, IsBoundedForManyPlaces) {
  const Field field("x", BOURSE_TYPE_F64);
  bourse_scalar scalar{sizeof(bourse_scalar), 0, &field, {}};
  scalar.value.type = BOURSE_TYPE_F64;
  scalar.value.as.f64 = INFINITY;
  NotFinite found;
  for (int i = 0; i < 1'000; ++i) found.add(scalar);
  const std::string text = found.text().value();
  EXPECT_LT(text.size(), 300U);
  EXPECT_TRUE(text.starts_with("1000 numbers are not finite")) << text;
  EXPECT_TRUE(text.ends_with(" and 990 more places")) << text;
}

}  // namespace
}  // namespace bourse
