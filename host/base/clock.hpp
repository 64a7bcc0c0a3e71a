// SPDX-License-Identifier: MIT
//
// What time it is.
#pragma once

#include <chrono>
#include <cstdint>

namespace bourse::host {

/// ns since 1970-01-01 UTC, from 1678 to 2260: a clock that stands outside of that has not been
/// set, and 64 bits do not hold much more. A year can be added to it.
[[nodiscard]] std::int64_t wall_clock() noexcept;

/// The same as the standard library has it.
[[nodiscard]] inline std::chrono::system_clock::time_point wall_time_point() noexcept {
  return std::chrono::system_clock::time_point(std::chrono::nanoseconds(wall_clock()));
}

/// What wall_clock() makes of a clock that says so. REQUIRES: 0 <= nanoseconds < 1'000'000'000.
[[nodiscard]] std::int64_t wall_clock_of(std::int64_t seconds, std::int64_t nanoseconds) noexcept;

}  // namespace bourse::host
