// SPDX-License-Identifier: MIT
//
// Exchange: one site as this process sees it. Connections, rate limit, clock and ban belong to the
// machine, not to whoever asks, so all clients of a site share one of these.
//
//   auto exchange = Exchange::open({.site = Site::kData});
//   Client client(*exchange);
//
// Everything here may be used from any number of threads.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "plugins/sources/binance/client/credentials.hpp"
#include "plugins/sources/binance/client/endpoints.hpp"
#include "plugins/sources/binance/client/environment.hpp"
#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/query.hpp"
#include "plugins/sources/binance/client/rate_limiter.hpp"
#include "plugins/sources/binance/client/retry.hpp"
#include "plugins/sources/binance/client/server_clock.hpp"
#include "plugins/sources/binance/client/site.hpp"
#include "plugins/sources/binance/client/transport.hpp"

namespace bourse::binance {

struct ExchangeOptions {
  Site site = Site::kTestnet;
  /// A server on this machine in place of the site's, for tests; see parse_loopback.
  std::string base_url = {};
  /// Where to remember a ban across restarts, a file of this site's own; "": nowhere.
  std::string block_file = {};
  RateLimiterOptions rate = {};
  RetryOptions retry = {};
  /// For how long after its timestamp a signed request is good; at most 60 s.
  std::chrono::milliseconds receive_window{5000};
  std::size_t connections_max = 8;
  std::chrono::milliseconds idle_max{20'000};
  /// What all answers that are received, unpacked and read at the same time may take.
  std::size_t answer_megabytes_max = 128;
  /// A PEM file of authorities to trust besides the system's, as of a company's proxy; "": none.
  std::string authorities = {};
};

class Exchange {
 public:
  /// A request, before it is signed.
  struct Request {
    Endpoint endpoint;
    Query query = {};
    Shape shape = {};
    /// REQUIRED by signed endpoints, unused by others; on the live site with live_allowed().
    const Credentials* credentials = nullptr;
    /// Sending it twice would not be the same as once.
    bool changes_state = false;
  };
  /// When the request for an answer left.
  struct Asked {
    Instant at;
    Time surely;  ///< a moment of the exchange's clock before it made the answer
  };
  /// Reads a 200. A kProtocol error makes the request be sent once more.
  using Read = std::function<Status(HttpResponse& response, const Asked& asked)>;

  /// Checks the options; sends nothing. What `environment` leaves out is real.
  static Result<std::shared_ptr<Exchange>> open(ExchangeOptions options,
                                                Environment environment = {});

  /// Sends a request, again where retry.hpp allows it, until it is read, hopeless or the call's
  /// deadline comes. Signs every attempt anew and takes room in the rate limit for each.
  Status send(const Request& request, const Call& call, const Read& read);

  /// Asks the exchange for its time, a few times over. Signed calls do so when they must.
  Status set_clock(const Call& call);
  /// As an answer of exchangeInfo states them.
  void learn(std::span<const Limit> limits) { limiter_.learn(limits); }

  /// The exchange has shut us out of its streams, which it does by address: REST stays away as
  /// well. REQUIRES: is_shut_out(error.kind).
  void shut_out(const Error& error) { limiter_.block(error); }
  /// An error while shut out, which says for how long.
  [[nodiscard]] Status still_open() const { return limiter_.still_open(); }

  [[nodiscard]] RateState rate_state() const { return limiter_.state(); }
  /// As RateLimiter::take_unsaved.
  [[nodiscard]] std::optional<UnsavedBlock> take_unsaved_block() { return limiter_.take_unsaved(); }
  [[nodiscard]] ServerClock::State clock_state() const { return server_->state(); }
  [[nodiscard]] Transport::State connections() const { return environment_.transport->state(); }
  /// How often a request was sent again so far, because of an error of this kind.
  [[nodiscard]] std::int64_t retries(ErrorKind kind) const {
    return retries_[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] const ExchangeOptions& options() const noexcept { return options_; }
  [[nodiscard]] Site site() const noexcept { return options_.site; }
  [[nodiscard]] const Origin& origin() const noexcept { return origin_; }
  [[nodiscard]] Clock& clock() const noexcept { return *environment_.clock; }

 private:
  Exchange(ExchangeOptions options, Origin origin, Environment environment);

  [[nodiscard]] Status check(const Request& request) const;
  Status attempt(const Request& request, const Call& call, const Read& read, bool fresh);
  Result<ServerClock::Sample> ask_time(const Call& call);
  bool pause(std::chrono::milliseconds time, const Call& call, Error& error);
  void explain_timestamp(Error& error) const;
  void keep_clock(const Call& call);

  const ExchangeOptions options_;
  const Origin origin_;
  const Environment environment_;
  const std::shared_ptr<ServerClock> server_;
  RateLimiter limiter_;
  std::array<std::atomic<std::int64_t>, kErrorKinds> retries_{};
  std::mutex keeping_clock_;
  Instant clock_not_before_ = Instant::min();
};

/// Hands out one Exchange per origin for as long as anybody holds it, as rate limits count for the
/// whole process. Any thread.
class Exchanges {
 public:
  /// An error that names the option when one differs from what the open one was opened with: it has
  /// each of them once, and would silently be the first one's.
  Result<std::shared_ptr<Exchange>> open(const ExchangeOptions& options,
                                         const Environment& environment = {});

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<Exchange>> open_;
};

}  // namespace bourse::binance
