// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/http_transport.hpp"

#include <algorithm>
#include <utility>

#include "plugins/sources/binance/client/gzip.hpp"
#include "plugins/sources/binance/client/tunnel.hpp"

namespace bourse::binance {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenQuestions{50};

}  // namespace

/// A place among connections_max, given back whatever happens.
class HttpTransport::Place {
 public:
  explicit Place(HttpTransport& transport) : transport_(transport) {}
  ~Place() { transport_.leave_place(std::move(keep)); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  std::unique_ptr<HttpConnection> keep;  ///< for the next request

 private:
  HttpTransport& transport_;
};

/// A place in the line, left by whoever gets a connection or gives up. All of it under the lock.
class HttpTransport::Turn {
 public:
  explicit Turn(HttpTransport& transport)
      : transport_(transport), me_(transport.waiting_.emplace(transport.waiting_.end())) {}
  ~Turn() {
    transport_.waiting_.erase(me_);
    transport_.wake_first();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  [[nodiscard]] bool has_come() const noexcept {
    return me_ == transport_.waiting_.begin() &&
           transport_.busy_ < transport_.options_.connections_max;
  }
  void wait(std::unique_lock<std::mutex>& lock, Instant until) { me_->wait_until(lock, until); }

 private:
  HttpTransport& transport_;
  const std::list<std::condition_variable>::iterator me_;
};

Result<std::shared_ptr<HttpTransport>> HttpTransport::make(Origin origin,
                                                           TransportOptions options) {
  std::shared_ptr<const TrustStore> trust;
  if (origin.tls) {
    auto made = TrustStore::make(options.authorities);
    if (!made) return std::move(made).error();
    trust = *std::move(made);
  }
  options.connections_max = std::max<std::size_t>(1, options.connections_max);
  return std::shared_ptr<HttpTransport>(
      new HttpTransport(std::move(origin), std::move(options), std::move(trust)));
}

Status HttpTransport::take_place(const Call& call) {
  std::unique_lock lock(mutex_);
  Turn turn(*this);
  while (!turn.has_come()) {
    const Instant now = steady_clock::now();
    if (now >= call.deadline) return deadline_passed("waiting for one of the connections");
    if (call.stopped && call.stopped()) {
      Error error = network_error("The caller asked to stop.");
      error.stopped = true;
      return error;
    }
    turn.wait(lock,
              call.stopped ? std::min(call.deadline, now + kBetweenQuestions) : call.deadline);
  }
  ++busy_;
  return Done{};
}

void HttpTransport::leave_place(std::unique_ptr<HttpConnection> connection) {
  const std::lock_guard lock(mutex_);
  --busy_;
  if (connection != nullptr) idle_.push_back({std::move(connection), steady_clock::now()});
  wake_first();
}

/// Under the lock, without which who is waiting might be gone.
void HttpTransport::wake_first() {
  if (busy_ < options_.connections_max && !waiting_.empty()) waiting_.front().notify_one();
}

std::unique_ptr<HttpConnection> HttpTransport::take_idle() {
  std::vector<Idle> discarded;  // closed outside of the lock
  const std::lock_guard lock(mutex_);
  const Instant oldest = steady_clock::now() - options_.idle_max;
  const auto young = std::ranges::find_if(idle_, [&](const Idle& i) { return i.since > oldest; });
  std::move(idle_.begin(), young, std::back_inserter(discarded));
  idle_.erase(idle_.begin(), young);
  while (!idle_.empty()) {
    Idle last = std::move(idle_.back());
    idle_.pop_back();
    if (last.connection->is_quiet()) return std::move(last.connection);
    discarded.push_back(std::move(last));
  }
  return nullptr;
}

/// Of the proxy, if there is one.
Result<std::vector<Address>> HttpTransport::resolve(const Call& call) {
  const auto& proxy = options_.proxy;
  const std::string& host = proxy ? proxy->host : origin_.host;
  const std::uint16_t port = proxy ? proxy->port : origin_.port;
  return options_.resolve ? options_.resolve(host, port, call)
                          : resolver_.resolve(host, port, call);
}

Result<HttpTransport::Opened> HttpTransport::open(const Call& call) {
  Idle evicted;
  {
    const std::lock_guard lock(mutex_);
    ++opened_;
    if (!idle_.empty() && busy_ + idle_.size() > options_.connections_max) {
      evicted = std::move(idle_.front());
      idle_.erase(idle_.begin());
    }
  }
  auto addresses = resolve(call);
  if (!addresses) return std::move(addresses).error();
  auto socket = connector_.connect(*std::move(addresses), call);
  if (!socket) return std::move(socket).error();
  const auto peer = other_side_of(socket->get());
  if (const auto& proxy = options_.proxy) {
    const auto bare = plain_stream(socket->get());
    auto opened = open_tunnel(*bare, origin_.host_and_port(), *proxy, call);
    if (!opened) {
      if (peer && !opened.error().stopped) connector_.avoid(*peer);
      return std::move(opened).error();
    }
  }
  auto connection = HttpConnection::make(
      *std::move(socket), origin_,
      {.trust = trust_, .watchdog = &watchdog_, .body_bytes_max = options_.body_bytes_max});
  if (!connection) return std::move(connection).error();
  return Opened{*std::move(connection), peer};
}

Result<HttpResponse> HttpTransport::send(const HttpRequest& request, const Call& call) {
  if (auto taken = take_place(call); !taken) return std::move(taken).error();
  Place place(*this);
  std::unique_ptr<HttpConnection> connection = request.fresh_connection ? nullptr : take_idle();
  std::optional<Address> new_peer;
  if (connection == nullptr) {
    auto opened = open(call);
    if (!opened) return std::move(opened).error();
    connection = std::move(opened->connection);
    new_peer = opened->peer;
  }
  auto share = std::make_shared<AnswerShare>(budget_);
  auto response = connection->exchange(request, call, *share);
  // It took the connection, and no handshake came of it: another address may do better.
  const bool is_useless = !response && !connection->is_reusable() && !response.error().stopped &&
                          response.error().reach == Reach::kNotSent;
  if (new_peer && is_useless) connector_.avoid(*new_peer);
  if (connection->is_reusable()) place.keep = std::move(connection);
  if (!response) return response;
  auto body = unpacked(std::exchange(response->body, {}), options_.body_bytes_max, *share);
  if (body) {
    response->body = *std::move(body);
  } else {
    body.error().reach = Reach::kMaybe;
    if (response->status == 200) return std::move(body).error();
    response->damage = std::move(body).error();
  }
  response->share = std::move(share);
  if (request.gate != nullptr) request.gate->arrived(*response);
  return response;
}

HttpTransport::State HttpTransport::state() const {
  const std::lock_guard lock(mutex_);
  return {.busy = busy_,
          .idle = idle_.size(),
          .waiting = waiting_.size(),
          .opened = opened_,
          .answer_bytes = budget_->held(),
          .answer_refusals = budget_->refusals()};
}

}  // namespace bourse::binance
