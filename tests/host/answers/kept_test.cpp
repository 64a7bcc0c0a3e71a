// SPDX-License-Identifier: MIT
#include "host/answers/kept.hpp"

#include <gtest/gtest.h>

#include "tests/host/answers/fixture.hpp"

namespace bourse::host::test {
namespace {

TEST(Rendition, VersionIsAHashOfTheBytesAndOfNothingElse) {
  // printf 'abc' | sha256sum | cut -c1-32 | xxd -r -p | base64, with - and _, without ==; the
  // digest of "abc" is that of FIPS 180-2, appendix B.1.
  EXPECT_EQ(rendition("abc")->version(), "ungWv48Bz-pBQUDeXa4iIw");
  const Rendition other({.bytes = "abc", .media_type = "text/csv", .headers = {{"X-A", "b"}}});
  EXPECT_EQ(other.version(), rendition("abc")->version());
  EXPECT_NE(rendition("abd")->version(), rendition("abc")->version());
  // printf '' | sha256sum: e3b0c44298fc1c149afbf4c8996fb924...
  EXPECT_EQ(rendition("")->version(), "47DEQpj8HBSa-_TImW-5JA");
}

TEST(Rendition, ATwinIsMadeByOneAndSeenByAll) {
  const auto one = rendition("abc");
  EXPECT_EQ(one->twin(Coding::kGzip), nullptr);
  EXPECT_TRUE(one->claim_twin(Coding::kGzip));
  EXPECT_FALSE(one->claim_twin(Coding::kGzip)) << "somebody is at it";
  EXPECT_TRUE(one->claim_twin(Coding::kZstd));
  one->set_twin(Coding::kGzip, std::make_shared<const std::string>("z"));
  EXPECT_EQ(*one->twin(Coding::kGzip), "z");
  one->set_twin(Coding::kZstd, nullptr);
  EXPECT_EQ(one->twin(Coding::kZstd), nullptr);
  EXPECT_FALSE(one->claim_twin(Coding::kZstd)) << "it was not worth it, and is not tried again";
}

// T17 of the facts: 1, 2, 4, 8, 16, 30 s, a fifth more or less; a source that is dead for 60 s.
TEST(Backoff, ASourceThatIsDeadForAMinuteIsAskedSevenTimesAtMost) {
  for (const double chance : {0.0, 0.5, 1.0}) {
    TestClock clock;
    Backoff backoff;
    int probes = 0;
    for (int ms = 0; ms < 60'000; ++ms) {
      if (backoff.begin(clock.now())) {
        ++probes;
        backoff.failed(clock.now(), 0s, chance);
      }
      clock.pass(1ms);
    }
    EXPECT_LE(probes, 7) << chance;
    EXPECT_GE(probes, 5) << chance;
  }
}

TEST(Backoff, WaitsAreThoseOfTheRule) {
  TestClock clock;
  Backoff backoff;
  for (const int seconds : {1, 2, 4, 8, 16, 30, 30}) {
    ASSERT_TRUE(backoff.begin(clock.now()));
    backoff.failed(clock.now(), 0s, 0.5);
    clock.pass(std::chrono::seconds(seconds) - 1ns);
    EXPECT_FALSE(backoff.allows(clock.now())) << seconds;
    clock.pass(1ns);
    EXPECT_TRUE(backoff.allows(clock.now())) << seconds;
  }
}

TEST(Backoff, TheSourcesOwnWordIsTheFloor) {
  TestClock clock;
  Backoff backoff;
  backoff.failed(clock.now(), 7s, 0.5);
  clock.pass(7s - 1ns);
  EXPECT_FALSE(backoff.allows(clock.now()));
  clock.pass(1ns);
  EXPECT_TRUE(backoff.allows(clock.now()));
  backoff.failed(clock.now(), 500h, 0.5);
  clock.pass(1h);
  EXPECT_TRUE(backoff.allows(clock.now())) << "but nobody waits for weeks because a plugin says so";
}

TEST(Backoff, OneAtATimeAndFromTheBeginningAfterASuccess) {
  TestClock clock;
  Backoff backoff;
  EXPECT_TRUE(backoff.begin(clock.now()));
  EXPECT_FALSE(backoff.begin(clock.now()));
  backoff.withdraw();
  EXPECT_TRUE(backoff.begin(clock.now()));
  backoff.failed(clock.now(), 0s, 0.5);
  clock.pass(1s);
  EXPECT_TRUE(backoff.begin(clock.now()));
  backoff.succeeded();
  EXPECT_EQ(backoff.failures(), 0U);
  backoff.failed(clock.now(), 0s, 0.5);
  clock.pass(1s);
  EXPECT_TRUE(backoff.allows(clock.now()));
}

}  // namespace
}  // namespace bourse::host::test
