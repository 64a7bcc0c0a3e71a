// SPDX-License-Identifier: MIT
//
// What stands in the first line of an HTTP request: the path and the query, with the signature.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "plugins/sources/binance/client/endpoints.hpp"
#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/query.hpp"
#include "plugins/sources/binance/client/signer.hpp"

namespace bourse::binance {

/// "/api/v3/klines?symbol=BTCUSDT&interval=1h".
std::string make_target(Endpoint endpoint, const Query& query);

struct Signing {
  const Signer& signer;
  /// Unix time in ms as the exchange's clock shows it.
  std::int64_t timestamp_ms;
  /// For how long after the timestamp the exchange takes the request.
  std::chrono::milliseconds receive_window;
};

struct SignedTarget {
  std::string target;
  /// Must not show up in logs: as the signer made it, and percent-encoded as in `target`.
  std::string signature, signature_encoded;
};

/// Adds recvWindow and timestamp, signs what is then there, byte for byte, and adds the signature.
/// The result is what must be sent: nothing may encode or reorder it afterwards. Call it anew for
/// every attempt, as the exchange refuses old timestamps.
Result<SignedTarget> make_signed_target(Endpoint endpoint, const Query& query,
                                        const Signing& signing);

}  // namespace bourse::binance
