// SPDX-License-Identifier: MIT
#include "host/base/instant.hpp"

#include <ctime>

namespace bourse::host {
namespace {

std::int64_t read_clock(clockid_t id) noexcept {
  timespec time{};
  clock_gettime(id, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const noexcept override {
    return {.wall = read_clock(CLOCK_REALTIME), .boot = read_clock(CLOCK_BOOTTIME)};
  }
};

}  // namespace

const Clock& system_clock() noexcept {
  static const SystemClock kClock;
  return kClock;
}

}  // namespace bourse::host
