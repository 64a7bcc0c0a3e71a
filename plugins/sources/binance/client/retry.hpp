// SPDX-License-Identifier: MIT
//
// When a request is sent again.
//
//   what happened                              changes nothing      changes something
//   ---------------------------------------------------------------------------------------
//   not sent: names, connection, handshake     again                again
//   sent, no answer or a broken one            again                outcome unknown
//   a used connection closed without a byte    again, at once       outcome unknown
//   200 with a body that makes no sense        again, once          outcome unknown
//   5xx, 408, -1000, -1001, -1006, -1007       again                outcome unknown
//   503, -1008                                 again, long pause    outcome unknown
//   429, -1015                                 after the wait       after the wait
//   -1021                                      set clock, once      set clock, once
//   418, 403, 451; a certificate; all others   error                error
//
// Only while the deadline allows it and attempts are left. Every attempt is signed anew and takes
// its share of the rate limit anew.
#pragma once

#include <chrono>
#include <cstdint>

#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

struct RetryOptions {
  int attempts_max = 4;
  std::chrono::milliseconds pause_base{250};
  std::chrono::milliseconds pause_long{4000};
  std::chrono::milliseconds pause_max{10'000};
};

/// What has been tried in this call.
struct Tries {
  int attempts = 1;  ///< sent or tried so far
  bool clock_set = false;
  bool at_once = false;  ///< once more on a fresh connection
  bool parsed = false;   ///< once more after a senseless 200
};

enum class Next : std::uint8_t {
  kReturn,
  kReturnUnknown,  ///< as an error of kind kUnknownOutcome
  kAtOnce,
  kAfterPause,
  kAfterLongPause,
  kAfterClock,
  kAfterLimit,  ///< the rate limiter knows how long
};

Next decide(const Error& error, const Tries& tries, bool changes_state,
            const RetryOptions& options) noexcept;

/// Exponential with full jitter: evenly from zero to base x 2^(attempt-1), which stops growing at
/// pause_max. `unit` is from [0, 1).
std::chrono::milliseconds pause_before(int attempt, bool is_long, double unit,
                                       const RetryOptions& options) noexcept;

}  // namespace bourse::binance
