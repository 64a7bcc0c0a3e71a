// SPDX-License-Identifier: MIT
#include "host/calls/source_health.hpp"

namespace bourse::host {

bool SourceHealth::fails(Time now) {
  const std::lock_guard lock(mutex_);
  last_ = now;
  ++failures_;
  if (failing_.load(std::memory_order_relaxed)) return false;
  failing_.store(true, std::memory_order_relaxed);
  began_ = now;
  failures_ = 1;
  return true;
}

std::optional<SourceHealth::Recovery> SourceHealth::delivers(Time now) {
  if (!is_failing()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (!failing_.load(std::memory_order_relaxed) || now - last_ < kCalm) return std::nullopt;
  failing_.store(false, std::memory_order_relaxed);
  return Recovery{.after = now - began_, .failures = failures_};
}

}  // namespace bourse::host
