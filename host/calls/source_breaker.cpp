// SPDX-License-Identifier: MIT
#include "host/calls/source_breaker.hpp"

#include <utility>

#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

std::int64_t nanoseconds_of(std::chrono::nanoseconds time) { return time.count(); }

}  // namespace

bool is_of_source(const Failure& why) noexcept {
  return why.status == BOURSE_UPSTREAM || why.status == BOURSE_UNAVAILABLE ||
         why.status == BOURSE_DEADLINE;
}

void SourceBreaker::delivered(Instant now) {
  if (faultless_.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(mutex_);
  failures_ = 0;
  trial_until_ = 0;
  backoff_.succeeded();
  faultless_.store(true, std::memory_order_release);
  if (!failing_.exchange(false)) return;
  log_event(BOURSE_LEVEL_WARN, "source_taken_back",
            {{"source", source_}, {"seconds", (now.boot - since_) / 1'000'000'000}});
}

void SourceBreaker::failed(const Failure& why, Instant now) {
  const std::lock_guard lock(mutex_);
  faultless_.store(false, std::memory_order_release);
  if (failing_.load()) {
    // One of those that began before, or that have nobody else to ask: each wait grows once.
    trial_until_ = 0;
    if (backoff_.allows(now)) backoff_.failed(now, why.retry_after);
    return;
  }
  if (failures_ == 0 || now.boot - first_ > nanoseconds_of(kWindow)) {
    first_ = now.boot;
    failures_ = 0;
  }
  if (++failures_ < kFailures) return;
  failing_.store(true, std::memory_order_release);
  since_ = now.boot;
  backoff_.failed(now, why.retry_after);
  log_event(
      BOURSE_LEVEL_WARN, "source_passed_over",
      {{"source", source_}, {"failures", failures_}, {"code", why.code}, {"message", why.message}});
}

bool SourceBreaker::pass_over(Instant now) {
  if (!is_failing()) return false;
  const std::lock_guard lock(mutex_);
  if (!failing_.load() || (backoff_.allows(now) && now.boot >= trial_until_)) {
    trial_until_ = now.boot + nanoseconds_of(kTrial);
    return false;
  }
  return true;
}

}  // namespace bourse::host
