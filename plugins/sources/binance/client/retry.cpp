// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/retry.hpp"

#include <algorithm>
#include <cmath>

#include "plugins/sources/binance/client/error_codes.hpp"

namespace bourse::binance {
namespace {

constexpr std::int64_t kInvalidTimestamp = -1021;

bool is_overload(const Error& error) noexcept {
  const ErrorCode* const code = find_error_code(error.code);
  return error.http_status == 503 || (code != nullptr && code->again == Again::kSafeLong);
}

/// As if attempts were endless.
Next wish(const Error& error, const Tries& tries, bool changes_state) noexcept {
  if (error.code == kInvalidTimestamp) return tries.clock_set ? Next::kReturn : Next::kAfterClock;
  switch (error.kind) {
    case ErrorKind::kNetwork:
      if (error.permanent) return Next::kReturn;
      if (error.reach == Reach::kNotSent) return Next::kAfterPause;
      if (changes_state) return Next::kReturnUnknown;
      return error.stale_connection && !tries.at_once ? Next::kAtOnce : Next::kAfterPause;
    case ErrorKind::kServer:
    case ErrorKind::kUnknownOutcome:
      if (changes_state) return Next::kReturnUnknown;
      return is_overload(error) ? Next::kAfterLongPause : Next::kAfterPause;
    case ErrorKind::kProtocol:
      if (changes_state) return Next::kReturnUnknown;
      return error.http_status == 200 && !tries.parsed ? Next::kAfterPause : Next::kReturn;
    case ErrorKind::kRateLimit:
      return Next::kAfterLimit;
    default:
      return Next::kReturn;
  }
}

}  // namespace

Next decide(const Error& error, const Tries& tries, bool changes_state,
            const RetryOptions& options) noexcept {
  const Next next = wish(error, tries, changes_state);
  const bool over = error.deadline || error.stopped || tries.attempts >= options.attempts_max;
  if (!over || next == Next::kReturnUnknown) return next;
  return Next::kReturn;
}

std::chrono::milliseconds pause_before(int attempt, bool is_long, double unit,
                                       const RetryOptions& options) noexcept {
  const auto base =
      static_cast<double>((is_long ? options.pause_long : options.pause_base).count());
  const double grown = std::ldexp(base, std::clamp(attempt - 1, 0, 30));
  const double ceiling = std::min(grown, static_cast<double>(options.pause_max.count()));
  return std::chrono::milliseconds(static_cast<std::int64_t>(ceiling * unit));
}

}  // namespace bourse::binance
