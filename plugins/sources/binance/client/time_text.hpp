// SPDX-License-Identifier: MIT
//
// Times as people read them, and the exchange's milliseconds.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

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

/// "2026-08-21 07:15:02 UTC".
std::string utc_text(Time time);

}  // namespace bourse::binance
