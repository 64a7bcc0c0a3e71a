// SPDX-License-Identifier: MIT
//
// Which exchange to talk to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

enum class Site : std::uint8_t {
  kTestnet,  ///< play money, keys of its own, wiped about once a month
  kData,     ///< the live market's public data, without keys; also where the live one is blocked
  kLive,     ///< real money
};
std::string_view name_of(Site site) noexcept;
/// "testnet", "data" or "live".
Result<Site> parse_site(std::string_view name);

/// Scheme, host and port.
struct Origin {
  bool tls = true;
  std::string host;  ///< without the brackets of IPv6
  std::uint16_t port = 443;

  /// "host" or "host:port" as it stands in a Host header: the port when it is not the usual one.
  [[nodiscard]] std::string authority() const;
  /// "host:port", always with the port.
  [[nodiscard]] std::string host_and_port() const;
};

Origin origin_of(Site site);

/// "http://127.0.0.1:8080", for tests: 127.0.0.0/8, [::1] or localhost, http or https, nothing
/// behind the port. All else is refused: a key must not go to a host that only looks like the
/// exchange.
Result<Origin> parse_loopback(std::string_view url);

}  // namespace bourse::binance
