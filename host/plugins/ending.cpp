// SPDX-License-Identifier: MIT
#include "host/plugins/ending.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace bourse::host {
namespace {

std::atomic<bool> stay_loaded{false};

}  // namespace

struct Ending::Registry {
  std::mutex mutex;
  std::list<Entry> calls;
  std::chrono::milliseconds limit{0};
  void (*late)(const std::string& call) = nullptr;
  bool is_watched = false;
};

// Never freed: a call may go on while the process ends.
Ending::Registry& Ending::registry() {
  static auto* const all = new Registry;
  return *all;
}

Ending::Ending(std::string call) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  place_ = all.calls.insert(all.calls.end(), Entry{std::move(call)});
  if (all.late == nullptr || all.is_watched) return;
  try {
    std::thread(watch).detach();
    all.is_watched = true;
  } catch (const std::exception&) {
    // No thread is to be had: the next one tries again.
  }
}

Ending::~Ending() {
  const std::lock_guard lock(registry().mutex);
  registry().calls.erase(place_);
}

std::vector<std::string> Ending::all() {
  std::vector<std::string> names;
  const std::lock_guard lock(registry().mutex);
  for (const Entry& entry : registry().calls) names.push_back(entry.call);
  return names;
}

void Ending::bound(std::chrono::milliseconds limit, void (*late)(const std::string& call)) {
  const std::lock_guard lock(registry().mutex);
  registry().limit = limit;
  registry().late = late;
}

void Ending::watch() {
  constexpr std::chrono::milliseconds kInterval{50};
  Registry& all = registry();
  while (true) {
    std::this_thread::sleep_for(kInterval);
    std::string call;
    {
      const std::lock_guard lock(all.mutex);
      if (all.calls.empty()) continue;
      const Entry& oldest = all.calls.front();
      if (std::chrono::steady_clock::now() - oldest.since < all.limit) continue;
      call = oldest.call;
    }
    all.late(call);
  }
}

void keep_libraries_loaded() noexcept { stay_loaded.store(true); }
bool libraries_stay_loaded() noexcept { return stay_loaded.load(); }

}  // namespace bourse::host
