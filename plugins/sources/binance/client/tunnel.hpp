// SPDX-License-Identifier: MIT
//
// The way through an HTTP proxy.
//
// The HTTP library could ask the proxy by itself, but deadlocks when the proxy refuses and closes
// the connection, and would repeat the proxy's password to the exchange (cpp-httplib 0.11).
#pragma once

#include <string>

#include "plugins/sources/binance/client/network.hpp"
#include "plugins/sources/binance/client/proxy.hpp"

namespace bourse::binance {

/// Asks the proxy at the other end of `stream` for a tunnel to `host_and_port`.
Status open_tunnel(Stream& stream, const std::string& host_and_port, const Proxy& proxy,
                   const Call& call);

}  // namespace bourse::binance
