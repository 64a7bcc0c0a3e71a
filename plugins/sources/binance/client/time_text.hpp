// SPDX-License-Identifier: MIT
//
// Times, and the exchange's milliseconds.
#pragma once

#include <cstdint>
#include <limits>

#include "bourse/report.hpp"

namespace bourse::binance {

inline constexpr std::int64_t kNsPerMs = 1'000'000;

/// Times that Time cannot hold stop at its ends.
constexpr Time from_ms(std::int64_t ms) noexcept {
  constexpr std::int64_t kLimit = std::numeric_limits<std::int64_t>::max() / kNsPerMs;
  return Time{(ms > kLimit ? kLimit : ms < -kLimit ? -kLimit : ms) * kNsPerMs};
}
/// Rounds down.
constexpr std::int64_t to_ms(Time time) noexcept {
  return time.ns / kNsPerMs - (time.ns % kNsPerMs < 0 ? 1 : 0);
}

/// For people, who read no fractions. Rounds down.
constexpr Time whole_second(Time time) noexcept {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const std::int64_t rest = time.ns % kNsPerSecond;
  if (rest >= 0) return Time{time.ns - rest};
  const std::int64_t past = std::numeric_limits<std::int64_t>::min() + kNsPerSecond;
  return time.ns < past ? time : Time{time.ns - rest - kNsPerSecond};
}

}  // namespace bourse::binance
