// SPDX-License-Identifier: MIT
#include "host/base/clock.hpp"

#include <chrono>

namespace bourse::host {

std::int64_t wall_clock() noexcept {
  using std::chrono::nanoseconds;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<nanoseconds>(since).count();
}

}  // namespace bourse::host
