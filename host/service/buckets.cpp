// SPDX-License-Identifier: MIT
#include "host/service/buckets.hpp"

#include <algorithm>

#include "host/answers/key.hpp"

namespace bourse::host {
namespace {

using std::chrono::nanoseconds;

/// Never 0, which names no place.
std::uint64_t key_of(std::string_view who) noexcept {
  return std::max<std::uint64_t>(1, keyed_hash(who));
}

/// What rounding may have taken of a whole request.
constexpr double kCrumb = 1e-6;

nanoseconds time_for(double amount, double per_second) {
  constexpr double kMost = 1e9 * 3600 * 24 * 7;
  return nanoseconds(static_cast<std::int64_t>(std::clamp(amount / per_second * 1e9, 0.0, kMost)));
}

}  // namespace

void Buckets::Bucket::refill(Time now) noexcept {
  if (now <= at) return;
  const double seconds = std::chrono::duration<double>(now - at).count();
  share = std::min(1.0, share + seconds * rate.per_second / rate.burst);
  at = now;
}

// The fullest of a few: whoever has spent nothing for a while loses nothing.
Buckets::Bucket* Buckets::make_room(Shard& shard, Time now) {
  Bucket* best = nullptr;
  for (std::size_t looks = 0; looks < kLooksMax; ++looks) {
    Bucket& bucket = shard.buckets[shard.hand];
    shard.hand = (shard.hand + 1) % shard.buckets.size();
    bucket.refill(now);
    const bool is_blocked = bucket.share * bucket.rate.burst < 1 - kCrumb;
    if (bucket.inside > 0 || is_blocked) continue;
    if (best == nullptr || bucket.share > best->share) best = &bucket;
    if (bucket.share >= 1) break;
  }
  if (best != nullptr) shard.index.erase(best->key);
  return best;
}

Buckets::Bucket& Buckets::bucket(Shard& shard, std::uint64_t key, Time now) {
  if (const auto found = shard.index.find(key); found != shard.index.end()) {
    return shard.buckets[found->second];
  }
  Bucket* place = nullptr;
  if (shard.buckets.size() < kShardMax) {
    place = &shard.buckets.emplace_back();
  } else {
    place = make_room(shard, now);
  }
  if (place == nullptr) return shard.shared;
  *place = Bucket{.key = key, .at = now};
  shard.index.emplace(key, static_cast<std::size_t>(place - shard.buckets.data()));
  return *place;
}

Buckets::State Buckets::take(std::string_view who, const Rate& rate, double cost, Time now) {
  const std::uint64_t key = key_of(who);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  Bucket& bucket = Buckets::bucket(shard, key, now);
  bucket.refill(now);
  bucket.rate = rate;
  double left = bucket.share * rate.burst;
  State state{.taken = left + kCrumb >= cost};
  if (state.taken) {
    left = std::max(0.0, left - cost);
    bucket.share = left / rate.burst;
  } else {
    state.until_next = time_for(cost - left, rate.per_second);
  }
  state.left = left;
  state.until_full = time_for(rate.burst - left, rate.per_second);
  return state;
}

void Buckets::give_back(std::string_view who, double cost) noexcept {
  const std::uint64_t key = key_of(who);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.index.find(key);
  Bucket& bucket = found == shard.index.end() ? shard.shared : shard.buckets[found->second];
  bucket.share = std::min(1.0, bucket.share + cost / bucket.rate.burst);
}

bool Buckets::enter(std::string_view who, std::uint32_t max, Time now, Place& place) {
  const std::uint64_t key = key_of(who);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  Bucket& bucket = Buckets::bucket(shard, key, now);
  if (bucket.inside >= max) return false;
  ++bucket.inside;
  place = {.key = key, .shared = &bucket == &shard.shared};
  return true;
}

void Buckets::leave(const Place& place) noexcept {
  Shard& shard = shard_of(place.key);
  const std::lock_guard lock(shard.mutex);
  Bucket& bucket = place.shared ? shard.shared : shard.buckets[shard.index.find(place.key)->second];
  --bucket.inside;
}

std::size_t Buckets::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size += shard.buckets.size();
  }
  return size;
}

}  // namespace bourse::host
