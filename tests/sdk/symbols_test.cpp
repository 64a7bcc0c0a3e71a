// SPDX-License-Identifier: MIT
#include "bourse/symbols.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace bourse {
namespace {

constexpr std::array<std::string_view, 5> kKnown = {"BTCUSDT", "ETHUSDT", "SOLUSDT", "ETHBTC",
                                                    "1INCHUSDT"};

std::string meant(std::string_view asked) { return near_symbol(asked, kKnown).value_or("nothing"); }

TEST(NearSymbol, OverlooksCaseAndWhatStandsBetweenTheAssets) {
  EXPECT_EQ(meant("btcusdt"), "BTCUSDT");
  EXPECT_EQ(meant("ETH-BTC"), "ETHBTC");
  EXPECT_EQ(meant("eth/usdt"), "ETHUSDT");
  EXPECT_EQ(meant("1inch_usdt"), "1INCHUSDT");
}

TEST(NearSymbol, ForgivesOneSlip) {
  EXPECT_EQ(meant("BTCUSD"), "BTCUSDT");    // one missing
  EXPECT_EQ(meant("BTCUSSDT"), "BTCUSDT");  // one too many
  EXPECT_EQ(meant("SOLUSDZ"), "SOLUSDT");   // one replaced
  EXPECT_EQ(meant("EHTUSDT"), "ETHUSDT");   // two swapped
  EXPECT_EQ(meant("EHTUSDZ"), "nothing");   // two slips
}

TEST(NearSymbol, CompletesAnAsset) {
  EXPECT_EQ(meant("ETH"), "ETHUSDT");
  EXPECT_EQ(meant("ET"), "nothing");
}

TEST(NearSymbol, IsNotLostInOddTexts) {
  EXPECT_EQ(meant(""), "nothing");
  EXPECT_EQ(meant("///"), "nothing");
  EXPECT_EQ(meant(std::string(100'000, 'B')), "nothing");
  EXPECT_EQ(meant(std::string(100'000, '/').append("BTCUSDT")), "nothing");
  EXPECT_EQ(meant("\xE4\xBD\xA0\xE5\xA5\xBD"), "nothing");
}

TEST(NoSuchSymbol, IsASentenceWithARemedy) {
  EXPECT_EQ(no_such_symbol("btcusdt", kKnown),
            "There is no market \"btcusdt\"; did you mean BTCUSDT?");
  EXPECT_EQ(no_such_symbol("BTCUSDT", kKnown),
            "The market \"BTCUSDT\" is listed, and was not found all the same.");
  EXPECT_EQ(no_such_symbol("XYZ\n", kKnown),
            "There is no market \"XYZ?\"; there are BTCUSDT, ETHUSDT, SOLUSDT, ETHBTC, 1INCHUSDT.");
  EXPECT_EQ(no_such_symbol("XYZ", std::array<std::string_view, 0>{}),
            "There is no market \"XYZ\".");
  EXPECT_EQ(
      no_such_symbol("XYZ", std::array<std::string_view, 7>{"A", "B", "C", "D", "E", "F", "G"}),
      "There is no market \"XYZ\"; there are A, B, C, D, E and 2 more.");
}

TEST(KnownSymbol, FindsItOrBlamesTheParameter) {
  EXPECT_EQ(known_symbol("SOLUSDT", kKnown), 2u);
  try {
    known_symbol("nope", kKnown, "pair");
    FAIL() << "an unknown market was found";
  } catch (const Error& e) {
    EXPECT_EQ(e.status(), BOURSE_NOT_FOUND);
    EXPECT_EQ(e.code(), "symbol_not_found");
    EXPECT_EQ(e.parameter(), "pair");
  }
}

TEST(SymbolFault, LettersAndDigitsOfAnyScriptAndThreeSigns) {
  for (const char* good :
       {"BTCUSDT", "1INCHUSDT", "币安人生USDT", "BTC-USD", "BTC_USD.P", "btc", "ÄÖUSDT", "x"}) {
    EXPECT_EQ(symbol_fault(good), nullptr) << good;
  }
  EXPECT_TRUE(is_symbol(std::string(40, 'A')));
}

TEST(SymbolFault, SaysWhatIsWrong) {
  EXPECT_STREQ(symbol_fault(""), "is empty");
  EXPECT_STREQ(symbol_fault(std::string(41, 'A')), "is longer than 40 bytes");
  EXPECT_STREQ(symbol_fault("BTC USDT"), "has a blank");
  EXPECT_STREQ(symbol_fault("BTC\xC3"), "is not UTF-8");
  EXPECT_STREQ(symbol_fault("BTC\xED\xA0\x80"), "is not UTF-8");  // half of a surrogate pair
  for (const char* hidden : {"BTC\n", "BTC\x7F", "\xC2\x85", "\xE2\x80\xAEUSDT", "\xE2\x81\xA6",
                             "\xE3\x80\x80", "\xEF\xBB\xBFX", "\xEF\xBF\xBF"}) {
    EXPECT_STREQ(symbol_fault(hidden), "has a character that cannot be seen") << hidden;
  }
  for (const char* sign : {"A/B", "A,B", "A&B", "A%41", "A?B", "\"A\"", "A+B", "<A>", "A:B"}) {
    EXPECT_STREQ(symbol_fault(sign), "has punctuation other than - _ .") << sign;
  }
}

TEST(SymbolFault, WhatAPathWouldTakeForAFolderIsNone) {
  EXPECT_FALSE(is_symbol("."));
  EXPECT_FALSE(is_symbol(".."));
  EXPECT_TRUE(is_symbol("..."));
  EXPECT_FALSE(is_symbol("\xE2\xA0\x80"));  // the empty pattern of Braille looks like a blank
}

TEST(EachOnce, KeepsTheFirstOfEqualOnes) {
  const std::vector<std::string> names = {"B", "A", "B", "C", "A"};
  EXPECT_EQ(each_once(names), (std::vector<std::string_view>{"B", "A", "C"}));
}

TEST(NamesSymbol, NotWithinALongerName) {
  EXPECT_TRUE(names_symbol("No ticker of BTCUSDT.", "BTCUSDT"));
  EXPECT_TRUE(names_symbol("ABTCUSDT, BTCUSDT", "BTCUSDT"));
  EXPECT_TRUE(names_symbol("BTCUSDT", "BTCUSDT"));
  EXPECT_FALSE(names_symbol("1000BTCUSDT: old", "BTCUSDT"));
  EXPECT_FALSE(names_symbol("BTCUSDT-PERP", "BTCUSDT"));
  EXPECT_FALSE(names_symbol("人BTCUSDT", "BTCUSDT"));
  EXPECT_FALSE(names_symbol("anything", ""));
}

TEST(NoSuchSymbol, ShowsNamesOfAnyScriptAsTheyAre) {
  EXPECT_EQ(no_such_symbol("币安人生USDC", std::array<std::string_view, 1>{"A"}),
            "There is no market \"币安人生USDC\"; there are A.");
  EXPECT_EQ(no_such_symbol("A\n\xE2\x80\xAE\xFF", std::array<std::string_view, 1>{"BCD"}),
            "There is no market \"A???\"; there are BCD.");
}

}  // namespace
}  // namespace bourse
