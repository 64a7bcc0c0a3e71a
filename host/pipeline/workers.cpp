// SPDX-License-Identifier: MIT
#include "host/pipeline/workers.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace bourse::host {
namespace {

/// Which pool the current thread computes for; null elsewhere.
thread_local const Workers* pool_of_this_thread = nullptr;

}  // namespace

Workers::Workers(Options options) : options_(options), turns_(std::max(1U, options.computing)) {}

Workers::~Workers() { stop(); }

void Workers::grow_if_needed() {
  if (idle_ >= tasks_.size() || threads_.size() >= std::max(options_.threads, 1U)) return;
  try {
    threads_.emplace_back([this] { loop(); });
    ++idle_;
  } catch (const std::system_error&) {
    // No more threads to be had: those that exist will get to it. Without any, submit refuses.
  }
}

bool Workers::submit(Task task) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || tasks_.size() >= options_.queue) return false;
  tasks_.push_back(std::move(task));
  grow_if_needed();
  if (threads_.empty()) {
    tasks_.pop_back();
    return false;
  }
  work_.notify_one();
  return true;
}

bool Workers::assist(Task task) {
  const std::lock_guard lock(mutex_);
  const bool can_grow = threads_.size() < options_.threads;
  if (stopping_ || (idle_ <= tasks_.size() && !can_grow)) return false;
  tasks_.push_back(std::move(task));
  grow_if_needed();
  work_.notify_one();
  return true;
}

void Workers::loop() {
  pool_of_this_thread = this;
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [&] {
      return (!tasks_.empty() && turns_ > 0 && resuming_ == 0) || (stopping_ && tasks_.empty());
    });
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    --turns_;
    --idle_;
    lock.unlock();
    task();
    task = nullptr;  // what it captured goes before the turn does
    lock.lock();
    ++turns_;
    ++idle_;
    hand_on_turn();
  }
}

void Workers::hand_on_turn() {
  if (resuming_ > 0) {
    resume_.notify_one();
  } else if (!tasks_.empty()) {
    work_.notify_one();
  }
}

void Workers::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  work_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

std::size_t Workers::queued() const {
  const std::lock_guard lock(mutex_);
  return tasks_.size();
}

Workers::Waiting::Waiting(Workers* workers)
    : workers_(workers != nullptr && pool_of_this_thread == workers ? workers : nullptr) {
  if (workers_ == nullptr) return;
  const std::lock_guard lock(workers_->mutex_);
  ++workers_->turns_;
  if (!workers_->stopping_) workers_->grow_if_needed();
  workers_->hand_on_turn();
}

Workers::Waiting::~Waiting() {
  if (workers_ == nullptr) return;
  std::unique_lock lock(workers_->mutex_);
  ++workers_->resuming_;
  workers_->resume_.wait(lock, [&] { return workers_->turns_ > 0; });
  --workers_->resuming_;
  --workers_->turns_;
  workers_->hand_on_turn();
}

}  // namespace bourse::host
