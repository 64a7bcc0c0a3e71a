// SPDX-License-Identifier: MIT
#include "host/http/server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/http/front.hpp"
#include "host/http/io_thread.hpp"
#include "host/http/listening_socket.hpp"

namespace bourse::host {

namespace {

constexpr unsigned kIoThreadsMax = 64;
constexpr std::size_t kListenersMax = 64;
// Of connections being turned away, plugins, logs, upstream connections, listening sockets.
constexpr std::size_t kOtherDescriptors = 320;

Failure bad_option(std::string message) {
  return {.status = BOURSE_BAD_PARAM, .code = "bad_server_option", .message = std::move(message)};
}

std::optional<Failure> check_options(const ServerOptions& options) {
  const Limits& limits = options.limits;
  if (options.io_threads < 1 || options.io_threads > kIoThreadsMax) {
    return bad_option("the number of I/O threads must be from 1 to 64");
  }
  if (options.listen.empty() || options.listen.size() > kListenersMax) {
    return bad_option("the number of addresses to listen on must be from 1 to 64");
  }
  if (std::min({limits.header_count_max, limits.connections_max, limits.pipeline_depth_max}) < 1) {
    return bad_option(
        "the limits of headers, connections and pipelined requests must be 1 or more");
  }
  if (limits.header_bytes_max < 256 || limits.header_bytes_max > (1u << 20u)) {
    return bad_option("the limit of header bytes must be from 256 to 1048576");
  }
  if (std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout,
                limits.write_timeout, limits.linger_timeout}) < std::chrono::milliseconds(1)) {
    return bad_option("the time limits of connections must be 1 ms or more");
  }
  return std::nullopt;
}

// Clients that are connected and not accepted, for want of descriptors, cannot even be told so.
std::optional<Failure> make_room_for(std::size_t connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
    (void)::getrlimit(RLIMIT_NOFILE, &limit);
  }
  const std::size_t needed = connections + connections / 8 + kOtherDescriptors;
  if (limit.rlim_cur >= needed) return std::nullopt;
  return bad_option(std::to_string(connections) + " connections need " + std::to_string(needed) +
                    " open files, but the system allows this process " +
                    std::to_string(limit.rlim_cur) +
                    "; raise the limit (ulimit -Hn, LimitNOFILE=) or allow fewer connections");
}

class RunningServer final : public Server {
 public:
  RunningServer(std::shared_ptr<ServerState> state, std::unique_ptr<Front> front)
      : state_(std::move(state)), front_(std::move(front)) {}
  ~RunningServer() override { stop(); }

  std::uint16_t port() const noexcept override {
    if (!front_) return 0;
    const auto& sockets = front_->acceptor().sockets();
    const auto found = std::find_if(sockets.begin(), sockets.end(),
                                    [](const auto& socket) { return !socket.is_unix(); });
    return found == sockets.end() ? 0 : found->port();
  }

  std::vector<std::string> where() const override {
    std::vector<std::string> texts;
    if (!front_) return texts;
    for (const auto& socket : front_->acceptor().sockets()) texts.push_back(socket.text());
    return texts;
  }

  void stop_accepting() noexcept override {
    if (front_) front_->acceptor().leave_passed();
    state_->stopping.store(true);
    for (const auto& thread : state_->threads) thread->mailbox->wake();
  }

  bool drain(std::chrono::milliseconds limit) override {
    std::unique_lock lock(state_->drained_mutex);
    const auto deadline = std::chrono::steady_clock::now() + limit;
    // A thread tells only while the server is stopping; without that, we look now and then.
    while (!is_drained()) {
      const auto now = std::chrono::steady_clock::now();
      if (now >= deadline) return false;
      state_->drained.wait_until(lock, std::min(deadline, now + std::chrono::milliseconds(20)));
    }
    return true;
  }

  void stop() noexcept override {
    if (!front_) return;
    stop_accepting();
    front_.reset();
  }

  std::string stuck_threads() override;

  Stats stats() const noexcept override;

 private:
  bool is_drained() const {
    const auto& threads = state_->threads;
    return std::all_of(threads.begin(), threads.end(), [](const auto& thread) {
      return (thread->stop_seen.load() || !thread->stopping()) && thread->is_finished();
    });
  }

  std::shared_ptr<ServerState> state_;
  std::unique_ptr<Front> front_;
  std::vector<std::uint64_t> turns_;  // at the last call of stuck_threads
};

std::string RunningServer::stuck_threads() {
  std::vector<std::uint64_t> turns{front_->acceptor().turns()};
  for (const auto& thread : state_->threads) turns.push_back(thread->counters.turns.value());
  std::string stuck;
  for (std::size_t i = 0; i < turns_.size(); ++i) {
    if (turns[i] != turns_[i]) continue;
    stuck += (stuck.empty() ? "" : ", ") +
             (i == 0 ? "the accepting thread" : "I/O thread " + std::to_string(i));
  }
  turns_ = std::move(turns);
  front_->acceptor().wake();
  for (const auto& thread : state_->threads) thread->mailbox->wake();
  return stuck;
}

Stats RunningServer::stats() const noexcept {
  Stats sum;
  sum.unsent_bytes = state_->unsent_bytes.load(std::memory_order_relaxed);
  sum.held_bytes = state_->holdings.bytes();
  for (const auto& thread : state_->threads) {
    const Counters& counters = thread->counters;
    sum.connections_open += counters.connections_open.value();
    sum.requests_in_flight += counters.in_flight.value();
    sum.connections_accepted += counters.connections_accepted.value();
    sum.connections_refused += counters.connections_refused.value();
    sum.requests += counters.requests.value();
    sum.requests_refused += counters.requests_refused.value();
    sum.answers += counters.answers.value();
    sum.answers_lost += counters.answers_lost.value();
    sum.answers_slow += counters.answers_slow.value();
    sum.idle_timeouts += counters.idle_timeouts.value();
    sum.request_timeouts += counters.request_timeouts.value();
    sum.write_timeouts += counters.write_timeouts.value();
    sum.overflows += counters.overflows.value();
    sum.shed += counters.shed.value();
  }
  return sum;
}

std::optional<Failure> listen_on(const ListenAddress& address, PassedSockets& passed,
                                 std::vector<ListeningSocket>& sockets) {
  if (address.passed.empty()) {
    auto made = ListeningSocket::open(address);
    if (!made) return std::move(made).failure();
    sockets.push_back(*std::move(made));
    return std::nullopt;
  }
  auto claimed = passed.claim(address.passed);
  if (!claimed) return std::move(claimed).failure();
  for (Descriptor& descriptor : *claimed) {
    auto adopted = ListeningSocket::adopt(std::move(descriptor), address.passed);
    if (!adopted) return std::move(adopted).failure();
    sockets.push_back(*std::move(adopted));
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler& handler) {
  PassedSockets none;
  return start(std::move(options), handler, none);
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler& handler,
                                              PassedSockets& passed) {
  if (auto failure = check_options(options)) return std::move(*failure);
  if (auto failure = make_room_for(options.limits.connections_max)) return std::move(*failure);
  std::vector<ListeningSocket> sockets;
  for (const ListenAddress& address : options.listen) {
    if (auto failure = listen_on(address, passed, sockets)) return std::move(*failure);
  }
  auto state = std::make_shared<ServerState>(std::move(options), handler);
  Result<std::unique_ptr<Front>> front = Front::open(std::move(sockets), state);
  if (!front) return std::move(front).failure();
  return std::unique_ptr<Server>(
      std::make_unique<RunningServer>(std::move(state), *std::move(front)));
}

std::vector<Failure> Server::try_to_start(const ServerOptions& options) {
  std::vector<Failure> failures;
  const auto add = [&failures](std::optional<Failure> failure) {
    if (failure) failures.push_back(*std::move(failure));
  };
  add(check_options(options));
  add(make_room_for(options.limits.connections_max));
  PassedSockets none;
  std::vector<ListeningSocket> sockets;  // all of them at once, as a server has them
  for (const ListenAddress& address : options.listen) {
    if (address.passed.empty()) add(listen_on(address, none, sockets));
  }
  return failures;
}

}  // namespace bourse::host
