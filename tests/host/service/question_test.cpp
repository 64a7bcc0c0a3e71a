// SPDX-License-Identifier: MIT
#include "host/service/question.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

QuestionPtr question(const std::string& target, std::int64_t now = wall_clock()) {
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
  auto planned = plan(
      kGeneration, {.target = target, .authorization = "Bearer a-token-of-the-tests", .now = now});
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

TEST(Question, WithARelativeTimeIsOneForASecondAndBoundsTheTruth) {
  constexpr std::int64_t kNow = 1'735'689'599'000'000'000;
  const auto early = question("/logs?at=-30d", kNow);
  const auto late = question("/logs?at=-720h", kNow + 999'999'999);
  EXPECT_EQ(*early->rendering, *late->rendering);
  EXPECT_EQ(early->bounded({.until = kTrueForEver}).until, kNow + 1'000'000'000);
  EXPECT_EQ(late->bounded({.until = kTrueForEver}).until, kNow + 1'000'000'000);
  EXPECT_EQ(early->bounded({.until = kNow + 5}).until, kNow + 5) << "never longer";
  EXPECT_EQ(early->bounded({}).until, kTrueForTheMoment);
  EXPECT_EQ(*question("/logs?at=-30d", kNow + 1'000'000'000)->rendering, *early->rendering)
      << "what is tolerated of the second before stands";
  EXPECT_FALSE(*question("/logs?at=-31d", kNow)->rendering == *early->rendering);
  // 2024-12-01T23:59:59Z: 30 days before.
  const auto absolute = question("/logs?at=2024-12-01T23:59:59Z", kNow);
  EXPECT_FALSE(*absolute->rendering == *early->rendering) << "it will be another one";
  EXPECT_EQ(absolute->bounded({.until = kTrueForEver}).until, kTrueForEver);
}

TEST(Remembered, NotWhereATimeIsRelative) {
  Remembered remembered;
  remembered.add("/logs?at=-30d", "", question("/logs?at=-30d"));
  EXPECT_EQ(remembered.find("/logs?at=-30d", ""), nullptr);
  remembered.add("/logs?at=2024-12-01", "", question("/logs?at=2024-12-01"));
  EXPECT_NE(remembered.find("/logs?at=2024-12-01", ""), nullptr);
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
