// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/server_clock.hpp"

#include <algorithm>

#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

using std::chrono::nanoseconds;

constexpr auto kSyncEvery = std::chrono::minutes(20);
constexpr auto kErrorUnknown = std::chrono::seconds(2);
constexpr auto kSafetyMax = std::chrono::milliseconds(500);
/// Between the two clocks of this machine: more means it slept, or its time was set.
constexpr auto kDisagreementMax = std::chrono::milliseconds(500);
/// The exchange tells milliseconds.
constexpr auto kResolution = std::chrono::milliseconds(1);
/// Quartz goes wrong by less than 100 in a million.
constexpr std::int64_t kDriftDivisor = 10'000;

nanoseconds abs_of(nanoseconds duration) noexcept {
  return duration < nanoseconds::zero() ? -duration : duration;
}

}  // namespace

void ServerClock::adopt(std::span<const Sample> samples) {
  const Sample& best = *std::ranges::min_element(
      samples, {}, [](const Sample& sample) { return sample.received - sample.sent; });
  const nanoseconds round_trip = best.received - best.sent;
  const Instant middle = best.sent + round_trip / 2;
  const Time wall_now = clock_->wall();
  const nanoseconds since = clock_->now() - middle;
  const std::lock_guard lock(mutex_);
  anchor_ = Anchor{.at = middle,
                   .server = best.server,
                   .wall = Time{wall_now.ns - since.count()},
                   .round_trip = round_trip};
}

ServerClock::Estimate ServerClock::from(const Anchor& anchor, Instant now) const {
  const nanoseconds age = now - anchor.at;
  return {.now = Time{anchor.server.ns + age.count()},
          .error = anchor.round_trip / 2 + kResolution + abs_of(age) / kDriftDivisor};
}

ServerClock::Estimate ServerClock::estimate() const {
  const std::lock_guard lock(mutex_);
  if (anchor_) return from(*anchor_, clock_->now());
  return {.now = clock_->wall(), .error = kErrorUnknown};
}

std::int64_t ServerClock::timestamp_ms() const {
  const Estimate time = estimate();
  const auto safety = std::min<nanoseconds>(time.error, kSafetyMax);
  return to_ms(Time{time.now.ns - safety.count()});
}

bool ServerClock::known() const {
  const std::lock_guard lock(mutex_);
  return anchor_.has_value();
}

bool ServerClock::is_due() const {
  const std::lock_guard lock(mutex_);
  if (!anchor_) return true;
  const nanoseconds age = clock_->now() - anchor_->at;
  const nanoseconds wall_age{clock_->wall().ns - anchor_->wall.ns};
  return age >= kSyncEvery || abs_of(wall_age - age) > kDisagreementMax;
}

ServerClock::State ServerClock::state() const {
  const std::lock_guard lock(mutex_);
  if (!anchor_) return {.error = kErrorUnknown};
  const Instant now = clock_->now();
  const Estimate time = from(*anchor_, now);
  return {.known = true,
          .offset = nanoseconds{time.now.ns - clock_->wall().ns},
          .round_trip = anchor_->round_trip,
          .error = time.error,
          .age = now - anchor_->at};
}

}  // namespace bourse::binance
