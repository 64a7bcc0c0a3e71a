// SPDX-License-Identifier: MIT
//
// HttpConnection: HTTP/1.1 over one socket, one request after the other.
//
// cpp-httplib shakes hands (TLS), writes requests and reads answers. It gets its socket connected,
// and a byte stream that ends with the call's deadline and with answers that are too long, as it
// knows no limits for either: it would read an endless status line to the end, and then overflow
// the stack looking at it.
#pragma once

#include <cstddef>
#include <memory>

#include "plugins/sources/binance/client/answer_budget.hpp"
#include "plugins/sources/binance/client/descriptor.hpp"
#include "plugins/sources/binance/client/site.hpp"
#include "plugins/sources/binance/client/tls.hpp"
#include "plugins/sources/binance/client/transport.hpp"
#include "plugins/sources/binance/client/watchdog.hpp"

namespace bourse::binance {

/// One thread at a time.
class HttpConnection {
 public:
  struct Options {
    std::shared_ptr<const TrustStore> trust;  ///< null: without TLS
    Watchdog* watchdog = nullptr;             ///< must outlive the connection; needed with TLS
    std::size_t body_bytes_max = 0;
  };
  /// `socket` is connected, perhaps through a proxy, and does not block. TLS starts with the first
  /// request.
  static Result<std::unique_ptr<HttpConnection>> make(Descriptor socket, const Origin& origin,
                                                      const Options& options);
  virtual ~HttpConnection() = default;

  /// Sends the request, if its gate lets it, and waits for the whole answer, as it came: still
  /// compressed. Errors carry how far the request came. `share` covers the body; an answer that
  /// finds no room in it is an error.
  virtual Result<HttpResponse> exchange(const HttpRequest& request, const Call& call,
                                        AnswerShare& share) = 0;
  /// Whether another request may follow: after an answer that allows it, or one that the gate kept.
  [[nodiscard]] virtual bool is_reusable() const = 0;
  /// Whether the peer has neither closed nor said anything since.
  virtual bool is_quiet() = 0;
};

}  // namespace bourse::binance
