// SPDX-License-Identifier: MIT
#include "bourse/pulse.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace bourse {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// What the host hands to watch: counts, and lets a test wait for a number.
class Sink {
 public:
  [[nodiscard]] Changed changed() {
    return Changed(this, [](void* self) { static_cast<Sink*>(self)->tell(); });
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    told_.wait(lock, [&] { return count_ >= count; });
  }
  [[nodiscard]] int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  void tell() {
    const std::lock_guard lock(mutex_);
    ++count_;
    told_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable told_;
  int count_ = 0;
};

struct Fixture : testing::Test {
  void set(std::int64_t ns) {
    now = ns;
    pulse.look();
  }
  static std::optional<Time> each_second(Time time) {
    return Time{(time.ns / kSecond + 1) * kSecond};
  }

  std::atomic<std::int64_t> now = 100 * kSecond;
  Pulse pulse{[this] { return Time{now.load()}; }};
  Sink sink, other;
};
using PulseTest = Fixture;

TEST_F(PulseTest, AWatchIsToldAtEachOfItsTimesAndNotBefore) {
  const auto token = pulse.watch(sink.changed(), each_second);
  set(101 * kSecond - 1);
  EXPECT_EQ(sink.count(), 0);
  set(101 * kSecond);
  sink.wait_for(1);
  set(102 * kSecond + 7);
  sink.wait_for(2);
  pulse.unwatch(token);
  set(200 * kSecond);
  EXPECT_EQ(sink.count(), 2);
}

TEST_F(PulseTest, ThereIsOneThreadWhileThereIsAWatchAndNoneOtherwise) {
  EXPECT_FALSE(pulse.is_running());
  std::atomic<int> threads = 0;
  std::mutex mutex;
  std::vector<std::thread::id> ids;
  const auto note = [&](Time time) {
    const std::lock_guard lock(mutex);
    if (std::find(ids.begin(), ids.end(), std::this_thread::get_id()) == ids.end()) {
      ids.push_back(std::this_thread::get_id());
      ++threads;
    }
    return each_second(time);
  };
  const auto first = pulse.watch(sink.changed(), note);
  const auto second = pulse.watch(other.changed(), note);
  set(101 * kSecond);
  sink.wait_for(1);
  other.wait_for(1);
  EXPECT_EQ(threads, 2);  // this one, by watch, and the one that tells
  pulse.unwatch(first);
  EXPECT_TRUE(pulse.is_running());
  pulse.unwatch(second);
  EXPECT_FALSE(pulse.is_running());
  const auto third = pulse.watch(sink.changed(), each_second);
  set(102 * kSecond);
  sink.wait_for(2);
  pulse.unwatch(third);
  EXPECT_FALSE(pulse.is_running());
}

TEST_F(PulseTest, WhatNeverChangesIsNeverToldAndIsAWatchAllTheSame) {
  const auto never = pulse.watch(sink.changed(), [](Time) { return std::optional<Time>(); });
  const auto token = pulse.watch(other.changed(), each_second);
  set(500 * kSecond);
  other.wait_for(1);
  EXPECT_EQ(sink.count(), 0);
  pulse.unwatch(never);
  pulse.unwatch(token);
}

TEST_F(PulseTest, AClockThatIsSetBackTellsAllAtOnce) {
  const auto token = pulse.watch(sink.changed(), each_second);
  set(101 * kSecond);
  sink.wait_for(1);
  set(50 * kSecond);
  sink.wait_for(2);
  set(51 * kSecond);  // not only after what it was before
  sink.wait_for(3);
  pulse.unwatch(token);
}

/// The contract: after unwatch no call comes and none is running.
TEST_F(PulseTest, UnwatchWaitsForACallThatIsRunning) {
  struct Slow {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_in = false, may_leave = false;
    std::atomic<bool> has_left = false;
  } slow;
  const auto token = pulse.watch(Changed(&slow,
                                         [](void* self) {
                                           auto& in = *static_cast<Slow*>(self);
                                           std::unique_lock lock(in.mutex);
                                           in.is_in = true;
                                           in.changed.notify_all();
                                           in.changed.wait(lock, [&] { return in.may_leave; });
                                           in.has_left = true;
                                         }),
                                 each_second);
  set(101 * kSecond);
  {
    std::unique_lock lock(slow.mutex);
    slow.changed.wait(lock, [&] { return slow.is_in; });
  }
  std::thread leaver([&] {
    const std::lock_guard lock(slow.mutex);
    slow.may_leave = true;
    slow.changed.notify_all();
  });
  pulse.unwatch(token);
  EXPECT_TRUE(slow.has_left);
  leaver.join();
}

TEST_F(PulseTest, ManyComeAndGoWhileItTells) {
  std::atomic<bool> over = false;
  std::thread clock([&] {
    while (!over) set(now.load() + kSecond);
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < 200; ++n) {
        Sink own;  // gone right after unwatch: a late call would be one too many
        const auto token = pulse.watch(own.changed(), each_second);
        if (n % 10 == 0) own.wait_for(1);
        pulse.unwatch(token);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  over = true;
  clock.join();
  EXPECT_FALSE(pulse.is_running());
}

TEST(PulseClockTest, TheTimeOfDayPassesByItself) {
  Sink sink;
  Pulse pulse;
  const auto token =
      pulse.watch(sink.changed(), [](Time now) { return std::optional(Time{now.ns + 1'000'000}); });
  sink.wait_for(3);
  pulse.unwatch(token);
}

TEST(PulseClockTest, ItEndsWithWatchesThatNobodyEnded) {
  Sink sink;
  {
    Pulse pulse;
    pulse.watch(sink.changed(), [](Time now) { return std::optional(Time{now.ns + kSecond}); });
  }
  SUCCEED();
}

}  // namespace
}  // namespace bourse
