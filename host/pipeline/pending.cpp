// SPDX-License-Identifier: MIT
#include "host/pipeline/pending.hpp"

#include <utility>
#include <vector>

namespace bourse::host {

bool Pending::answer(Response response) {
  if (answered_.exchange(true)) return false;
  responder_.send(std::move(response));
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

void Deadlines::watch(std::chrono::steady_clock::time_point when,
                      const std::shared_ptr<Pending>& pending, Late late) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.emplace(when, Entry{pending, std::move(late)});
    is_first = entry == entries_.begin();
  }
  if (is_first) changed_.notify_one();
}

void Deadlines::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (entries_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto next = entries_.begin()->first;
    if (std::chrono::steady_clock::now() < next) {
      changed_.wait_until(lock, next);
      continue;
    }
    const Entry entry = std::move(entries_.begin()->second);
    entries_.erase(entries_.begin());
    lock.unlock();
    if (const auto pending = entry.pending.lock(); pending && !pending->answered()) {
      pending->answer(entry.late());
    }
    lock.lock();
  }
}

}  // namespace bourse::host
