// SPDX-License-Identifier: MIT
//
// A mutex that is waited for no longer than one likes, as std::timed_mutex is. That one calls
// pthread_mutex_clocklock, which the thread sanitizer of gcc 12 does not know: it would find a
// fault in every right use.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace bourse::history {

/// For std::unique_lock. [any thread]
class TimedMutex {
 public:
  void lock() {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return !is_held_; });
    is_held_ = true;
  }
  bool try_lock() {
    const std::lock_guard lock(mutex_);
    if (is_held_) return false;
    is_held_ = true;
    return true;
  }
  template <class Rep, class Period>
  bool try_lock_for(std::chrono::duration<Rep, Period> time) {
    std::unique_lock lock(mutex_);
    if (!free_.wait_for(lock, time, [this] { return !is_held_; })) return false;
    is_held_ = true;
    return true;
  }
  void unlock() {
    {
      const std::lock_guard lock(mutex_);
      is_held_ = false;
    }
    free_.notify_one();
  }

 private:
  std::mutex mutex_;  ///< of the rest
  std::condition_variable free_;
  bool is_held_ = false;
};

}  // namespace bourse::history
