// SPDX-License-Identifier: MIT
//
// Moments for what is kept: on the clock on the wall, and on one that nobody sets.
#pragma once

#include <cstdint>

namespace bourse::host {

/// One moment on two clocks, ns. Truth is told by the wall's; the other one goes on while the
/// machine sleeps and never back (CLOCK_BOOTTIME), so that no step of the wall keeps an answer.
struct Instant {
  std::int64_t wall = 0;  ///< since 1970-01-01 UTC
  std::int64_t boot = 0;  ///< since the machine started
};

/// What time it is. [any thread]
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const noexcept = 0;
};

/// The machine's.
[[nodiscard]] const Clock& system_clock() noexcept;

}  // namespace bourse::host
