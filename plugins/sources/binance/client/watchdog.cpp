// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/watchdog.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace bourse::binance {
namespace {

constexpr std::chrono::milliseconds kBetweenQuestions{50};

}  // namespace

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::unique_ptr<Watchdog::Watch> Watchdog::watch(Descriptor socket, const Call& call) {
  std::list<Watched> one;
  one.push_back({std::move(socket), &call});
  auto watch = std::make_unique<Watch>(*this, one.begin());
  {
    const std::lock_guard lock(mutex_);
    // Nothing below may fail, as the watch is about to be ended by its destructor.
    watched_.splice(watched_.end(), one);
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  changed_.notify_one();
  return watch;
}

Watchdog::Watch::~Watch() {
  std::list<Watched> over;  // the descriptor is closed outside of the lock
  const std::lock_guard lock(dog_.mutex_);
  over.splice(over.end(), dog_.watched_, place_);
}

/// Returns when to look again.
Instant Watchdog::look(Instant now) {
  Instant next = Instant::max();
  for (const Watched& one : watched_) {
    const Call& call = *one.call;
    const bool over = now >= call.deadline || (call.stopped && call.stopped());
    if (over) static_cast<void>(::shutdown(one.socket.get(), SHUT_RDWR));
    // Asked again after that: the socket may not have been connected yet.
    const bool often = over || call.stopped;
    next = std::min({next, often ? now + kBetweenQuestions : call.deadline,
                     over ? Instant::max() : call.deadline});
  }
  return next;
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const Instant next = look(std::chrono::steady_clock::now());
    if (next == Instant::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next);
    }
  }
}

}  // namespace bourse::binance
