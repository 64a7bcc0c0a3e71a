// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/badge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bourse/report.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::charting {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

test::ReportPtr report() {
  return test::make_report([](const Call& call) {
    call.scalar(Field("unknown", BOURSE_TYPE_F64), std::optional<double>());
    call.scalar(Field("last_price", BOURSE_TYPE_DECIMAL).scaled(2).in("USDT"),
                *Decimal::parse("96407.99"));
    call.scalar(Field("change", BOURSE_TYPE_F64).labelled("24h change").in("%"), -1.25);
    call.scalar(Field("rise", BOURSE_TYPE_F64).in("%"), 2.5);
    call.scalar(Field("still", BOURSE_TYPE_F64).in("%"), 0.0);
  });
}
Scene badge(std::string_view figure, std::string_view label = {}) {
  const auto made = report();
  return build_badge(made->wire(), {.figure = figure, .label = label});
}
template <class Wanted>
std::vector<const Wanted*> all(const Scene& scene) {
  std::vector<const Wanted*> found;
  for (const Group& group : scene.groups) {
    for (const Shape& shape : group.shapes) {
      if (const auto* const one = std::get_if<Wanted>(&shape)) found.push_back(one);
    }
  }
  return found;
}
std::vector<std::string> texts(const Scene& scene) {
  std::vector<std::string> found;
  for (const Text* text : all<Text>(scene)) found.push_back(text->text);
  return found;
}
Role value_role(std::string_view figure) { return all<Boxes>(badge(figure)).back()->ink.role; }

TEST(Badge, ShowsTheFirstValueThatIsKnownOrTheOneThatIsNamed) {
  EXPECT_THAT(texts(badge("")), ElementsAre("last price", "96,407.99 USDT"));
  EXPECT_THAT(texts(badge("rise", "BTC today")), ElementsAre("BTC today", "2.5 %"));
  EXPECT_EQ(texts(badge("unknown")).front(), "unknown");
}

TEST(Badge, WhatItShowsIsWithinItAndSideBySide) {
  const Scene scene = badge("", "A label that is rather long");
  EXPECT_EQ(scene.height, 20);
  const auto boxes = all<Boxes>(scene);
  ASSERT_EQ(boxes.size(), 2U);
  const Rect left = boxes[0]->rects[0], right = boxes[1]->rects[0];
  EXPECT_EQ(left.x, 0);
  EXPECT_EQ(left.right(), right.x);
  EXPECT_EQ(right.right(), scene.width);
  const auto shown = all<Text>(scene);
  EXPECT_LT(shown[0]->at.x + shown[0]->width, left.right());
  EXPECT_LT(shown[1]->at.x + shown[1]->width, right.right());
  EXPECT_EQ(scene.description(), "A label that is rather long: 96,407.99 USDT.");
}

TEST(Badge, ChangesAreInTheInksOfRiseAndFall) {
  EXPECT_EQ(value_role("rise"), Role::kUp);
  EXPECT_EQ(value_role("change"), Role::kDown);
  EXPECT_EQ(value_role("still"), Role::kSeries);
  EXPECT_EQ(value_role(""), Role::kSeries);
}

TEST(Badge, WhatIsNotThereIsRefusedWithWhatIs) {
  try {
    static_cast<void>(badge("price"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "value_not_found");
    EXPECT_THAT(error.what(), HasSubstr("It has: unknown, last_price, change, rise, still"));
  }
  const auto empty = test::make_report([](const Call&) {});
  EXPECT_THROW(static_cast<void>(build_badge(empty->wire(), {})), Error);
}

}  // namespace
}  // namespace bourse::charting
