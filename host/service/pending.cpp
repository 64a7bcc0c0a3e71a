// SPDX-License-Identifier: MIT
#include "host/service/pending.hpp"

#include <utility>

namespace bourse::host {

using std::chrono::steady_clock;

bool Pending::answer(Response response) {
  if (!claim()) return false;
  send(std::move(response));
  return true;
}

Deadlines::Deadlines() : thread_([this] { loop(); }) {}

Deadlines::~Deadlines() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

Deadlines::Ticket Deadlines::watch(steady_clock::time_point when, std::weak_ptr<Watched> watched) {
  Ticket ticket;
  bool is_earlier = false;
  {
    const std::lock_guard lock(mutex_);
    ticket = {when, ++last_number_};
    entries_.emplace(ticket, std::move(watched));
    is_earlier = when < looks_at_;
    if (is_earlier) looks_at_ = when;
  }
  if (is_earlier) changed_.notify_one();
  return ticket;
}

void Deadlines::forget(const Ticket& ticket) noexcept {
  const std::lock_guard lock(mutex_);
  entries_.erase(ticket);
}

std::size_t Deadlines::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

// Most of what is watched is forgotten in time, so the thread does not follow every change of the
// earliest entry: it sleeps until what was the earliest, and looks again.
void Deadlines::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto first = entries_.begin();
    if (first == entries_.end()) {
      looks_at_ = steady_clock::time_point::max();
      changed_.wait(lock);
    } else if (steady_clock::now() < first->first.when) {
      looks_at_ = first->first.when;
      changed_.wait_until(lock, looks_at_);
    } else {
      auto watched = first->second.lock();
      entries_.erase(first);
      lock.unlock();
      if (watched) watched->late();
      watched = nullptr;  // without the lock: it may be the last, and its end may forget
      lock.lock();
    }
  }
}

}  // namespace bourse::host
