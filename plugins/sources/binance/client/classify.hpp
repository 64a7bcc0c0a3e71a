// SPDX-License-Identifier: MIT
//
// What an HTTP answer that is not 200 means.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "bourse/report.hpp"
#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/transport.hpp"

namespace bourse::binance {

/// Where an answer does not say how long a block lasts.
inline constexpr std::chrono::minutes kFirewallPause{5};
inline constexpr std::chrono::minutes kBanPause{2};
inline constexpr std::chrono::hours kGeoBlockPause{1};
/// Statements beyond this are not believed; the longest ban is three days.
inline constexpr std::chrono::hours kPauseMax{24 * 7};

/// REQUIRES: status is not 200. `now` is the exchange's time.
Error classify(const HttpResponse& response, Time now);

/// Whether the status says what happened without a body: blocks, and failures of the exchange.
bool says_enough(int status) noexcept;

/// "x-mbx-used-weight-1m: 42": so much of the weight of a window is used up.
struct UsedWeight {
  std::int64_t window_ms;
  std::int64_t used;
};
/// Beyond any limit, and far from what a sum would overflow at.
inline constexpr std::int64_t kUsedWeightMax = 1'000'000'000;
/// Larger figures are taken for kUsedWeightMax.
std::vector<UsedWeight> used_weights(const HttpResponse& response);

}  // namespace bourse::binance
