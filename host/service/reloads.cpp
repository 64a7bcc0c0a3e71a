// SPDX-License-Identifier: MIT
#include "host/service/reloads.hpp"

#include <utility>

#include "host/base/clock.hpp"
#include "host/http/problem.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kWaitingMax = 64;

}  // namespace

Failure no_reload_failure() {
  return {.status = BOURSE_UNAVAILABLE,
          .code = "no_reload",
          .message = "No reload is taken now: the server stops, or too many wait for one."};
}

Reloads::Reloads(Reload reload) : reload_(std::move(reload)), thread_([this] { loop(); }) {}

Reloads::~Reloads() {
  (void)drain(std::chrono::nanoseconds(0));
  thread_.join();
}

bool Reloads::ask(Told told) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= kWaitingMax) return false;
    waiting_.push_back(std::move(told));
  }
  changed_.notify_all();
  return true;
}

Reloads::Figures Reloads::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

bool Reloads::drain(std::chrono::nanoseconds limit) {
  std::vector<Told> turned_away;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  turned_away.swap(waiting_);
  lock.unlock();
  changed_.notify_all();
  if (!turned_away.empty()) {
    const ReloadVerdict none{.response = problem_response(no_reload_failure(), {})};
    for (const Told& told : turned_away) told(none);
  }
  lock.lock();
  return changed_.wait_for(lock, limit, [&] { return !runs_; });
}

void Reloads::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    std::vector<Told> asked = std::exchange(waiting_, {});
    runs_ = true;
    lock.unlock();
    const ReloadVerdict verdict = reload_();
    lock.lock();
    ++(verdict.taken ? figures_.taken : figures_.refused);
    figures_.last_was_taken = verdict.taken;
    figures_.report = verdict.report;
    figures_.last = wall_clock() / 1'000'000'000;
    lock.unlock();
    for (const Told& told : asked) told(verdict);
    asked.clear();
    lock.lock();
    runs_ = false;
    changed_.notify_all();
  }
}

}  // namespace bourse::host
