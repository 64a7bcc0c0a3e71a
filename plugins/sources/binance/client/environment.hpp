// SPDX-License-Identifier: MIT
//
// What the client needs of the world around it. Tests put their own in: a clock that jumps, dice
// that are loaded, a network that is none.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "bourse/report.hpp"

namespace bourse::binance {

class Transport;

/// A moment of the monotonic clock.
using Instant = std::chrono::steady_clock::time_point;

/// Safe to use from any number of threads, like all of these.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Never goes back, whatever happens to the time of day.
  [[nodiscard]] virtual Instant now() const = 0;
  /// The time of day, as this machine believes it to be.
  [[nodiscard]] virtual Time wall() const = 0;
  virtual void sleep_until(Instant instant) = 0;
};

class Random {
 public:
  virtual ~Random() = default;
  /// Evenly from [0, 1).
  virtual double unit() = 0;
};

struct Environment {
  std::shared_ptr<Clock> clock = {};
  std::shared_ptr<Random> random = {};
  std::shared_ptr<Transport> transport = {};
};

std::shared_ptr<Clock> real_clock();
std::shared_ptr<Random> real_random();

/// How long a call may take, everything included: waits for limits, retries, names, connections.
struct Call {
  Instant deadline;
  /// Asked several times a second during waits, also from other threads, but never after the call:
  /// true ends the call soon. May be empty.
  std::function<bool()> stopped = {};
};

/// A call that may take so long from now on, by the real clock.
inline Call within(std::chrono::nanoseconds time) {
  return {.deadline = std::chrono::steady_clock::now() + time};
}

/// Sleeps until then. False: the caller asked to stop.
bool wait_until(Clock& clock, Instant instant, const Call& call);

}  // namespace bourse::binance
