// SPDX-License-Identifier: MIT
//
// pulse.hpp - for sources whose answers change at times that are known before: it keeps the watches
// of ext/watch.hpp and tells each at its times.
//
//   std::uint64_t watch(Call&, std::size_t, const Values&, Changed changed) const {
//     return pulse_.watch(changed, [](Time now) { return next_second(now); });
//   }
//   void unwatch(std::uint64_t token) const { pulse_.unwatch(token); }
//   mutable Pulse pulse_;
//
// One thread serves all watches, and there is none while there is no watch. A time of day that is
// set, forwards or back, is noticed within a second: then all are told.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "bourse/ext/watch.hpp"
#include "bourse/report.hpp"

namespace bourse::inline sdk_0_1 {

/// Every method: any thread, but not from inside of `changed` or of what was given here.
class Pulse {
 public:
  /// The first time after `now` at which the answer may be another one; nullopt: it stays so.
  /// Called by watch and by the thread; it must not throw.
  using Next = std::function<std::optional<Time>(Time now)>;
  using Now = std::function<Time()>;

  static Time time_of_day() {
    return Time{std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count()};
  }

  /// `now`: a clock of one's own, for tests; when it has been moved, call look().
  explicit Pulse(Now now = time_of_day) : now_(std::move(now)) {}
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;
  ~Pulse() { end(lock_of(), true); }

  /// From now on `changed` is called at its times. Throws what starting a thread throws.
  std::uint64_t watch(Changed changed, Next next) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t token = ++tokens_;
    Watch watch{changed, std::move(next), {}};
    watch.due = watch.next(now_());
    watches_.emplace(token, std::move(watch));
    if (!thread_.joinable()) {
      try {
        thread_ = std::thread([this, run = run_] { serve(run); });
      } catch (...) {
        watches_.erase(token);
        throw;
      }
    }
    ++looks_;
    wake_.notify_all();
    return token;
  }
  /// After it has returned, that `changed` is not called any more, and no such call is running.
  void unwatch(std::uint64_t token) {
    auto lock = lock_of();
    watches_.erase(token);
    end(std::move(lock), false);
  }
  /// Looks at the clock now.
  void look() {
    const std::lock_guard lock(mutex_);
    ++looks_;
    wake_.notify_all();
  }
  /// Whether there is a thread.
  [[nodiscard]] bool is_running() const {
    const std::lock_guard lock(mutex_);
    return thread_.joinable();
  }

 private:
  struct Watch {
    Changed changed;
    Next next;
    std::optional<Time> due;
  };
  static constexpr std::chrono::nanoseconds kLook = std::chrono::seconds(1);

  [[nodiscard]] std::unique_lock<std::mutex> lock_of() const { return std::unique_lock(mutex_); }

  /// Ends the thread that nobody needs any more.
  void end(std::unique_lock<std::mutex> lock, bool always) {
    if (always) watches_.clear();
    if (!watches_.empty() || !thread_.joinable()) return;
    ++run_;
    wake_.notify_all();
    std::thread thread = std::move(thread_);
    thread_ = std::thread();
    lock.unlock();
    thread.join();
  }

  void serve(std::uint64_t run) {
    auto lock = lock_of();
    Time last = now_();
    while (run == run_) {
      const Time now = now_();
      const bool was_set = now < last;
      last = now;
      std::optional<Time> first;
      for (auto& [token, watch] : watches_) {
        if (was_set || (watch.due && *watch.due <= now)) {
          watch.changed();
          watch.due = watch.next(now);
        }
        if (watch.due && (!first || *watch.due < *first)) first = watch.due;
      }
      wait(lock, run, first ? std::optional(first->ns - now.ns) : std::nullopt);
    }
  }
  void wait(std::unique_lock<std::mutex>& lock, std::uint64_t run,
            std::optional<std::int64_t> time) {
    const std::uint64_t looks = looks_;
    const auto woken = [&] { return run != run_ || looks != looks_; };
    if (!time) {
      wake_.wait(lock, woken);
    } else {
      wake_.wait_for(lock, std::min(kLook, std::chrono::nanoseconds(*time)), woken);
    }
  }

  const Now now_;
  mutable std::mutex mutex_;  ///< held while `changed` is called: unwatch waits for that
  std::condition_variable wake_;
  std::map<std::uint64_t, Watch> watches_;
  std::thread thread_;
  std::uint64_t tokens_ = 0, run_ = 0, looks_ = 0;
};

}  // namespace bourse::inline sdk_0_1
