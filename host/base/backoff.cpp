// SPDX-License-Identifier: MIT
#include "host/base/backoff.hpp"

#include <algorithm>

namespace bourse::host {

bool Backoff::begin(Instant now) noexcept {
  if (!allows(now)) return false;
  return !busy_.load(std::memory_order_relaxed) && !busy_.exchange(true, std::memory_order_acquire);
}

void Backoff::succeeded() noexcept {
  failures_.store(0, std::memory_order_relaxed);
  not_before_.store(0, std::memory_order_release);
  busy_.store(false, std::memory_order_release);
}

void Backoff::failed(Instant now, std::chrono::nanoseconds retry_after, double chance) noexcept {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::uint32_t before = failures_.fetch_add(1, std::memory_order_relaxed);
  const std::int64_t seconds = std::min<std::int64_t>(30, std::int64_t{1} << std::min(before, 5U));
  const auto wait = static_cast<std::int64_t>(static_cast<double>(seconds * kSecond) *
                                              (0.8 + 0.4 * std::clamp(chance, 0.0, 1.0)));
  // A plugin may say any number; nobody waits longer than an hour because of it.
  const std::int64_t floor = std::clamp<std::int64_t>(retry_after.count(), 0, 3600 * kSecond);
  not_before_.store(now.boot + std::max(wait, floor), std::memory_order_release);
  busy_.store(false, std::memory_order_release);
}

// Spread without a generator that threads would share: the golden ratio's multiples.
void Backoff::failed(Instant now, std::chrono::nanoseconds retry_after) noexcept {
  static std::atomic<std::uint64_t> turns{0};
  const auto turn = turns.fetch_add(1, std::memory_order_relaxed);
  failed(now, retry_after, static_cast<double>((turn * 0x9E3779B97F4A7C15U) >> 11U) * 0x1p-53);
}

std::chrono::nanoseconds Backoff::left(Instant now) const noexcept {
  return std::chrono::nanoseconds(
      std::max<std::int64_t>(0, not_before_.load(std::memory_order_acquire) - now.boot));
}

}  // namespace bourse::host
