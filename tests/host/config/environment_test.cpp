// SPDX-License-Identifier: MIT
#include "host/config/environment.hpp"

#include <gtest/gtest.h>

#include "tests/host/config/fixture.hpp"

namespace bourse::host::test {
namespace {

/// The expanded text, or the code of the first problem in angle brackets.
std::string expand(std::string_view text) {
  const Expansion expansion = expand_environment(text, test_environment);
  return expansion.problems.empty() ? expansion.text : "<" + expansion.problems[0].code + ">";
}

TEST(Environment, IsReadWhereverItStands) {
  EXPECT_EQ(expand("${PORT}"), "9000");
  EXPECT_EQ(expand("a${PORT}b${PORT}"), "a9000b9000");
  EXPECT_EQ(expand("plain"), "plain");
  EXPECT_EQ(expand(""), "");
}

TEST(Environment, DefaultsStandInForUnsetAndEmpty) {
  EXPECT_EQ(expand("${UNSET:-x}"), "x");
  EXPECT_EQ(expand("${EMPTY:-x}"), "x");
  EXPECT_EQ(expand("${EMPTY}"), "");
  EXPECT_EQ(expand("${PORT:-x}"), "9000");
  EXPECT_EQ(expand("${UNSET:-}"), "");
  EXPECT_EQ(expand("${UNSET:-a:-b}"), "a:-b");
  EXPECT_EQ(expand("${UNSET}"), "<missing_environment>");
}

TEST(Environment, ADoubledDollarIsADollar) {
  EXPECT_EQ(expand("$$"), "$");
  EXPECT_EQ(expand("$${PORT}"), "${PORT}");
  EXPECT_EQ(expand("$$$$"), "$$");
  EXPECT_EQ(expand("$$${PORT}"), "$9000");
}

TEST(Environment, RefusesEveryOtherDollar) {
  for (const char* text : {"$", "$PORT", "a$", "${", "${PORT", "${}", "${1}", "${A B}", "${-x}",
                           "${PORT-x}", "${:-x}", "${ü}", "$ {PORT}"}) {
    EXPECT_EQ(expand(text), "<bad_environment>") << text;
  }
}

TEST(Environment, DoesNotReadWhatItGaveAgain) { EXPECT_EQ(expand("${RECURSIVE}"), "${SECRET}"); }

TEST(Environment, RefusesControlsInValues) {
  const Expansion expansion = expand_environment("${MULTILINE}", test_environment);
  ASSERT_EQ(expansion.problems.size(), 1u);
  EXPECT_EQ(expansion.problems[0].message.find(kSecret), std::string::npos);
}

TEST(Environment, SaysWhetherItHadAPart) {
  EXPECT_TRUE(expand_environment("${PORT}", test_environment).from_environment);
  EXPECT_FALSE(expand_environment("${UNSET:-x}", test_environment).from_environment);
  EXPECT_FALSE(expand_environment("$$", test_environment).from_environment);
}

TEST(Environment, ReportsEveryProblemWithItsPlace) {
  const Expansion expansion = expand_environment("${UNSET} $x ${UNSET2}", test_environment);
  ASSERT_EQ(expansion.problems.size(), 3u);
  EXPECT_EQ(expansion.problems[1].offset, 9u);
  EXPECT_EQ(expansion.problems[1].bytes, 1u);
  EXPECT_EQ(expansion.problems[2].offset, 12u);
  EXPECT_EQ(expansion.problems[2].bytes, 9u);
}

TEST(Environment, OfTheProcessKnowsWhatIsNotSet) {
  EXPECT_EQ(process_environment()("BOURSE_TEST_SURELY_NOT_SET"), std::nullopt);
  EXPECT_TRUE(process_environment()("PATH").has_value());
}

}  // namespace
}  // namespace bourse::host::test
