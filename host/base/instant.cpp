// SPDX-License-Identifier: MIT
#include "host/base/instant.hpp"

#include <ctime>

#include "host/base/clock.hpp"

namespace bourse::host {
namespace {

std::int64_t boot_clock() noexcept {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const noexcept override {
    return {.wall = wall_clock(), .boot = boot_clock()};
  }
};

}  // namespace

const Clock& system_clock() noexcept {
  static const SystemClock kClock;
  return kClock;
}

}  // namespace bourse::host
