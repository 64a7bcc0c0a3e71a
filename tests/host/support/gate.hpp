// SPDX-License-Identifier: MIT
//
// How threads of a test meet without sleeping.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace bourse::host::test {

/// Far more than any of these waits takes; a test that reaches it is stuck.
inline constexpr std::chrono::seconds kHardLimit{60};

/// Closed, until somebody opens it.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    opened_.notify_all();
  }
  [[nodiscard]] bool is_open() const {
    const std::lock_guard lock(mutex_);
    return is_open_;
  }
  /// False: it was still closed at the hard limit.
  bool wait() const {
    std::unique_lock lock(mutex_);
    return opened_.wait_for(lock, kHardLimit, [&] { return is_open_; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable opened_;
  bool is_open_ = false;
};

}  // namespace bourse::host::test
