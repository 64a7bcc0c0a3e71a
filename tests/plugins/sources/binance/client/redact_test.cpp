// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/redact.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

namespace bourse::binance {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 3> kSecrets = {"KEY", "ab+c", ""};

std::string redacted(std::string text) {
  redact(text, kSecrets);
  return text;
}

TEST(Redact, RemovesSecretsAndTheValuesOfAllSignatures) {
  EXPECT_EQ(redacted(""), "");
  EXPECT_EQ(redacted("nothing"), "nothing");
  EXPECT_EQ(redacted("KEY"), "[removed]");
  EXPECT_EQ(redacted("aKEYKEYb"), "a[removed][removed]b");
  EXPECT_EQ(redacted("x ab+c y ab+"), "x [removed] y ab+");
  EXPECT_EQ(redacted("?signature=0011&a=KEY"), "?signature=[removed]&a=[removed]");
  EXPECT_EQ(redacted("signature=ab+c\" signature=ffKEY"),
            "signature=[removed]\" signature=[removed]");
  EXPECT_EQ(redacted("signature=&signature="), "signature=&signature=");
  EXPECT_EQ(redacted("signature=signature=1"), "signature=[removed]");
}

// Replacing in place moves the rest of the text for each of a million.
TEST(Redact, TakesOnePassForTextsMadeOfSignatures) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "signature=1&KEY ";
  const auto start = std::chrono::steady_clock::now();
  redact(text, kSecrets);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 20s);
  EXPECT_TRUE(text.starts_with("signature=[removed]&[removed] signature=[removed]&[removed] "));
  EXPECT_EQ(text.size(), 1'000'000u * 30u);
}

}  // namespace
}  // namespace bourse::binance
