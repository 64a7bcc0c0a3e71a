// SPDX-License-Identifier: MIT
#include "host/http/conditional.hpp"

#include <gtest/gtest.h>

namespace bourse::host::test {
namespace {

// RFC 9110, 8.8.3.2: the table of strong and weak comparison, of which ours are strong.
TEST(Conditional, ComparesAsTheTableOfTheRfc) {
  EXPECT_FALSE(names_strongly("W/\"1\"", "\"1\""));
  EXPECT_TRUE(names_weakly("W/\"1\"", "\"1\""));
  EXPECT_FALSE(names_weakly("W/\"2\"", "\"1\""));
  EXPECT_TRUE(names_strongly("\"1\"", "\"1\""));
  EXPECT_TRUE(names_weakly("\"1\"", "\"1\""));
}

// RFC 9110, 13.1.2: its examples.
TEST(Conditional, ReadsTheExamplesOfTheRfc) {
  EXPECT_TRUE(names_weakly("\"xyzzy\"", "\"xyzzy\""));
  EXPECT_TRUE(names_weakly("W/\"xyzzy\"", "\"xyzzy\""));
  EXPECT_TRUE(names_weakly("\"xyzzy\", \"r2d2xxxx\", \"c3piozzzz\"", "\"c3piozzzz\""));
  EXPECT_TRUE(names_weakly("W/\"xyzzy\", W/\"r2d2xxxx\", W/\"c3piozzzz\"", "\"r2d2xxxx\""));
  EXPECT_TRUE(names_weakly("*", "\"any\""));
}

// T2 and T3 of the facts.
TEST(Conditional, TheScannerKnowsQuotes) {
  EXPECT_TRUE(names_weakly("\"x\", W/\"e-gz\" , \"y\"", "\"e-gz\""));
  EXPECT_FALSE(names_weakly("\"a,b\"", "\"b\""));
  EXPECT_TRUE(names_weakly("\"a,b\"", "\"a,b\""));
  EXPECT_FALSE(names_weakly("e", "\"e\"")) << "not quoted";
  EXPECT_FALSE(names_weakly("w/\"e\"", "\"e\""));
  EXPECT_FALSE(names_weakly("W\\\"e\"", "\"e\""));
  EXPECT_FALSE(names_weakly("\"e", "\"e\"")) << "no end";
  EXPECT_FALSE(names_weakly("\"e\"x", "\"e\"")) << "something else";
  EXPECT_FALSE(names_weakly("*, \"x\"", "\"e\"")) << "only alone";
  EXPECT_TRUE(names_weakly("junk, \"e\"", "\"e\"")) << "what cannot be read spoils no other";
  EXPECT_TRUE(names_weakly(",, \"e\" ,", "\"e\"")) << "empty members: RFC 9110, 5.6.1";
  EXPECT_TRUE(names_weakly("\"\"", "\"\""));
  EXPECT_FALSE(names_weakly("", "\"\""));
}

// RFC 9110, 13.2.2.
TEST(Conditional, IsEvaluatedInTheOrderOfTheRfc) {
  EXPECT_EQ(evaluate("", "", "\"e\""), Condition::kSend);
  EXPECT_EQ(evaluate("", "\"e\"", "\"e\""), Condition::kNotModified);
  EXPECT_EQ(evaluate("", "\"x\"", "\"e\""), Condition::kSend);
  EXPECT_EQ(evaluate("\"other\"", "", "\"e\""), Condition::kFailed);  // T6
  EXPECT_EQ(evaluate("\"other\"", "\"e\"", "\"e\""), Condition::kFailed);
  EXPECT_EQ(evaluate("\"e\"", "\"e\"", "\"e\""), Condition::kNotModified);
  EXPECT_EQ(evaluate("W/\"e\"", "", "\"e\""), Condition::kFailed) << "strong comparison";
  EXPECT_EQ(evaluate("*", "", "\"e\""), Condition::kSend);
}

}  // namespace
}  // namespace bourse::host::test
