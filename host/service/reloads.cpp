// SPDX-License-Identifier: MIT
#include "host/service/reloads.hpp"

#include <utility>

namespace bourse::host {
namespace {

constexpr std::size_t kWaitingMax = 64;

}  // namespace

Reloads::Reloads(Reload reload) : reload_(std::move(reload)), thread_([this] { loop(); }) {}

Reloads::~Reloads() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
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
  std::vector<Told> forgotten;  // destroyed after the lock: a Responder answers when it goes
  std::unique_lock lock(mutex_);
  stopping_ = true;
  forgotten.swap(waiting_);
  changed_.notify_all();
  const bool quiet = changed_.wait_for(lock, limit, [&] { return !runs_; });
  lock.unlock();
  return quiet;
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
    figures_.last = std::chrono::duration_cast<std::chrono::seconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
    lock.unlock();
    for (const Told& told : asked) told(verdict);
    asked.clear();
    lock.lock();
    runs_ = false;
    changed_.notify_all();
  }
}

}  // namespace bourse::host
