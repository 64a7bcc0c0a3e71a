// SPDX-License-Identifier: MIT
#include "host/config/narrowing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/config/fixture.hpp"

namespace bourse::host::test {
namespace {

using ::testing::ElementsAre;

/// The rule for "p" of a route with these params.
Narrowing rule(const std::string& params) {
  const LoadedConfig loaded =
      parse("bourse: 1\nroutes:\n  - {path: /x, run: x, format: x, params: {p: " + params + "}}\n");
  EXPECT_TRUE(loaded.config.has_value()) << loaded.diagnostics.render();
  return loaded.config ? to_narrowing(loaded.config->routes[0].params[0]) : Narrowing();
}

TEST(ToNarrowing, APlainValueIsFixed) {
  EXPECT_EQ(rule("5").fixed, "5");
  EXPECT_EQ(rule("[A, B]").fixed, "A,B");
  EXPECT_EQ(rule("[]").fixed, "");
  EXPECT_EQ(rule("no").fixed, "no");
  EXPECT_FALSE(rule("5").def.has_value());
}

TEST(ToNarrowing, AMapNarrows) {
  const Narrowing by = rule("{default: [A, B], min: 1, max: 5, choices: [A, B, C]}");
  EXPECT_FALSE(by.fixed.has_value());
  EXPECT_EQ(by.def, "A,B");
  EXPECT_EQ(by.min, "1");
  EXPECT_EQ(by.max, "5");
  EXPECT_THAT(*by.choices, ElementsAre("A", "B", "C"));
  EXPECT_FALSE(by.hidden);
}

TEST(ToNarrowing, IsHiddenWhenTheEnvironmentHadAPart) {
  EXPECT_TRUE(rule("\"${SECRET}\"").hidden);
  EXPECT_TRUE(rule("[a, \"${SECRET}\"]").hidden);
  EXPECT_TRUE(rule("{default: \"${PORT}\"}").hidden);
  EXPECT_TRUE(rule("{max: \"${PORT}\"}").hidden);
  EXPECT_TRUE(rule("{choices: [a, \"${PORT}\"]}").hidden);
  EXPECT_FALSE(rule("\"${UNSET:-5}\"").hidden);
}

TEST(ToNarrowing, LeadsToAParameterOrToAFailureWithoutTheSecret) {
  const Parameter limit{
      .name = "p", .type = BOURSE_TYPE_I64, .def = "100", .min = "1", .max = "9999"};
  const Result<Parameter> narrower = narrow(limit, rule("{max: \"${PORT}\"}"));
  ASSERT_TRUE(narrower) << narrower.failure().message;
  EXPECT_EQ(narrower->max, "9000");
  const Result<Parameter> refused = narrow(limit, rule("\"${SECRET}\""));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.failure().message.find(kSecret), std::string::npos);
}

}  // namespace
}  // namespace bourse::host::test
