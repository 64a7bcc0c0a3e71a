// SPDX-License-Identifier: MIT
#include "host/live/pace.hpp"

#include <algorithm>

namespace bourse::host {
namespace {

constexpr std::chrono::seconds kFirstDelay{1};
constexpr std::chrono::seconds kLongestDelay{30};

}  // namespace

Pace::Time Pace::due() const noexcept {
  if (is_running_) return kNever;
  const Time earliest = paced_ == Time::min() ? paced_ : paced_ - every_;
  return std::max({is_dirty_ ? Time::min() : true_until_, not_before_, earliest});
}

void Pace::began(Time now) noexcept {
  is_running_ = true;
  is_dirty_ = false;  // what changes from here on may not be seen
  paced_ = std::max(now, paced_) + every_;
}

void Pace::succeeded(Time now, std::optional<std::chrono::nanoseconds> lasts) noexcept {
  is_running_ = false;
  failures_ = 0;
  const bool has_end = lasts && *lasts < kNever - now;
  true_until_ = has_end ? now + std::max(*lasts, std::chrono::nanoseconds(0)) : kNever;
}

void Pace::failed(Time now) noexcept {
  is_running_ = false;
  is_dirty_ = true;
  const auto delay = std::min<std::chrono::nanoseconds>(
      kFirstDelay * (std::int64_t{1} << std::min<std::uint32_t>(failures_, 5)), kLongestDelay);
  ++failures_;
  not_before_ = now + std::max<std::chrono::nanoseconds>(delay, every_);
}

}  // namespace bourse::host
