// SPDX-License-Identifier: MIT
#include "host/service/generations.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace bourse::host {

struct Generations::State {
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::shared_ptr<const Generation>> dead;
  std::size_t alive = 0;
  bool stopping = false;

  void bury(std::shared_ptr<const Generation> generation) {
    {
      const std::lock_guard lock(mutex);
      dead.push_back(std::move(generation));
    }
    changed.notify_all();
  }

  void loop() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return stopping || !dead.empty(); });
      if (dead.empty()) return;
      auto ending = std::exchange(dead, {});
      lock.unlock();
      const std::size_t count = ending.size();
      ending.clear();
      lock.lock();
      alive -= count;
      changed.notify_all();
    }
  }
};

Generations::Generations() : state_(std::make_shared<State>()) {
  std::thread([state = state_] { state->loop(); }).detach();
}

Generations::~Generations() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
}

std::shared_ptr<const Generation> Generations::admit(std::shared_ptr<const Generation> generation) {
  const Generation* const shown = generation.get();
  {
    const std::lock_guard lock(state_->mutex);
    ++state_->alive;
  }
  return {shown, [state = state_, held = std::move(generation)](const Generation*) mutable {
            state->bury(std::move(held));
          }};
}

std::size_t Generations::alive() const noexcept {
  const std::lock_guard lock(state_->mutex);
  return state_->alive;
}

bool Generations::drain(std::chrono::nanoseconds limit) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, limit, [&] { return state_->alive == 0; });
}

}  // namespace bourse::host
