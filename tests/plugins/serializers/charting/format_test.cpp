// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/format.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "bourse/report.hpp"

namespace bourse::charting {
namespace {

std::string shown(const bourse_value& v, const char* format, const char* unit = nullptr,
                  bourse_type type = BOURSE_TYPE_I64) {
  bourse_field field{};
  field.size = sizeof field;
  field.type = type;
  field.name = "f";
  field.unit = unit;
  field.format = format;
  return formatted(v, field).value_or("as it is");
}

std::string seconds(double v) { return shown(value(v), "duration", "s", BOURSE_TYPE_F64); }

TEST(Format, ADurationIsItsTwoLargestUnits) {  // all by hand
  EXPECT_EQ(shown(value(std::int64_t{4'980}), "duration", "s"), "1 h 23 min");
  EXPECT_EQ(shown(value(std::int64_t{4'980'000'000'000}), "duration", "ns"), "1 h 23 min");
  EXPECT_EQ(seconds(0), "0 s");
  EXPECT_EQ(seconds(45.25), "45.25 s");
  EXPECT_EQ(seconds(3'600), "1 h");
  EXPECT_EQ(seconds(90), "1 min 30 s");
  EXPECT_EQ(seconds(-90),
            "\xE2\x88\x92"
            "1 min 30 s");
  EXPECT_EQ(seconds(180'000), "2 d 2 h");
  EXPECT_EQ(seconds(0.0032), "3.2 ms");
  EXPECT_EQ(seconds(3'599.9), "1 h") << "rounded first: not 59 min 60 s";
  EXPECT_EQ(seconds(86'399), "1 d") << "and not 24 h";
  EXPECT_EQ(shown(value(Decimal::from("1.5")), "duration", "min", BOURSE_TYPE_DECIMAL),
            "1 min 30 s");
}

TEST(Format, ADurationOfNoKnownUnitIsANumber) {
  EXPECT_EQ(shown(value(std::int64_t{5}), "duration"), "as it is");
  EXPECT_EQ(shown(value(std::int64_t{5}), "duration", "USDT"), "as it is");
  EXPECT_EQ(shown(null_value(), "duration", "s"), "as it is");
  EXPECT_EQ(seconds(1e300), "as it is");
}

TEST(Format, ADateHasNoClock) {
  EXPECT_EQ(shown(value(Time{1'734'688'800'000'000'000}), "date", nullptr, BOURSE_TYPE_TIME),
            "2024-12-20");
  EXPECT_EQ(shown(value(Time{-1}), "date", nullptr, BOURSE_TYPE_TIME), "1969-12-31");
  EXPECT_EQ(shown(value(std::int64_t{20'241'220}), "date"), "as it is");
}

TEST(Format, HexIsOfIntegers) {
  EXPECT_EQ(shown(value(std::int64_t{500}), "hex"), "0x1f4");
  EXPECT_EQ(shown(value(std::int64_t{-1}), "hex"), "-0x1");
  EXPECT_EQ(shown(value(std::numeric_limits<std::int64_t>::min()), "hex"), "-0x8000000000000000");
  EXPECT_EQ(shown(value(1.5), "hex", nullptr, BOURSE_TYPE_F64), "as it is");
}

TEST(Format, UnitsStandBesideNumbersNotBesideWords) {
  bourse_field field{};
  field.type = BOURSE_TYPE_F64;
  field.name = "f";
  EXPECT_EQ(unit_beside(field), "");
  field.format = "percent";
  EXPECT_EQ(unit_beside(field), "%");
  field.unit = "% a year";
  EXPECT_EQ(unit_beside(field), "% a year");
  field.format = "duration";
  field.unit = "s";
  EXPECT_EQ(unit_beside(field), "");
  EXPECT_EQ(unit_on_axis(field), "s") << "the numbers of an axis are never words";
}

TEST(Format, OthersChangeNothing) {
  EXPECT_EQ(shown(value(1.5), "x-unheard-of", nullptr, BOURSE_TYPE_F64), "as it is");
  EXPECT_EQ(shown(value(1.5), nullptr, nullptr, BOURSE_TYPE_F64), "as it is");
}

}  // namespace
}  // namespace bourse::charting
