// SPDX-License-Identifier: MIT
#include "host/service/ready.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/host/answers/fixture.hpp"

namespace bourse::host::test {
namespace {

KeptPtr kept_of(const std::string& bytes) {
  auto kept = std::make_shared<Kept>();
  kept->rendition = rendition(bytes);
  return kept;
}

Response response_of(const KeptPtr& kept) {
  return {.headers = {{"ETag", "\"1\""}, {"Age", "3"}}, .body = kept->rendition->bytes()};
}

constexpr Aspect kAspect{.lifetime = 5s, .age = 3s, .left = 2s};

TEST(Ready, GivesWhatWasGivenToWhoAsksTheSame) {
  const KeptPtr kept = kept_of("bytes");
  Ready ready;
  EXPECT_FALSE(ready.find({}, kept, kAspect).has_value());
  ready.add({}, kept, kAspect, response_of(kept));
  const auto again = ready.find({}, kept, kAspect);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->status, 200);
  EXPECT_EQ(*again->lines, "ETag: \"1\"\r\nAge: 3\r\n");
  EXPECT_TRUE(again->headers.empty()) << "they are in the lines";
  EXPECT_EQ(again->body, kept->rendition->bytes()) << "not a copy";
  EXPECT_EQ(ready.find({}, kept, kAspect)->lines, again->lines) << "not a copy";
}

TEST(Ready, GivesNothingWhereAnythingIsAnother) {
  const KeptPtr kept = kept_of("bytes");
  const Conditions browser{.if_match = "\"1\"",
                           .if_none_match = "\"2\"",
                           .wish = {.max_age = 9s},
                           .accept_encoding = "gzip"};
  Ready ready;
  ready.add(browser, kept, kAspect, response_of(kept));
  ASSERT_TRUE(ready.find(browser, kept, kAspect).has_value());

  EXPECT_FALSE(ready.find(browser, kept_of("bytes"), kAspect).has_value()) << "equal, but another";
  std::vector<Conditions> others(6, browser);
  others[0].if_match = "\"2\"";
  others[1].if_none_match = "\"1\"";
  others[2].wish.max_age = 8s;
  others[3].wish.no_transform = true;
  others[4].accept_encoding = "gzip, br";
  others[5].accept_encoding.reset();
  for (const Conditions& other : others) {
    EXPECT_FALSE(ready.find(other, kept, kAspect).has_value()) << &other - others.data();
  }
  std::vector<Aspect> aspects(6, kAspect);
  aspects[0].lifetime += 1ns;
  aspects[1].age += 1s;
  aspects[2].left -= 1s;
  aspects[3].twins = 1;
  aspects[4].by_floor = true;
  aspects[5].despite = true;
  for (const Aspect& aspect : aspects) {
    EXPECT_FALSE(ready.find(browser, kept, aspect).has_value()) << &aspect - aspects.data();
  }
  EXPECT_TRUE(ready.find(browser, kept, kAspect).has_value()) << "asking changes nothing";
}

TEST(Ready, HasOnePlaceForEachKindOfClient) {
  const KeptPtr kept = kept_of("bytes");
  Ready ready;
  const Conditions plain;
  const Conditions has_it{.if_none_match = "\"1\""};
  const Conditions browser{.accept_encoding = "gzip"};
  const Conditions browser_that_has_it{.if_none_match = "\"1\"", .accept_encoding = "gzip"};
  const Response spared{.status = 304, .headers = {{"ETag", "\"1\""}}};
  ready.add(plain, kept, kAspect, response_of(kept));
  ready.add(has_it, kept, kAspect, spared);
  ready.add(browser, kept, kAspect, response_of(kept));
  ready.add(browser_that_has_it, kept, kAspect, spared);
  EXPECT_EQ(ready.find(plain, kept, kAspect)->status, 200);
  EXPECT_EQ(ready.find(browser, kept, kAspect)->status, 200);
  for (const Conditions& conditions : {has_it, browser_that_has_it}) {
    const auto again = ready.find(conditions, kept, kAspect);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->status, 304);
    EXPECT_EQ(again->body, nullptr);
    EXPECT_EQ(*again->lines, "ETag: \"1\"\r\n");
  }
}

TEST(Ready, HoldsNeitherTheAnswerNorItsBytes) {
  KeptPtr kept = kept_of("bytes");
  const std::weak_ptr<const Kept> answer = kept;
  const std::weak_ptr<const std::string> bytes = kept->rendition->bytes();
  Ready ready;
  ready.add({}, kept, kAspect, response_of(kept));
  kept.reset();
  EXPECT_TRUE(answer.expired());
  EXPECT_TRUE(bytes.expired());
  EXPECT_FALSE(ready.find({}, kept_of("bytes"), kAspect).has_value());
}

TEST(Ready, TakesNoProblemsAndNothingLong) {
  const KeptPtr kept = kept_of("bytes");
  Ready ready;
  for (const int status : {406, 412, 500, 204}) {
    Response problem = response_of(kept);
    problem.status = status;
    ready.add({}, kept, kAspect, problem);
    EXPECT_FALSE(ready.find({}, kept, kAspect).has_value()) << status;
  }
  Response long_header = response_of(kept);
  long_header.headers.emplace_back("Link", std::string(5000, 'x'));
  ready.add({}, kept, kAspect, long_header);
  EXPECT_FALSE(ready.find({}, kept, kAspect).has_value());
  const Conditions long_list{.if_none_match = std::string(300, 'x')};
  ready.add(long_list, kept, kAspect, response_of(kept));
  EXPECT_FALSE(ready.find(long_list, kept, kAspect).has_value());
}

TEST(AspectOf, IsWhatIsToldInWholeSeconds) {
  auto kept = std::make_shared<Kept>();
  kept->rendition = rendition("bytes");
  const Instant began{.wall = 1'000'000'000'000, .boot = 50'000'000'000};
  const Tolerance tolerance{.fresh = 5s};
  kept->life = life_of({}, began, nullptr);
  const auto after = [&](nanoseconds time) {
    const Look look{.kept = kept};
    return aspect_of(look, tolerance,
                     {.wall = began.wall + time.count(), .boot = began.boot + time.count()});
  };
  EXPECT_EQ(after(1ms), (Aspect{.lifetime = 5s, .age = 1s, .left = 4s}));
  EXPECT_EQ(after(999ms), after(1ms));
  EXPECT_EQ(after(1001ms), (Aspect{.lifetime = 5s, .age = 2s, .left = 3s}));
  kept->rendition->set_twin(Coding::kGzip, std::make_shared<const std::string>("zipped"));
  EXPECT_NE(after(1ms).twins, 0U);
}

}  // namespace
}  // namespace bourse::host::test
