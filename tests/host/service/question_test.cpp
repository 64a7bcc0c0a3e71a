// SPDX-License-Identifier: MIT
#include "host/service/question.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

QuestionPtr question(const std::string& target) {
  static const auto kGeneration = good_generation(R"(
sources: {feed: {use: prompt}, other: {use: prompt}}
defaults: {source: feed, cache: {fresh: 7s}}
routes:
  - {path: /echo, run: echo, formats: [plain, data]}
  - {path: /logs, run: logs, format: plain}
  - {path: /off, run: echo, format: plain, cache: off}
  - {path: /other, run: echo, formats: [plain, data], source: other}
  - {path: /mine, run: echo, format: plain, access: {tokens: ["${TOKEN}"]}}
)");
  auto planned =
      plan(kGeneration, {.target = target, .authorization = "Bearer a-token-of-the-tests"});
  EXPECT_TRUE(planned.ok()) << planned.failure().message;
  return std::make_shared<const Question>(*std::move(planned));
}

TEST(Question, IsKnownByWhatItAsksAndNotByHowItIsPut) {
  const auto one = question("/echo?limit=5&symbol=x");
  EXPECT_EQ(*one->rendering, *question("/echo?symbol=x&limit=5")->rendering);
  EXPECT_EQ(*question("/echo?limit=100")->rendering, *question("/echo")->rendering) << "a default";
  EXPECT_FALSE(*question("/echo?limit=6")->report == *question("/echo?limit=5")->report);
  const auto data = question("/echo?limit=5&symbol=x&format=data");
  EXPECT_EQ(*data->report, *one->report) << "formats share the report";
  EXPECT_FALSE(*data->rendering == *one->rendering);
  EXPECT_FALSE(*question("/other")->report == *question("/echo")->report) << "of another source";
  EXPECT_EQ(one->tolerance.fresh, std::chrono::seconds(7));
}

TEST(Question, OfOnePersonHasNoKey) {
  for (const char* const target : {"/echo?key=k", "/off", "/mine"}) {
    EXPECT_FALSE(question(target)->rendering.has_value()) << target;
  }
}

TEST(Remembered, FindsAQuestionByItsWordsAlone) {
  Remembered remembered;
  const auto plain = question("/echo");
  const auto data = question("/echo?format=data");
  remembered.add("/echo", "", plain);
  remembered.add("/echo", "application/json", data);
  EXPECT_EQ(remembered.find("/echo", ""), plain);
  EXPECT_EQ(remembered.find("/echo", "application/json"), data);
  EXPECT_EQ(remembered.find("/echo", "text/plain"), nullptr);
  EXPECT_EQ(remembered.find("/ech", "o"), nullptr);
}

TEST(Remembered, NotWhereAParameterIsATime) {
  Remembered remembered;
  EXPECT_FALSE(question("/logs")->is_timeless);
  remembered.add("/logs", "", question("/logs"));
  EXPECT_EQ(remembered.find("/logs", ""), nullptr);
}

TEST(Remembered, IsBounded) {
  Remembered remembered;
  const auto one = question("/echo");
  remembered.add(std::string(600, 'x'), "", one);
  EXPECT_EQ(remembered.find(std::string(600, 'x'), ""), nullptr);
  for (int i = 0; i < 5000; ++i) remembered.add("/echo?limit=" + std::to_string(i), "", one);
  EXPECT_NE(remembered.find("/echo?limit=4999", ""), nullptr);
  EXPECT_LE(one.use_count(), 600) << "they would hold it";
}

}  // namespace
}  // namespace bourse::host::test
