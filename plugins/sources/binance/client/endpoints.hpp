// SPDX-License-Identifier: MIT
//
// The exchange's endpoints: where they are, who may call them, what a call weighs.
//
// Weights are those of the exchange's documentation as of 2026-07-21. The limit they count against
// is not here: it is read from the exchange (rate_limiter.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bourse::binance {

enum class Endpoint : std::uint8_t {
  kPing,
  kTime,
  kExchangeInfo,
  kDepth,
  kTrades,
  kHistoricalTrades,
  kAggTrades,
  kKlines,
  kUiKlines,
  kAvgPrice,
  kTicker24h,
  kTickerTradingDay,
  kTickerPrice,
  kTickerBook,
  kTickerRolling,
  kAccount,
  kAccountCommission,
  kOrderTest,
  kMyTrades,
  kRateLimitOrder,
};
inline constexpr std::size_t kEndpoints = static_cast<std::size_t>(Endpoint::kRateLimitOrder) + 1;

/// What of a request decides its weight.
struct Shape {
  /// `limit`, where the endpoint has one.
  std::optional<int> limit = {};
  /// Names in `symbols`; nullopt: `symbols` is not sent.
  std::optional<std::size_t> symbols = {};
  /// `symbol` is sent.
  bool symbol = false;
  /// `orderId` is sent (kMyTrades).
  bool order_id = false;
  /// computeCommissionRates=true is sent (kOrderTest).
  bool commission_rates = false;
};

struct EndpointInfo {
  Endpoint endpoint;
  std::string_view method;
  std::string_view path;
  /// Needs a key and a signature.
  bool is_signed;
  /// Also on the host that serves public data only.
  bool on_data_host;
  int (*weight)(const Shape& shape);
};

const EndpointInfo& info_of(Endpoint endpoint) noexcept;

inline int weight_of(Endpoint endpoint, const Shape& shape) {
  return info_of(endpoint).weight(shape);
}

}  // namespace bourse::binance
