// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/parameters/parameter.hpp"

namespace bourse::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Choices = std::vector<std::string>;

const Parameter kLimit{
    .name = "limit", .type = BOURSE_TYPE_I64, .def = "100", .min = "1", .max = "1000"};
const Parameter kInterval{
    .name = "interval", .type = BOURSE_TYPE_TEXT, .required = true, .choices = {"1m", "1h", "1d"}};

std::string complaint(const Parameter& declared, const Narrowing& by) {
  const Result<Parameter> narrower = narrow(declared, by);
  if (narrower) return "accepted";
  EXPECT_EQ(narrower.failure().status, BOURSE_BAD_PARAM);
  EXPECT_EQ(narrower.failure().code, "not_narrower");
  EXPECT_EQ(narrower.failure().parameter, declared.name);
  return narrower.failure().message;
}

TEST(Narrow, NothingChangesNothing) {
  const Result<Parameter> same = narrow(kLimit, {});
  ASSERT_TRUE(same);
  EXPECT_EQ(describe(*same), describe(kLimit));
}

TEST(Narrow, TakesTighterBoundsAndAnotherDefault) {
  const Result<Parameter> narrower = narrow(kLimit, {.def = "200", .min = "10", .max = "500"});
  ASSERT_TRUE(narrower) << narrower.failure().message;
  EXPECT_EQ(describe(*narrower), "a whole number from 10 to 500, default 200");
  EXPECT_EQ(complaint(kLimit, {.min = "1", .max = "1000"}), "accepted");
}

TEST(Narrow, RefusesWiderBounds) {
  EXPECT_EQ(complaint(kLimit, {.max = "1001"}),
            R"(parameter "limit": the route's max "1001" is wider than the plugin's own 1000; )"
            "a route can only narrow");
  EXPECT_THAT(complaint(kLimit, {.min = "0"}), HasSubstr("wider"));
  EXPECT_THAT(complaint(kLimit, {.min = "many"}), HasSubstr("does not parse"));
  EXPECT_THAT(complaint(kLimit, {.min = "600", .max = "500"}), HasSubstr("above its max"));
  EXPECT_THAT(complaint(kLimit, {.max = "-5"}), HasSubstr("above its max"));
}

TEST(Narrow, RefusesToLeaveTheDefaultOutside) {
  EXPECT_THAT(complaint(kLimit, {.max = "50"}), HasSubstr("give a default as well"));
  EXPECT_EQ(complaint(kLimit, {.def = "50", .max = "50"}), "accepted");
  EXPECT_THAT(complaint(kLimit, {.def = "51", .max = "50"}), HasSubstr("it is above 50"));
}

TEST(Narrow, FixesAValue) {
  const Result<Parameter> fixed = narrow(kInterval, {.fixed = "1h"});
  ASSERT_TRUE(fixed) << fixed.failure().message;
  EXPECT_TRUE(fixed->fixed);
  EXPECT_FALSE(fixed->required);
  EXPECT_EQ(read_value(*fixed, {})->canonical(), "1h");
  EXPECT_THAT(complaint(kInterval, {.fixed = "2h"}), HasSubstr("did you mean"));
  EXPECT_THAT(complaint(kLimit, {.fixed = "5", .max = "9"}), HasSubstr("leaves nothing"));
  EXPECT_THAT(complaint(*fixed, {.fixed = "1h"}), HasSubstr("fixed already"));
}

TEST(Narrow, ADefaultMakesARequiredParameterOptional) {
  const Result<Parameter> narrower = narrow(kInterval, {.def = "1h"});
  ASSERT_TRUE(narrower);
  EXPECT_EQ(read_value(*narrower, {})->canonical(), "1h");
}

TEST(Narrow, TakesFewerChoices) {
  const Result<Parameter> narrower = narrow(kInterval, {.choices = Choices{"1h", "1d"}});
  ASSERT_TRUE(narrower) << narrower.failure().message;
  EXPECT_THAT(narrower->choices, ElementsAre("1h", "1d"));
  EXPECT_THAT(complaint(kInterval, {.choices = Choices{"1h", "1w"}}), HasSubstr("expected one of"));
  EXPECT_THAT(complaint(kInterval, {.choices = Choices{}}), HasSubstr("empty"));
  EXPECT_THAT(complaint(kInterval, {.choices = Choices{"1h", "1h"}}), HasSubstr("twice"));
}

TEST(Narrow, ChoicesWhereThePluginHasNoneMustLieInItsBounds) {
  EXPECT_EQ(complaint(kLimit, {.choices = Choices{"50", "100"}}), "accepted");
  EXPECT_THAT(complaint(kLimit, {.choices = Choices{"100", "5000"}}), HasSubstr("above 1000"));
  EXPECT_THAT(complaint(kLimit, {.def = "60", .max = "60", .choices = Choices{"60", "100"}}),
              HasSubstr(R"(its choice "100" is not legal)"));
}

TEST(Narrow, BoundsDropThePluginsChoicesOutside) {
  const Parameter depth{.name = "depth", .type = BOURSE_TYPE_I64, .choices = {"5", "10", "20"}};
  const Result<Parameter> narrower = narrow(depth, {.max = "10"});
  ASSERT_TRUE(narrower);
  EXPECT_THAT(narrower->choices, ElementsAre("5", "10"));
  EXPECT_THAT(complaint(depth, {.max = "4"}), HasSubstr("none of the plugin's choices"));
}

TEST(Narrow, BoundsTheLengthOfListsAndTexts) {
  const Parameter names{
      .name = "s", .type = BOURSE_TYPE_LIST, .item = BOURSE_TYPE_TEXT, .min = "2"};
  EXPECT_EQ(complaint(names, {.max = "10"}), "accepted");
  EXPECT_THAT(complaint(names, {.max = "1001"}), HasSubstr("wider"));
  EXPECT_THAT(complaint(names, {.min = "1"}), HasSubstr("wider"));
  EXPECT_EQ(complaint(names, {.choices = Choices{"A", "B", "C"}}), "accepted");
  EXPECT_EQ(complaint(names, {.fixed = "A,B"}), "accepted");
  EXPECT_THAT(complaint(names, {.fixed = "A"}), HasSubstr("got 1 item"));
}

TEST(Narrow, ShowsNothingThatCameFromTheEnvironment) {
  for (const Narrowing& by :
       {Narrowing{.fixed = "hunter2", .hidden = true}, Narrowing{.def = "hunter2", .hidden = true},
        Narrowing{.min = "hunter2", .hidden = true}, Narrowing{.max = "hunter2", .hidden = true},
        Narrowing{.choices = Choices{"hunter2"}, .hidden = true}}) {
    EXPECT_THAT(complaint(kLimit, by), Not(HasSubstr("hunter2")));
    EXPECT_THAT(complaint(kLimit, by), HasSubstr("a whole number from 1 to 1000"));
  }
}

}  // namespace
}  // namespace bourse::host
