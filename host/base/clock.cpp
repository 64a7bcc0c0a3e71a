// SPDX-License-Identifier: MIT
#include "host/base/clock.hpp"

#include <algorithm>
#include <ctime>

namespace bourse::host {
namespace {

constexpr std::int64_t kSecondMin = -9'214'560'000;     // 1678-01-01T00:00:00Z
constexpr std::int64_t kSecondMax = 9'183'110'400 - 1;  // 2260-12-31T23:59:59Z

}  // namespace

std::int64_t wall_clock_of(std::int64_t seconds, std::int64_t nanoseconds) noexcept {
  return std::clamp(seconds, kSecondMin, kSecondMax) * 1'000'000'000 + nanoseconds;
}

// Not the standard library's: it multiplies without looking.
std::int64_t wall_clock() noexcept {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return wall_clock_of(time.tv_sec, time.tv_nsec);
}

}  // namespace bourse::host
