// SPDX-License-Identifier: MIT
//
// How much one who asks may ask, as a configuration says it. Plain data; what counts it is
// host/service/quotas.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace bourse::host {

/// `count` requests in each `window`, of which `burst` may come at once.
struct RateRule {
  std::uint32_t count = 0;  ///< never 0
  std::chrono::seconds window{1};
  std::uint32_t burst = 0;  ///< never 0; by default the count

  bool operator==(const RateRule&) const = default;
};

struct LimitRules {
  std::optional<RateRule> client = {};   ///< of one client, by its address
  std::optional<RateRule> token = {};    ///< of one token; where the route has `access`
  std::optional<RateRule> route = {};    ///< of all together, for each route
  std::uint32_t client_concurrency = 0;  ///< of one client, being answered; 0: any
  std::uint32_t concurrency = 0;         ///< of all together, for each route; 0: any
  std::uint32_t hit_percent = 100;       ///< what a kept answer costs of a request

  /// Nothing is limited.
  [[nodiscard]] bool is_off() const noexcept {
    return !client && !token && !route && client_concurrency == 0 && concurrency == 0;
  }
  bool operator==(const LimitRules&) const = default;
};

}  // namespace bourse::host
