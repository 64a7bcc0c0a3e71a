// SPDX-License-Identifier: MIT
#include "host/calls/workers.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

/// Which pool the current thread computes for; null elsewhere.
thread_local const Workers* pool_of_this_thread = nullptr;
/// Whether it has given up its turn.
thread_local bool waits = false;

/// A plugin's exceptions are caught where it is called. One that comes through here is the host's
/// own mistake, or memory; it costs this task, not the process.
void run_sealed(const Workers::Task& task) noexcept {
  try {
    task();
  } catch (const std::exception& e) {
    log_event(BOURSE_LEVEL_ERROR, "task_threw", {{"message", e.what()}});
  } catch (...) {
    log_event(BOURSE_LEVEL_ERROR, "task_threw");
  }
}

}  // namespace

Workers::Workers(Options options) : options_(options), turns_(std::max(1U, options.computing)) {
  threads_.reserve(std::max(1U, options.threads));
}

Workers::~Workers() { stop(); }

// A thread without a turn could only wait for one, so none is made for tasks beyond the turns. Who
// frees a turn comes by here again.
void Workers::grow_if_needed() noexcept {
  if (idle_ >= std::min<std::size_t>(tasks_.size(), turns_)) return;
  if (threads_.size() >= std::max(options_.threads, 1U)) return;
  try {
    threads_.emplace_back([this] { loop(); });
    ++idle_;
  } catch (const std::exception&) {
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
  const std::size_t to_come = std::max(options_.threads, 1U) - threads_.size();
  if (stopping_ || tasks_.size() >= idle_ + to_come) return false;
  tasks_.push_front(std::move(task));
  grow_if_needed();
  if (threads_.empty()) {
    tasks_.pop_front();
    return false;
  }
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
    ++steps_;
    --turns_;
    --idle_;
    ++running_;
    // Those that slept while the last task waited for a turn have nothing left to wake them.
    if (stopping_ && tasks_.empty()) work_.notify_all();
    lock.unlock();
    run_sealed(task);
    task = nullptr;  // what it captured goes before the turn does
    lock.lock();
    ++steps_;
    ++turns_;
    ++idle_;
    --running_;
    hand_on_turn();
    if (tasks_.empty() && running_ == 0) quiet_.notify_all();
  }
}

void Workers::hand_on_turn() {
  if (resuming_ > 0) {
    resume_.notify_one();
  } else if (!tasks_.empty()) {
    work_.notify_one();
  }
}

bool Workers::drain(std::chrono::nanoseconds limit) {
  std::unique_lock lock(mutex_);
  return quiet_.wait_for(lock, limit, [&] { return tasks_.empty() && running_ == 0; });
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

std::uint64_t Workers::steps() const {
  const std::lock_guard lock(mutex_);
  return steps_;
}

void Workers::give_turn_away() {
  waits = true;
  const std::lock_guard lock(mutex_);
  ++steps_;
  ++turns_;
  if (!stopping_) grow_if_needed();
  hand_on_turn();
}

void Workers::take_turn_back() {
  std::unique_lock lock(mutex_);
  ++resuming_;
  resume_.wait(lock, [&] { return turns_ > 0; });
  --resuming_;
  ++steps_;
  --turns_;
  waits = false;
  hand_on_turn();
}

Workers::Waiting::Waiting(Workers* workers)
    : workers_(workers != nullptr && pool_of_this_thread == workers && !waits ? workers : nullptr) {
  if (workers_ != nullptr) workers_->give_turn_away();
}

Workers::Waiting::~Waiting() {
  if (workers_ != nullptr) workers_->take_turn_back();
}

Workers::Computing::Computing(Workers* workers)
    : workers_(workers != nullptr && pool_of_this_thread == workers && waits ? workers : nullptr) {
  if (workers_ != nullptr) workers_->take_turn_back();
}

Workers::Computing::~Computing() {
  if (workers_ != nullptr) workers_->give_turn_away();
}

}  // namespace bourse::host
