// SPDX-License-Identifier: MIT
//
// Whether a source delivers, as its answers tell: two events, source_failing when it begins to
// fail, and source_recovered when it delivers again. A source of which some datasets fail and
// others do not is failing all the time, and says so once.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace bourse::host {

/// Which event an answer makes. No clock of its own. [any thread]
class SourceHealth {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// So long nothing may have failed before a success is a recovery.
  static constexpr std::chrono::seconds kCalm{5};

  struct Recovery {
    std::chrono::nanoseconds after{};  ///< since it began to fail
    std::uint64_t failures = 0;
  };

  /// True: it begins to fail.
  [[nodiscard]] bool fails(Time now);
  /// Something: it delivers again. Costs nothing while it delivers.
  [[nodiscard]] std::optional<Recovery> delivers(Time now);
  [[nodiscard]] bool is_failing() const noexcept {
    return failing_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> failing_{false};
  std::mutex mutex_;
  Time began_;
  Time last_;
  std::uint64_t failures_ = 0;
};

}  // namespace bourse::host
