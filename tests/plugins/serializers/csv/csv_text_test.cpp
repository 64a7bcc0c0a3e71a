// SPDX-License-Identifier: MIT
#include "plugins/serializers/csv/csv_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "bourse/report.hpp"

namespace bourse::csv {
namespace {

std::string csv(const bourse_value& v, char delimiter = ',') {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  append_value(out, v, delimiter);
  out.flush();
  return bytes;
}

TEST(CsvText, QuotesOnlyWhatNeedsIt) {  // RFC 4180, section 2, rules 5 to 7
  EXPECT_EQ(csv(value("plain text")), "plain text");
  EXPECT_EQ(csv(value("a,b")), "\"a,b\"");
  EXPECT_EQ(csv(value("say \"hi\"")), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv(value("\"")), "\"\"\"\"");
  EXPECT_EQ(csv(value("two\r\nlines")), "\"two\r\nlines\"");
  EXPECT_EQ(csv(value("a\nb")), "\"a\nb\"");
  EXPECT_EQ(csv(value("a\rb")), "\"a\rb\"");
}

TEST(CsvText, TheDelimiterInUseIsWhatIsQuoted) {
  EXPECT_EQ(csv(value("a;b"), ','), "a;b");
  EXPECT_EQ(csv(value("a;b"), ';'), "\"a;b\"");
  EXPECT_EQ(csv(value("a,b"), ';'), "a,b");
  EXPECT_EQ(csv(value("a\tb"), '\t'), "\"a\tb\"");
}

TEST(CsvText, EmptyTextDiffersFromNull) {
  EXPECT_EQ(csv(value("")), "\"\"");
  EXPECT_EQ(csv(null_value()), "");
}

TEST(CsvText, TextThatASpreadsheetWouldRunIsGuarded) {
  EXPECT_EQ(csv(value("=1+1")), "'=1+1");
  EXPECT_EQ(csv(value("+1")), "'+1");
  EXPECT_EQ(csv(value("-1")), "'-1");
  EXPECT_EQ(csv(value("@SUM(A1)")), "'@SUM(A1)");
  EXPECT_EQ(csv(value("\t=1")), "'\t=1");
  EXPECT_EQ(csv(value("\r=1")), "\"'\r=1\"");
  EXPECT_EQ(csv(value("\n=1")), "\"'\n=1\"");
  EXPECT_EQ(csv(value("=\"a\",1")), "\"'=\"\"a\"\",1\"");
  for (const char* full_width : {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"}) {
    EXPECT_EQ(csv(value(full_width)), "'" + std::string(full_width));
  }
}

TEST(CsvText, HarmlessTextIsNotTouched) {
  for (const char* text :
       {"BTCUSDT", "0=1", " =1", "a=b", "'", "'quoted'", "\xEF\xBC\x81", "(-1)"}) {
    EXPECT_EQ(csv(value(text)), text);
  }
}

TEST(CsvText, TheGuardCanBeTakenAwayAgain) {
  EXPECT_EQ(csv(value("'=1")), "''=1");
  EXPECT_EQ(csv(value("''=1")), "'''=1");
  EXPECT_TRUE(needs_guard("''=1"));
  EXPECT_FALSE(needs_guard("''a"));
}

TEST(CsvText, NumbersAreNeverGuardedNorQuoted) {
  EXPECT_EQ(csv(value(Decimal::from("-0.10"))), "-0.10");
  EXPECT_EQ(csv(value(std::int64_t{-9223372036854775807 - 1})), "-9223372036854775808");
  EXPECT_EQ(csv(value(-2.5)), "-2.5");
  EXPECT_EQ(csv(value(5.0)), "5.0");
  EXPECT_EQ(csv(value(true)), "true");
  EXPECT_EQ(csv(value(Time{-1})), "1969-12-31T23:59:59.999999999Z");
}

TEST(CsvText, NumbersThatAreNotFiniteAreMissing) {
  EXPECT_EQ(csv(value(INFINITY)), "");
  EXPECT_EQ(csv(value(-INFINITY)), "");
  bourse_value nan = value(1.0);
  nan.as.f64 = std::nan("");
  EXPECT_EQ(csv(nan), "");
}

}  // namespace
}  // namespace bourse::csv
