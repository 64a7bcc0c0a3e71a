// SPDX-License-Identifier: MIT
//
// When what failed may be tried again.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "host/base/instant.hpp"

namespace bourse::host {

/// When something that fails may be tried again: after 1, 2, 4 .. 30 s, each a fifth more or less,
/// and not before it said itself (Retry-After). [any thread]
class Backoff {
 public:
  /// May somebody try now?
  [[nodiscard]] bool allows(Instant now) const noexcept {
    return now.boot >= not_before_.load(std::memory_order_acquire);
  }
  /// The same, for work that nobody waits for: true to one at a time; who got it tells how it went.
  [[nodiscard]] bool begin(Instant now) noexcept;
  void succeeded() noexcept;
  /// `chance`: 0 to 1, spreads those that failed together.
  void failed(Instant now, std::chrono::nanoseconds retry_after, double chance) noexcept;
  /// The same; chances lie apart for those who ask one after the other.
  void failed(Instant now, std::chrono::nanoseconds retry_after) noexcept;
  /// Nobody is at it any more, however it went.
  void withdraw() noexcept { busy_.store(false, std::memory_order_release); }
  [[nodiscard]] std::uint32_t failures() const noexcept {
    return failures_.load(std::memory_order_relaxed);
  }
  /// Until it may be tried; zero when it may.
  [[nodiscard]] std::chrono::nanoseconds left(Instant now) const noexcept;

 private:
  std::atomic<bool> busy_{false};
  std::atomic<std::uint32_t> failures_{0};
  std::atomic<std::int64_t> not_before_{0};  ///< Instant::boot
};

}  // namespace bourse::host
