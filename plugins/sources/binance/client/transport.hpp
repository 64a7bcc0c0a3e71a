// SPDX-License-Identifier: MIT
//
// Transport: carries one HTTP request to the exchange and its answer back. Knows nothing of what
// they mean; does not repeat anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/sources/binance/client/answer_budget.hpp"
#include "plugins/sources/binance/client/environment.hpp"
#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/secret.hpp"

namespace bourse::binance {

struct HttpResponse;

/// Has the last word on a request. Waiting for a connection takes time: meanwhile others may have
/// been told to stay away, and a timestamp grows old.
class Gate {
 public:
  virtual ~Gate() = default;
  /// The connection is ready, TLS included, and the first byte of the request would leave now.
  /// Returns its target, made and signed at this moment, which must last until send() returns. An
  /// error ends the request, and is what send() returns.
  virtual Result<std::string_view> may_leave() = 0;
  /// The answer is here, and nobody else has been given its connection yet.
  virtual void arrived(const HttpResponse& response) = 0;
};

struct HttpRequest {
  std::string_view method;
  /// Path and query; goes out byte for byte. Where there is a gate, what that returns does.
  std::string_view target = {};
  /// For X-MBX-APIKEY; null: the header is not sent.
  const Secret* api_key = nullptr;
  /// Not on a connection that was used before.
  bool fresh_connection = false;
  Gate* gate = nullptr;  ///< may be null
};

/// The target, asked for when the first byte would leave: REQUIRED of every transport, once.
inline Result<std::string_view> target_now(const HttpRequest& request) {
  if (request.gate == nullptr) return request.target;
  return request.gate->may_leave();
}

struct HttpResponse {
  int status = 0;
  /// Names in lower case, sorted.
  std::vector<std::pair<std::string, std::string>> headers;
  /// Uncompressed.
  std::string body = {};
  /// Why the body is missing, where a status other than 200 was read and what follows it broke off
  /// or is damaged. Headers may be missing as well.
  std::optional<Error> damage = {};
  /// What the body takes of all answers' memory, until the last copy of this is gone; may be null.
  std::shared_ptr<AnswerShare> share = {};

  /// The first value of that name, or "".
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

class Transport {
 public:
  /// For /metrics.
  struct State {
    std::size_t busy = 0, idle = 0;    ///< connections
    std::size_t waiting = 0;           ///< requests, for one of them
    std::size_t opened = 0;            ///< connections so far
    std::size_t answer_bytes = 0;      ///< memory of answers that are being received or read
    std::int64_t answer_refusals = 0;  ///< answers given up, as there was no room for them
  };

  virtual ~Transport() = default;
  /// Any answer is a result, whatever its status; a 200 only when it is whole. Errors are those of
  /// the gate, or of kind kNetwork, and say how far the request came. Returns soon after the
  /// deadline at the latest. Any thread, side by side.
  virtual Result<HttpResponse> send(const HttpRequest& request, const Call& call) = 0;
  /// All zero where there are no connections.
  [[nodiscard]] virtual State state() const { return {}; }
};

}  // namespace bourse::binance
