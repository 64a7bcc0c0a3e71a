// SPDX-License-Identifier: MIT
#include "host/live/watches.hpp"

#include <utility>

namespace bourse::host {

// The source first: it may be telling.
WatchedInput::~WatchedInput() {
  watch_.reset();
  all_.forget(key_);
}

bool WatchedInput::begin(const Context& context, Workers* workers) {
  watch_ = InputWatch::begin(*input_, context, workers, this, &WatchedInput::changed);
  return watch_ != nullptr;
}

// The source calls this no more once the destructor has begun to end the watch, or waits for it
// there: then nobody holds it, and there is nothing to tell.
void WatchedInput::changed(void* sink) noexcept {
  WatchedInput& self = *static_cast<WatchedInput*>(sink);
  if (self.is_told_.exchange(true)) return;
  if (auto held = self.weak_from_this().lock()) self.all_.told_(std::move(held));
}

WatchedInputPtr Watches::find(const QuestionKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = watches_.find(key);
  return found == watches_.end() ? nullptr : found->second.lock();
}

// The source is asked whether it tells at all only where nobody has begun, and without the lock.
std::vector<WatchedInputPtr> Watches::hold(const std::vector<std::shared_ptr<const Input>>& inputs,
                                           std::vector<WatchedInputPtr>& fresh) {
  std::vector<WatchedInputPtr> held;
  held.reserve(inputs.size());
  for (const auto& input : inputs) {
    const auto key = QuestionKey::of_dataset(input->source(), input->dataset(), input->canonical());
    WatchedInputPtr watch = find(key);
    if (!watch && !InputWatch::is_offered(*input)) continue;
    if (!watch) {
      const std::lock_guard lock(mutex_);
      auto& slot = watches_[key];
      watch = slot.lock();  // another one may have been quicker
      if (!watch) {
        slot = watch = std::make_shared<WatchedInput>(*this, input, key);
        fresh.push_back(watch);
      }
    }
    held.push_back(std::move(watch));
  }
  return held;
}

std::size_t Watches::size() const {
  const std::lock_guard lock(mutex_);
  return watches_.size();
}

// Another one for the same input may be there by now.
void Watches::forget(const QuestionKey& key) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = watches_.find(key);
  if (found != watches_.end() && found->second.expired()) watches_.erase(found);
}

}  // namespace bourse::host
