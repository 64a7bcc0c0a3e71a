// SPDX-License-Identifier: MIT
#include "host/cli/tidy.hpp"

#include <malloc.h>

#include <algorithm>
#include <ctime>

namespace bourse::host {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kWorthIt{100};  // of computing: less has not left much behind

nanoseconds computed() {
  timespec used{};
  (void)::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + nanoseconds(used.tv_nsec);
}

}  // namespace

Tidy::Tidy(std::chrono::milliseconds period) : period_(period), thread_([this] { loop(); }) {}

Tidy::~Tidy() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Tidy::loop() {
  nanoseconds last = computed();
  nanoseconds tidied{0};
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, period_, [this] { return ending_; })) {
    const nanoseconds now = computed();
    const bool idle = now - last < period_ / 50;
    last = now;
    if (!idle || now - tidied < kWorthIt) continue;
    (void)::malloc_trim(0);
    tidied = computed();
  }
}

int arenas_wanted() noexcept {
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency() / 2, 2U, 8U));
}

}  // namespace bourse::host
