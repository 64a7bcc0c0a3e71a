// SPDX-License-Identifier: MIT
#include "host/base/access.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bourse::host::test {
namespace {

const std::vector<AccessToken> kTokens = {{"", "0123456789abcdef"},
                                          {"grafana", "second-token_is~longer+/=="}};

std::string verdict(const AccessList& list, const std::string& authorization) {
  const auto pass = list.admit(authorization);
  return pass ? "passes" : std::to_string(pass.failure().status) + " " + pass.failure().code;
}

TEST(Access, WithoutTokensEverybodyMay) {
  EXPECT_TRUE(AccessList().is_public());
  EXPECT_EQ(verdict(AccessList(), ""), "passes");
  EXPECT_EQ(verdict(AccessList(), "Bearer whatever"), "passes");
}

TEST(Access, EveryTokenOfTheListPasses) {
  const AccessList list(kTokens);
  EXPECT_FALSE(list.is_public());
  EXPECT_EQ(verdict(list, "Bearer 0123456789abcdef"), "passes");
  EXPECT_EQ(verdict(list, "bearer second-token_is~longer+/=="), "passes") << "RFC 9110, 11.1";
  EXPECT_EQ(verdict(list, "BEARER   0123456789abcdef"), "passes");
}

TEST(Access, NothingElseDoes) {
  const AccessList list(kTokens);
  for (const char* const none : {"", "Bearer", "Basic MDEyMzQ1Njc4OWFiY2RlZg==", "0123456789abcdef",
                                 "BearerX 0123456789abcdef"}) {
    EXPECT_EQ(verdict(list, none), "401 token_missing") << none;
  }
  for (const char* const wrong :
       {"Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0", "Bearer 0123456789ABCDEF",
        "Bearer 0123456789abcdef ", "Bearer 0123456789abcdef, Bearer x",
        "Bearer second-token_is~longer+/="}) {
    EXPECT_EQ(verdict(list, wrong), "401 token_refused") << wrong;
  }
  EXPECT_EQ(verdict(list, std::string("Bearer 0123456789abcdef\0", 24)), "401 token_refused");
}

TEST(Access, ARefusalNamesNoToken) {
  const AccessList list(kTokens);
  const auto refused = list.admit("Bearer my-own-secret-token");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().message.find("my-own"), std::string::npos);
  EXPECT_EQ(refused.failure().message.find("0123"), std::string::npos);
}

TEST(Access, SaysWhoseTokenItWasAndNotWhatItIs) {
  const AccessList list(kTokens);
  const auto first = list.admit("Bearer 0123456789abcdef");
  const auto second = list.admit("Bearer second-token_is~longer+/==");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->name, "");
  EXPECT_EQ(second->name, "grafana");
  // Its SHA-256: printf %s 0123456789abcdef | sha256sum
  EXPECT_EQ(first->key.substr(0, 4), "\x9f\x9f\x51\x11");
  EXPECT_EQ(first->key.size(), 32U);
  EXPECT_NE(first->key, second->key);
  EXPECT_EQ(AccessList(kTokens).admit("Bearer 0123456789abcdef")->key, first->key);
  EXPECT_TRUE(AccessList().admit("")->key.empty());
}

TEST(Access, KnowsWhatATokenLooksLike) {
  EXPECT_TRUE(is_access_token("0123456789abcdef"));
  EXPECT_TRUE(is_access_token("AZaz09-._~+/abcd=="));
  EXPECT_TRUE(is_access_token(std::string(512, 'x')));
  for (const std::string& bad :
       {std::string(), std::string(15, 'x'), std::string(513, 'x'), std::string(16, '='),
        std::string("0123456789abcde f"), std::string("0123456789=abcdef"),
        std::string("0123456789abcd\xc3\xa9"), std::string("0123456789abcdef\n")}) {
    EXPECT_FALSE(is_access_token(bad)) << bad;
  }
}

}  // namespace
}  // namespace bourse::host::test
