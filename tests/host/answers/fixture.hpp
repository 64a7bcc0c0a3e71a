// SPDX-License-Identifier: MIT
//
// What the tests of answers share: clocks that a test moves, and answers without plugins.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "host/answers/answers.hpp"

namespace bourse::host::test {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// Two clocks that stand still until they are moved. [any thread]
class TestClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const noexcept override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  /// Time passes; also what happens when the machine sleeps.
  void pass(nanoseconds time) {
    const std::lock_guard lock(mutex_);
    now_.wall += time.count();
    now_.boot += time.count();
  }
  /// Somebody sets the clock on the wall.
  void set_wall_by(nanoseconds step) {
    const std::lock_guard lock(mutex_);
    now_.wall += step.count();
  }

 private:
  mutable std::mutex mutex_;
  // 2026-01-02T03:04:05Z: 20455 days and 11045 s after 1970; a machine that runs for a day.
  Instant now_{.wall = 1767323045'000000000, .boot = 86400'000000000};
};

inline std::shared_ptr<const Rendition> rendition(std::string bytes) {
  return std::make_shared<const Rendition>(
      Rendition::Parts{.bytes = std::move(bytes), .media_type = "text/plain", .headers = {}});
}

inline QuestionKey question(const std::string& name) {
  return QuestionKey::of_report(1, 0, "name=" + name);
}

}  // namespace bourse::host::test
