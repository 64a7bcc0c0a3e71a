// SPDX-License-Identifier: MIT
#include "host/calls/context.hpp"

#include <algorithm>

namespace bourse::host {

bourse_status Context::poll() const noexcept {
  if (client && client->gone()) return BOURSE_CANCELLED;
  if (deadline == std::chrono::steady_clock::time_point::max()) return BOURSE_OK;
  return std::chrono::steady_clock::now() < deadline ? BOURSE_OK : BOURSE_DEADLINE;
}

std::chrono::nanoseconds Context::left() const noexcept {
  if (deadline == std::chrono::steady_clock::time_point::max()) return std::chrono::hours(24 * 365);
  const auto left = deadline - std::chrono::steady_clock::now();
  return std::max<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0));
}

}  // namespace bourse::host
