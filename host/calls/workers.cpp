// SPDX-License-Identifier: MIT
#include "host/calls/workers.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "host/calls/call_watch.hpp"
#include "host/observe/log.hpp"
#include "host/plugins/foreign_call.hpp"

namespace bourse::host {
namespace {

/// Of the current thread; null on those that no pool made.
thread_local Workers::Seat* own_seat = nullptr;

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

Workers::Workers(Options options)
    : options_(options),
      turns_(std::max(1U, options.computing)),
      calls_(std::make_unique<CallWatch>(CallWatch::Options{.computing = options.computing,
                                                            .threads = options.threads,
                                                            .substitutes = options.substitutes})) {
  threads_.reserve(std::max(1U, options.threads));
}

Workers::~Workers() { stop(); }

std::size_t Workers::threads_max() const noexcept {
  return std::size_t{std::max(options_.threads, 1U)} + lost_;
}

// A thread without a turn could only wait for one, so none is made for tasks beyond the turns. Who
// frees a turn comes by here again.
void Workers::grow_if_needed() noexcept {
  if (idle_ >= std::min<std::size_t>(tasks_.size(), turns_)) return;
  if (threads_.size() >= threads_max()) return;
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
  // Those that were made for one that has come back since are more than there may be.
  const std::size_t to_come = threads_max() - std::min(threads_max(), threads_.size());
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
  Seat seat{.pool = this};
  own_seat = &seat;
  std::unique_lock lock(mutex_);
  seats_.push_back(&seat);
  while (true) {
    work_.wait(lock, [&] {
      return (!tasks_.empty() && turns_ > 0 && resuming_ == 0) || (stopping_ && tasks_.empty());
    });
    if (tasks_.empty()) break;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    const bool is_last = tasks_.empty();
    ++steps_;
    --turns_;
    --idle_;
    ++running_;
    // Those that slept while the last task waited for a turn have nothing left to wake them.
    if (stopping_ && tasks_.empty()) work_.notify_all();
    lock.unlock();
    run_sealed(task);
    task = nullptr;  // what it captured goes before the turn does
    if (is_last) look_at_idle_thread();
    lock.lock();
    ++steps_;
    ++turns_;
    ++idle_;
    --running_;
    hand_on_turn();
    if (tasks_.empty() && running_ == 0) quiet_.notify_all();
  }
  std::erase(seats_, &seat);
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
  const std::lock_guard lock(mutex_);
  own_seat->waits = true;
  ++steps_;
  if (own_seat->lost) return;  // another one has it
  ++turns_;
  if (!stopping_) grow_if_needed();
  hand_on_turn();
}

// One that loses its place while it waits for a turn goes on without.
void Workers::await_turn(std::unique_lock<std::mutex>& lock, const Seat& seat) {
  ++resuming_;
  resume_.wait(lock, [&] { return turns_ > 0 || seat.lost; });
  --resuming_;
  ++steps_;
  if (!seat.lost) --turns_;
  hand_on_turn();
}

void Workers::take_turn_back() {
  std::unique_lock lock(mutex_);
  await_turn(lock, *own_seat);
  own_seat->waits = false;
}

Workers::Seat* Workers::seat_of_this_thread() noexcept {
  return own_seat != nullptr && own_seat->pool == this ? own_seat : nullptr;
}

bool Workers::lose(Seat& seat) {
  const std::lock_guard lock(mutex_);
  if (seat.lost) return true;
  seat.held = lost_ >= options_.substitutes;
  if (seat.held) return false;
  seat.lost = true;
  ++lost_;
  ++steps_;
  if (!seat.waits) ++turns_;
  if (!stopping_) grow_if_needed();
  resume_.notify_all();  // it may be among those
  hand_on_turn();
  return true;
}

void Workers::regain(Seat& seat) {
  std::unique_lock lock(mutex_);
  seat.held = false;
  if (!seat.lost) return;
  seat.lost = false;
  --lost_;
  if (!seat.waits) await_turn(lock, seat);
}

bool Workers::exhausted() const {
  const std::lock_guard lock(mutex_);
  const auto turns = std::count_if(seats_.begin(), seats_.end(),
                                   [](const Seat* seat) { return seat->held && !seat->waits; });
  if (turns >= std::int64_t{std::max(1U, options_.computing)}) return true;
  return threads_.size() >= threads_max() && seats_.size() == threads_.size() &&
         std::all_of(seats_.begin(), seats_.end(),
                     [](const Seat* seat) { return seat->held || seat->lost; });
}

Workers::Lost Workers::lost() const {
  const std::lock_guard lock(mutex_);
  return {.now = lost_, .max = options_.substitutes};
}

Workers::Waiting::Waiting(Workers* workers)
    : workers_(workers != nullptr && workers->seat_of_this_thread() != nullptr && !own_seat->waits
                   ? workers
                   : nullptr) {
  if (workers_ != nullptr) workers_->give_turn_away();
}

Workers::Waiting::~Waiting() {
  if (workers_ != nullptr) workers_->take_turn_back();
}

Workers::Computing::Computing(Workers* workers)
    : workers_(workers != nullptr && workers->seat_of_this_thread() != nullptr && own_seat->waits
                   ? workers
                   : nullptr) {
  if (workers_ != nullptr) workers_->take_turn_back();
}

Workers::Computing::~Computing() {
  if (workers_ != nullptr) workers_->give_turn_away();
}

}  // namespace bourse::host
