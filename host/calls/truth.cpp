// SPDX-License-Identifier: MIT
#include "host/calls/truth.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace bourse::host {

// Not recursive under a lock: a mark is fed by what was answered before it, so there is no circle,
// but a lock that is held while others are taken would order them by chance.
void ChangeMark::become(const State state) {
  std::vector<std::weak_ptr<ChangeMark>> fed;
  {
    const std::lock_guard lock(mutex_);
    if (state_.load(std::memory_order_relaxed) >= state) return;
    state_.store(state, std::memory_order_release);
    if (state == State::kEnded) {
      fed.swap(fed_);  // no more will come
    } else {
      fed = fed_;
    }
  }
  on_change();
  for (const std::weak_ptr<ChangeMark>& made_of_it : fed) {
    if (const auto mark = made_of_it.lock()) mark->become(state);
  }
}

void ChangeMark::set_input(std::shared_ptr<const Input> input) {
  const std::lock_guard lock(mutex_);
  input_ = std::move(input);
}

std::vector<std::shared_ptr<const Input>> ChangeMark::inputs() const {
  std::vector<std::shared_ptr<const Input>> found;
  std::set<const void*> seen{this};
  std::vector<std::shared_ptr<const ChangeMark>> open{shared_from_this()};
  while (!open.empty()) {
    const auto mark = std::move(open.back());
    open.pop_back();
    const std::lock_guard lock(mark->mutex_);
    if (mark->input_ && seen.insert(mark->input_.get()).second) found.push_back(mark->input_);
    for (const auto& below : mark->made_of_) {
      if (seen.insert(below.get()).second) open.push_back(below);
    }
  }
  return found;
}

void ChangeMark::feeds(const std::shared_ptr<ChangeMark>& made_of_it) {
  if (!made_of_it || made_of_it.get() == this) return;
  {
    const std::lock_guard lock(made_of_it->mutex_);
    auto& inputs = made_of_it->made_of_;
    if (inputs.empty() || inputs.back().get() != this) inputs.push_back(shared_from_this());
  }
  State state = State::kTrue;
  {
    const std::lock_guard lock(mutex_);
    state = state_.load(std::memory_order_relaxed);
    if (state != State::kEnded) {
      if (fed_.size() >= sweep_at_) {
        std::erase_if(fed_, [](const auto& mark) { return mark.expired(); });
        sweep_at_ = std::max<std::size_t>(16, 2 * fed_.size());
      }
      fed_.push_back(made_of_it);
    }
  }
  if (state != State::kTrue) made_of_it->become(state);
}

}  // namespace bourse::host
