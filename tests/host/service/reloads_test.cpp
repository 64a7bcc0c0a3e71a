// SPDX-License-Identifier: MIT
#include "host/service/reloads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "host/service/generations.hpp"
#include "host/service/origin.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

Request from(std::vector<std::pair<std::string, std::string>> headers) {
  Request request;
  request.headers = std::move(headers);
  return request;
}

TEST(Foreign, IsWhatAPageOfSomebodyElseMakesABrowserSend) {
  EXPECT_TRUE(foreign(from({}), "127.0.0.1"));
  for (const char* const host : {"evil.example", "127.0.0.1.evil.example", "10.0.0.1", "1.127.0.0",
                                 "0x7f.1", "[::2]", "[::1", "localhost.", "127.0.0.1,evil"}) {
    EXPECT_TRUE(foreign(from({{"Host", host}}), "127.0.0.1")) << host;
  }
  for (const char* const host :
       {"127.0.0.1", "127.9.9.9:1", "localhost:9090", "LOCALHOST", "[::1]:9090", "10.1.2.3:9090"}) {
    EXPECT_FALSE(foreign(from({{"Host", host}}), "10.1.2.3")) << host;
  }
}

TEST(Reloads, OneRunsAndAllWhoAskMeanwhileShareTheNext) {
  Gate begun;
  Gate release;
  std::atomic<int> runs{0};
  std::atomic<int> told{0};
  Gate all;
  Reloads reloads([&] {
    if (++runs == 1) {
      begun.open();
      release.wait();
    }
    return ReloadVerdict{.taken = runs == 1};
  });
  const auto count = [&](const ReloadVerdict&) {
    if (++told == 11) all.open();
  };
  ASSERT_TRUE(reloads.ask(count));
  ASSERT_TRUE(begun.wait());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(reloads.ask(count));
  release.open();
  ASSERT_TRUE(all.wait());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(reloads.figures().taken, 1U);
  EXPECT_EQ(reloads.figures().refused, 1U);
  EXPECT_FALSE(reloads.figures().last_was_taken);
  EXPECT_TRUE(reloads.drain(kHardLimit));
  EXPECT_FALSE(reloads.ask(count)) << "it stops";
}

TEST(Generations, OneIsAliveAsLongAsSomebodyHoldsIt) {
  Generations generations;
  const std::string yaml = "routes:\n  - {path: /echo, run: echo, format: plain}\n";
  auto first = generations.admit(good_generation(yaml));
  auto second = generations.admit(good_generation(yaml));
  auto held = first;
  first.reset();
  EXPECT_EQ(generations.alive(), 2U);
  EXPECT_FALSE(generations.drain(std::chrono::nanoseconds(0)));
  held.reset();
  second.reset();
  EXPECT_TRUE(generations.drain(kHardLimit));
}

}  // namespace
}  // namespace bourse::host::test
