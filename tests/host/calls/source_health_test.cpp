// SPDX-License-Identifier: MIT
#include "host/calls/source_health.hpp"

#include <gtest/gtest.h>

namespace bourse::host {
namespace {

using namespace std::chrono_literals;

constexpr SourceHealth::Time at(std::chrono::milliseconds time) {
  return SourceHealth::Time(1h + time);
}

TEST(SourceHealth, TellsOnceThatItBeginsToFailAndThatItRecovered) {
  SourceHealth health;
  EXPECT_FALSE(health.delivers(at(0s)));
  EXPECT_TRUE(health.fails(at(1s)));
  EXPECT_FALSE(health.fails(at(2s)));
  EXPECT_FALSE(health.fails(at(3s)));
  const auto recovery = health.delivers(at(8s));
  ASSERT_TRUE(recovery);
  EXPECT_EQ(recovery->after, 7s);
  EXPECT_EQ(recovery->failures, 3U);
  EXPECT_FALSE(health.delivers(at(9s)));
  EXPECT_TRUE(health.fails(at(10s))) << "again";
  EXPECT_EQ(health.delivers(at(16s))->failures, 1U);
}

TEST(SourceHealth, OfWhichSomeDatasetsFailFailsAllTheTime) {
  SourceHealth health;
  EXPECT_TRUE(health.fails(at(0s)));
  for (std::chrono::milliseconds time = 0s; time < 1min; time += 100ms) {
    EXPECT_FALSE(health.fails(at(time)));
    EXPECT_FALSE(health.delivers(at(time + 50ms)));
  }
  EXPECT_TRUE(health.is_failing());
  EXPECT_TRUE(health.delivers(at(1min + SourceHealth::kCalm)));
}

}  // namespace
}  // namespace bourse::host
