// SPDX-License-Identifier: MIT
#include "host/config/path_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bourse::host {
namespace {

using ::testing::ElementsAre;

TEST(PathTemplate, IsSegmentsOfTextAndVariables) {
  const ParsedPath parsed = parse_path_template("/api/v1/{symbol}/csv");
  ASSERT_TRUE(parsed.problems.empty());
  const auto& segments = parsed.path.segments;
  ASSERT_EQ(segments.size(), 4u);
  EXPECT_EQ(segments[0].text, "api");
  EXPECT_FALSE(segments[0].variable);
  EXPECT_EQ(segments[2].text, "symbol");
  EXPECT_TRUE(segments[2].variable);
  EXPECT_TRUE(parsed.path.has_variable("symbol"));
  EXPECT_FALSE(parsed.path.has_variable("csv"));
  EXPECT_THAT(parsed.path.variables(), ElementsAre("symbol"));
}

TEST(PathTemplate, OfOneShapeMatchTheSamePaths) {
  EXPECT_EQ(parse_path_template("/a/{x}/b").path.shape(), "/a/{}/b");
  EXPECT_EQ(parse_path_template("/a/{y}/b").path.shape(), "/a/{}/b");
  EXPECT_EQ(parse_path_template("/").path.shape(), "/");
}

TEST(PathTemplate, TakesEveryCharacterThatNeedsNoEscape) {
  EXPECT_TRUE(parse_path_template("/aZ09-._~!$&'()*+,;=:@").problems.empty());
  EXPECT_TRUE(parse_path_template("/...").problems.empty());
  EXPECT_TRUE(parse_path_template("/").problems.empty());
}

TEST(PathTemplate, SaysWhichStretchIsWrong) {
  const ParsedPath parsed = parse_path_template("/a//{B}/c d");
  ASSERT_EQ(parsed.problems.size(), 3u);
  EXPECT_EQ(parsed.problems[0].offset, 2u);
  EXPECT_EQ(parsed.problems[0].bytes, 1u);
  EXPECT_EQ(parsed.problems[1].offset, 4u);
  EXPECT_EQ(parsed.problems[1].bytes, 3u);
  EXPECT_EQ(parsed.problems[2].offset, 9u);
  EXPECT_EQ(parsed.problems[2].bytes, 1u);
}

TEST(PathTemplate, IsBounded) {
  std::string deep;
  for (int i = 0; i < 32; ++i) deep += "/s";
  EXPECT_TRUE(parse_path_template(deep).problems.empty());
  EXPECT_EQ(parse_path_template(deep + "/s").problems.size(), 1u);
  EXPECT_TRUE(parse_path_template("/" + std::string(1023, 'x')).problems.empty());
  EXPECT_EQ(parse_path_template("/" + std::string(1024, 'x')).problems.size(), 1u);
  EXPECT_TRUE(parse_path_template("/{" + std::string(64, 'x') + "}").problems.empty());
  EXPECT_EQ(parse_path_template("/{" + std::string(65, 'x') + "}").problems.size(), 1u);
}

}  // namespace
}  // namespace bourse::host
