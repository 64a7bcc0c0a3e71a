// SPDX-License-Identifier: MIT
#include "host/base/ascii.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>
#include <string>

namespace bourse::host {
namespace {

/// The C library in its "C" locale, in which a test program starts, is the second implementation.
TEST(Ascii, IsWhatTheCLocaleSays) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    EXPECT_EQ(is_digit(c), std::isdigit(byte) != 0) << byte;
    EXPECT_EQ(is_lower(c), std::islower(byte) != 0) << byte;
    EXPECT_EQ(is_upper(c), std::isupper(byte) != 0) << byte;
    EXPECT_EQ(is_alphanumeric(c), std::isalnum(byte) != 0) << byte;
    EXPECT_EQ(lower_case(c), static_cast<char>(std::tolower(byte))) << byte;
    EXPECT_EQ(hex_value(c) >= 0, std::isxdigit(byte) != 0) << byte;
  }
  EXPECT_EQ(lower_case(std::string_view("A-Z_09 \xC3\x84")), "a-z_09 \xC3\x84");
}

TEST(Ascii, LettersOfEitherCaseAreEqualAndNothingElseIs) {
  EXPECT_TRUE(equal_ignoring_case("Content-TYPE", "content-type"));
  EXPECT_TRUE(equal_ignoring_case("", ""));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  // They differ by 0x20 as letters do, and are none.
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
  EXPECT_FALSE(equal_ignoring_case("@", "`"));
  EXPECT_FALSE(equal_ignoring_case("\x10", "0"));
  EXPECT_FALSE(equal_ignoring_case("\xC4", "\xE4"));
}

TEST(Ascii, EveryByteIsItselfWhenItWasEncoded) {
  for (int byte = 0; byte < 256; ++byte) {
    std::string encoded;
    append_percent_encoded(encoded, static_cast<char>(byte));
    char expected[4];
    std::snprintf(expected, sizeof expected, "%%%02X", static_cast<unsigned>(byte));
    EXPECT_EQ(encoded, expected);
    EXPECT_EQ(percent_decoded(encoded), static_cast<char>(byte));
    EXPECT_EQ(percent_decoded(lower_case(encoded) + "x"), static_cast<char>(byte));
  }
}

TEST(Ascii, WhatIsNoEscapeStandsForNothing) {
  for (const char* text :
       {"", "%", "%4", "4A", "%4G", "%G4", "% 4", "%+4", "%-1", "%%4", "%\x14\x41", "a%41"}) {
    EXPECT_FALSE(percent_decoded(text)) << text;
  }
}

}  // namespace
}  // namespace bourse::host
