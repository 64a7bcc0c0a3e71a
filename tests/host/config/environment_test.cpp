// SPDX-License-Identifier: MIT
#include "host/config/environment.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

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

class SecretFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = testing::TempDir() + "bourse-environment-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& content) {
    std::ofstream(folder_ / "secret", std::ios::binary) << content;
    return folder_ / "secret";
  }

  static Expansion expand_with(const std::string& text,
                               std::map<std::string, std::string> variables) {
    return expand_environment(text, [&](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    });
  }

  std::filesystem::path folder_;
};

TEST_F(SecretFile, StandsInForAVariableThatIsNotSet) {
  const Expansion expansion = expand_with("a${KEY}b", {{"KEY_FILE", write("s3cret")}});
  EXPECT_EQ(expansion.text, "as3cretb");
  EXPECT_TRUE(expansion.from_environment);
}

TEST_F(SecretFile, LosesOneLineEndAndNothingElse) {
  EXPECT_EQ(expand_with("${KEY}", {{"KEY_FILE", write("s3cret\n")}}).text, "s3cret");
  EXPECT_EQ(expand_with("${KEY}", {{"KEY_FILE", write("s3cret\r\n")}}).text, "s3cret");
  EXPECT_EQ(expand_with("${KEY}", {{"KEY_FILE", write(" s3cret ")}}).text, " s3cret ");
  const Expansion two = expand_with("${KEY}", {{"KEY_FILE", write("s3cret\n\n")}});
  ASSERT_EQ(two.problems.size(), 1u);
  EXPECT_EQ(two.problems[0].code, "bad_environment");
}

TEST_F(SecretFile, YieldsToTheVariableItself) {
  EXPECT_EQ(expand_with("${KEY}", {{"KEY", "set"}, {"KEY_FILE", write("s3cret")}}).text, "set");
  EXPECT_EQ(expand_with("${KEY:-x}", {{"KEY_FILE", ""}}).text, "x");
  EXPECT_EQ(expand_with("${KEY:-x}", {{"KEY_FILE", write("")}}).text, "x");
}

TEST_F(SecretFile, ThatCannotBeReadIsAProblemEvenWithADefault) {
  for (const auto& path : {folder_ / "missing", folder_}) {
    const Expansion expansion = expand_with("${KEY:-x}", {{"KEY_FILE", path}});
    ASSERT_EQ(expansion.problems.size(), 1u) << path;
    EXPECT_EQ(expansion.problems[0].code, "bad_environment");
    EXPECT_NE(expansion.problems[0].message.find("KEY_FILE"), std::string::npos);
  }
}

TEST_F(SecretFile, LongerThan64KiBIsRefusedNotCut) {
  EXPECT_EQ(expand_with("${KEY}", {{"KEY_FILE", write(std::string(65536, 'k') + "\n")}}).text,
            std::string(65536, 'k'));
  for (const std::size_t bytes : {65537u, 65538u, 65539u, 200'000u}) {
    const auto expansion = expand_with("${KEY}", {{"KEY_FILE", write(std::string(bytes, 'k'))}});
    ASSERT_EQ(expansion.problems.size(), 1u) << bytes;
    EXPECT_EQ(expansion.problems[0].message.find("kkkk"), std::string::npos);
  }
}

TEST(Environment, OfTheProcessKnowsWhatIsNotSet) {
  EXPECT_EQ(process_environment()("BOURSE_TEST_SURELY_NOT_SET"), std::nullopt);
  EXPECT_TRUE(process_environment()("PATH").has_value());
}

}  // namespace
}  // namespace bourse::host::test
