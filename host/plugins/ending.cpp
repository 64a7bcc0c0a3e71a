// SPDX-License-Identifier: MIT
#include "host/plugins/ending.hpp"

#include <atomic>
#include <mutex>
#include <utility>

namespace bourse::host {
namespace {

std::atomic<bool> stay_loaded{false};

}  // namespace

struct Ending::Registry {
  std::mutex mutex;
  std::list<std::string> calls;
};

// Never freed: a call may go on while the process ends.
Ending::Registry& Ending::registry() {
  static auto* const all = new Registry;
  return *all;
}

Ending::Ending(std::string call) {
  const std::lock_guard lock(registry().mutex);
  place_ = registry().calls.insert(registry().calls.end(), std::move(call));
}

Ending::~Ending() {
  const std::lock_guard lock(registry().mutex);
  registry().calls.erase(place_);
}

std::vector<std::string> Ending::all() {
  const std::lock_guard lock(registry().mutex);
  return {registry().calls.begin(), registry().calls.end()};
}

void keep_libraries_loaded() noexcept { stay_loaded.store(true); }
bool libraries_stay_loaded() noexcept { return stay_loaded.load(); }

}  // namespace bourse::host
