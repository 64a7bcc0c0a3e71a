// SPDX-License-Identifier: MIT
//
// HttpTransport: a bounded pool of connections to one origin.
//
// Connections are kept for a while after use, shorter than servers keep them, and examined before
// they are used again. When all are busy, callers wait until their deadline, and are served in the
// order in which they came.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugins/sources/binance/client/answer_budget.hpp"
#include "plugins/sources/binance/client/http_connection.hpp"
#include "plugins/sources/binance/client/network.hpp"
#include "plugins/sources/binance/client/proxy.hpp"
#include "plugins/sources/binance/client/site.hpp"
#include "plugins/sources/binance/client/tls.hpp"
#include "plugins/sources/binance/client/transport.hpp"
#include "plugins/sources/binance/client/watchdog.hpp"

namespace bourse::binance {

struct TransportOptions {
  std::size_t connections_max = 8;
  /// Below what servers and their balancers usually allow, 60 s and more.
  std::chrono::milliseconds idle_max{20'000};
  Connector::Pace connecting = {};
  /// Of an answer, packed and unpacked. The list of all markets has several MB.
  std::size_t body_bytes_max = std::size_t{64} << 20U;
  /// Of all answers that are received, unpacked and read at the same time; see AnswerBudget.
  std::size_t answers_bytes_max = std::size_t{128} << 20U;
  std::optional<Proxy> proxy = {};
  /// See TrustStore::make.
  std::string authorities = {};
  /// Names to addresses, as Resolver::resolve; empty: by the system's resolver.
  std::function<Result<std::vector<Address>>(const std::string& host, std::uint16_t port,
                                             const Call& call)>
      resolve = {};
};

class HttpTransport final : public Transport {
 public:
  static Result<std::shared_ptr<HttpTransport>> make(Origin origin, TransportOptions options);

  Result<HttpResponse> send(const HttpRequest& request, const Call& call) override;
  [[nodiscard]] State state() const override;

 private:
  struct Idle {
    std::unique_ptr<HttpConnection> connection;
    Instant since;
  };
  class Place;
  class Turn;

  HttpTransport(Origin origin, TransportOptions options, std::shared_ptr<const TrustStore> trust)
      : origin_(std::move(origin)),
        options_(std::move(options)),
        trust_(std::move(trust)),
        budget_(std::make_shared<AnswerBudget>(options_.answers_bytes_max)),
        connector_(options_.connecting) {}

  Status take_place(const Call& call);
  void leave_place(std::unique_ptr<HttpConnection> connection);
  void wake_first();
  struct Opened {
    std::unique_ptr<HttpConnection> connection;
    std::optional<Address> peer;  ///< the proxy, if there is one
  };
  std::unique_ptr<HttpConnection> take_idle();
  Result<std::vector<Address>> resolve(const Call& call);
  Result<Opened> open(const Call& call);

  const Origin origin_;
  const TransportOptions options_;
  const std::shared_ptr<const TrustStore> trust_;
  const std::shared_ptr<AnswerBudget> budget_;
  Resolver resolver_;
  Connector connector_;  // to the proxy, if there is one
  Watchdog watchdog_;    // before the connections, which it outlives

  mutable std::mutex mutex_;
  std::list<std::condition_variable> waiting_;  ///< the one who came first at the front
  std::vector<Idle> idle_;                      ///< the one used last at the end
  std::size_t busy_ = 0, opened_ = 0;
};

}  // namespace bourse::binance
