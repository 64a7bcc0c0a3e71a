// SPDX-License-Identifier: MIT
#include "host/cli/task_meter.hpp"

#include <gtest/gtest.h>

namespace bourse::host {
namespace {

using namespace std::chrono_literals;

const TaskMeter::Time kBegan{};

TEST(TaskMeter, WhatWasThereBeforeIsNoSpeed) {
  TaskMeter meter;
  meter.note(kBegan, {.done = 630, .total = 1000});
  EXPECT_EQ(meter.read(kBegan).percent, 63.0);
  EXPECT_FALSE(meter.read(kBegan).per_second) << "of nothing there is no pace";
  meter.note(kBegan + 10s, {.done = 640, .total = 1000});
  const auto reading = meter.read(kBegan + 10s);
  EXPECT_EQ(reading.per_second, 1.0);  // 10 in 10 s
  EXPECT_EQ(reading.left, 360s);       // 360 are missing
}

TEST(TaskMeter, ThePaceIsThatOfTheLastHalfMinute) {
  TaskMeter meter;
  for (int second = 0; second <= 100; ++second) {  // 10 a second, then 1
    const std::uint64_t done = second <= 50 ? 10U * second : 500U + (second - 50U);
    meter.note(kBegan + std::chrono::seconds(second), {.done = done, .total = 1000});
  }
  EXPECT_EQ(meter.read(kBegan + 100s).per_second, 1.0);
  EXPECT_EQ(meter.read(kBegan + 100s).left, 450s);  // 550 are done
}

TEST(TaskMeter, OneThatStandsStillHasNoTimeLeft) {
  TaskMeter meter;
  meter.note(kBegan, {.done = 0, .total = 100});
  meter.note(kBegan + 5s, {.done = 50, .total = 100});
  const auto reading = meter.read(kBegan + 60s);
  EXPECT_EQ(reading.per_second, 0.0);
  EXPECT_FALSE(reading.left);
}

TEST(TaskMeter, WithoutATotalThereIsAPaceAndNoEnd) {
  TaskMeter meter;
  meter.note(kBegan, {.done = 0});
  meter.note(kBegan + 4s, {.done = 2});
  const auto reading = meter.read(kBegan + 4s);
  EXPECT_EQ(reading.per_second, 0.5);
  EXPECT_FALSE(reading.percent);
  EXPECT_FALSE(reading.left);
}

TEST(TaskMeter, TellsRoughlyHowLongItTakes) {
  EXPECT_EQ(rough_time(400ms), "0 s");
  EXPECT_EQ(rough_time(89s), "89 s");
  EXPECT_EQ(rough_time(12min + 29s), "12 min");
  EXPECT_EQ(rough_time(2h + 10min), "2 h 10 min");
  EXPECT_EQ(rough_time(3h), "3 h");
  EXPECT_EQ(rough_time(76h), "3 d 4 h");
}

TEST(TaskMeter, SaysAllThatIsKnown) {
  TaskRun::State state;
  EXPECT_EQ(progress_text(state, {}), "has begun");
  state = {.progress = {.done = 999, .total = 1000, .text = "April"}, .has_told = true};
  EXPECT_EQ(progress_text(state, {.percent = 99.99, .per_second = 0.5, .left = 2s}),
            "99.9 %, 3.0 %/min, 2 s left, April")
      << "what is not whole is not rounded up to it";
  state.asks = "feed";
  state.asking = 1s;
  EXPECT_EQ(progress_text(state, {}), "999 done, April") << "an answer in a second is no wait";
  state.asking = 32s;
  EXPECT_EQ(progress_text(state, {}), "999 done, April, waits for feed 32 s");
}

}  // namespace
}  // namespace bourse::host
