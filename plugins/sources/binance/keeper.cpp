// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/keeper.hpp"

#include <algorithm>
#include <utility>

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Where only this machine's time of day is known: clocks that nobody sets are off by minutes.
constexpr std::chrono::hours kUnknownClockError{1};
constexpr milliseconds kBetweenLooks{20};

Time plus(Time time, nanoseconds by) noexcept { return Time{time.ns + by.count()}; }

Time whole_seconds(Time time) noexcept {
  constexpr std::int64_t kSecond = nanoseconds(seconds(1)).count();
  return Time{time.ns - (time.ns % kSecond + kSecond) % kSecond};
}

}  // namespace

Keeper::Keeper(Client client, KeeperOptions options)
    : client_(std::move(client)), options_(options), clock_(client_.exchange().clock()) {}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Keeper::wake() {
  const std::lock_guard lock(mutex_);
  if (prepared_ || wanted_ || (tried_ && clock_.now() < not_before_)) return;
  wanted_ = true;
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
}

void Keeper::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!wanted_) {
      changed_.wait(lock);
      continue;
    }
    if (!anchor_) ask_time(lock);
    if (anchor_ && !changed_.wait_for(lock, options_.prepare_after, [&] { return stopping_; })) {
      prepare(lock);
    }
    wanted_ = false;
    not_before_ = clock_.now() + options_.again_after;
  }
}

/// Long enough for a slow exchange; at once over when the keeper is.
Call Keeper::patient_call() const {
  return {.deadline = clock_.now() + options_.patience, .stopped = [this] {
            const std::lock_guard lock(mutex_);
            return stopping_;
          }};
}

void Keeper::ask_time(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const Instant sent = clock_.now();
  const auto time = client_.server_time(patient_call());
  const nanoseconds half = (clock_.now() - sent) / 2;
  lock.lock();
  // What a retry took counts as well, so the error is never understated.
  if (time) anchor_ = {.at = sent + half, .server = *time, .error = half + milliseconds(1)};
  tried_ = true;
  changed_.notify_all();
}

void Keeper::prepare(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const bool done = client_.prepare(patient_call()).ok();
  lock.lock();
  prepared_ = prepared_ || done;
}

Keeper::Estimate Keeper::estimate(const std::optional<Anchor>& anchor) const {
  const Instant now = clock_.now();
  Estimate estimate{};
  if (const ServerClock::State state = client_.exchange().clock_state(); state.known) {
    estimate.now = plus(clock_.wall(), state.offset);
    estimate.error = state.error;
  } else if (anchor) {
    estimate.now = plus(anchor->server, now - anchor->at);
    estimate.error = anchor->error;
  } else {
    estimate.now = clock_.wall();
    estimate.error = kUnknownClockError;
  }
  const bool just_said = anchor && now - anchor->at < seconds(1);
  estimate.stated = just_said ? anchor->server : whole_seconds(estimate.now);
  return estimate;
}

Keeper::Estimate Keeper::time(const Call& call) {
  std::unique_lock lock(mutex_);
  while (!anchor_ && !tried_ && wanted_) {
    changed_.wait_for(lock, kBetweenLooks);
    lock.unlock();  // the host's poll is not ours to hold up
    const bool over = (call.stopped && call.stopped()) || clock_.now() >= call.deadline;
    lock.lock();
    if (over) break;
  }
  const std::optional<Anchor> anchor = anchor_;
  lock.unlock();
  return estimate(anchor);
}

}  // namespace bourse::binance
