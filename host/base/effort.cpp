// SPDX-License-Identifier: MIT
#include "host/base/effort.hpp"

#include <pthread.h>

namespace bourse::host {
namespace {

/// 0 for a thread that is gone.
std::int64_t read(clockid_t clock) noexcept {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return 0;
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

void Effort::begin() noexcept {
  if (begun_.load(std::memory_order_relaxed)) return;
  if (pthread_getcpuclockid(pthread_self(), &clock_) != 0) return;
  begun_at_ = read(clock_);
  begun_.store(true, std::memory_order_release);
}

void Effort::end() noexcept { spent_.store(spent().count(), std::memory_order_release); }

std::chrono::nanoseconds Effort::spent() const noexcept {
  if (!begun_.load(std::memory_order_acquire)) return std::chrono::nanoseconds(0);
  const std::int64_t ended = spent_.load(std::memory_order_acquire);
  if (ended != kGoesOn) return std::chrono::nanoseconds(ended);
  const std::int64_t now = read(clock_);
  return std::chrono::nanoseconds(now > begun_at_ ? now - begun_at_ : 0);
}

}  // namespace bourse::host
