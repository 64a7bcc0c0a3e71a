// SPDX-License-Identifier: MIT
#include "host/base/effort.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;

/// By the thread's own clock, which is what is tested against.
void burn(std::chrono::nanoseconds time) {
  const auto used = [] {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  const auto end = used() + time;
  while (used() < end) {
  }
}

TEST(Effort, IsWhatTheProcessorDid) {
  Effort effort;
  EXPECT_EQ(effort.spent(), 0ns);
  burn(1ms);
  effort.begin();
  EXPECT_LT(effort.spent(), 1ms) << "what was before does not count";
  burn(2ms);
  EXPECT_GE(effort.spent(), 2ms);
  effort.end();
  const auto spent = effort.spent();
  burn(1ms);
  EXPECT_EQ(effort.spent(), spent) << "nor what comes after";
}

TEST(Effort, ToWaitIsNone) {
  Effort effort;
  effort.begin();
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, 50ms);
  EXPECT_LT(effort.spent(), 25ms);
}

TEST(Effort, AnotherThreadMayLook) {
  Effort effort;
  std::thread worker([&] {
    effort.begin();
    burn(2ms);
    effort.end();
  });
  worker.join();
  EXPECT_GE(effort.spent(), 2ms);
}

}  // namespace
}  // namespace bourse::host::test
