// SPDX-License-Identifier: MIT
//
// The proxy between this machine and the world, as the usual environment variables name it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "plugins/sources/binance/client/credentials.hpp"
#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/secret.hpp"
#include "plugins/sources/binance/client/site.hpp"

namespace bourse::binance {

struct Proxy {
  std::string host;
  std::uint16_t port = 3128;
  /// Base64 of user:password for Proxy-Authorization; null: none.
  std::shared_ptr<const Secret> authorization;
};

/// What HTTPS_PROXY, https_proxy, ALL_PROXY or all_proxy say about an origin, the first one set;
/// nullopt: no proxy. Only http:// proxies, which tunnel TLS by CONNECT. NO_PROXY (or no_proxy)
/// lists exceptions, by comma: host names with all names below them, or *. Origins on this machine
/// and without TLS need none.
Result<std::optional<Proxy>> proxy_for(const Origin& origin,
                                       const Variables& variable = process_variables());

}  // namespace bourse::binance
