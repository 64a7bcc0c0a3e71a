// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/target.hpp"

#include <string_view>
#include <utility>

namespace bourse::binance {

std::string make_target(Endpoint endpoint, const Query& query) {
  std::string target(info_of(endpoint).path);
  if (!query.empty()) {
    target += '?';
    target += query.text();
  }
  return target;
}

Result<SignedTarget> make_signed_target(Endpoint endpoint, const Query& query,
                                        const Signing& signing) {
  Query payload = query;
  payload.add("recvWindow", std::int64_t{signing.receive_window.count()});
  payload.add("timestamp", signing.timestamp_ms);
  auto signature = signing.signer.sign(payload.text());
  if (!signature) return std::move(signature).error();
  SignedTarget made;
  made.signature = *std::move(signature);
  append_percent_encoded(made.signature_encoded, made.signature);
  made.target = make_target(endpoint, payload);
  made.target.append("&signature=").append(made.signature_encoded);
  return made;
}

}  // namespace bourse::binance
