// SPDX-License-Identifier: MIT
#include "tests/exchange/server.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "tests/exchange/connection.hpp"
#include "tests/exchange/loopback.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::size_t kConnectionsMax = 1'024;

void ring(const host::Descriptor& bell) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(bell.number(), &one, sizeof one);
}

}  // namespace

Server::Server(const std::string& address, std::uint16_t port, Handler& handler,
               std::optional<Tls> tls)
    : handler_(handler),
      tls_(std::move(tls)),
      address_(address),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      order_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  reserve(port);
  listener_ = listening();
  acceptor_ = std::thread([this] { accept_all(); });
}

Server::~Server() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;  // whoever waits for an order to be carried out
    changed_.notify_all();
  }
  ring(stop_);
  acceptor_.join();
  for (Connection& connection : connections_) connection.thread.join();
}

std::string Server::url() const {
  const std::string host =
      address_.find(':') == std::string::npos ? address_ : "[" + address_ + "]";
  return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_);
}

void Server::reserve(std::uint16_t port) {
  Address at = loopback_address(address_, port);
  reserved_ = bound(at);
  check_call(::getsockname(reserved_.number(), reinterpret_cast<sockaddr*>(&at.bytes), &at.size),
             "getsockname");
  port_ = port_of(at.bytes);
}

host::Descriptor Server::listening() const {
  host::Descriptor out = bound(loopback_address(address_, port_));
  check_call(::listen(out.number(), 128), "listen");
  return out;
}

void Server::accept_all() {
  // OpenSSL does not ask for MSG_NOSIGNAL. Inherited by the connections' threads.
  sigset_t pipes;
  sigemptyset(&pipes);
  sigaddset(&pipes, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipes, nullptr);
  for (;;) {
    const int timeout_ms = listen_or_not();
    std::array<pollfd, 3> watched = {{{stop_.number(), POLLIN, 0},
                                      {order_.number(), POLLIN, 0},
                                      {listener_.number(), POLLIN, 0}}};  // -1 is passed over
    if (::poll(watched.data(), watched.size(), timeout_ms) < 0 && errno != EINTR) return;
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0) {
      std::uint64_t rung = 0;
      [[maybe_unused]] const ssize_t read = ::read(order_.number(), &rung, sizeof rung);
    }
    if (watched[2].revents != 0) accept_one();
  }
}

/// Opens or closes the listener as ordered; how long that holds, for poll().
int Server::listen_or_not() {
  using std::chrono::milliseconds;
  const std::lock_guard lock(mutex_);
  const Time now = std::chrono::steady_clock::now();
  if (away_until_ && *away_until_ <= now) away_until_.reset();
  if (away_until_) const host::Descriptor closing = std::move(listener_);
  if (!away_until_ && listener_.number() < 0) listener_ = listening();
  listening_ = !away_until_;
  changed_.notify_all();
  if (!away_until_) return -1;
  return static_cast<int>(std::chrono::ceil<milliseconds>(*away_until_ - now).count());
}

void Server::order(std::optional<Time> away_until) {
  std::unique_lock lock(mutex_);
  away_until_ = away_until;
  ring(order_);
  changed_.wait(lock, [this] { return over_ || listening_ == !away_until_; });
}

void Server::go_away(std::optional<std::chrono::milliseconds> length) {
  constexpr std::chrono::hours kLongest{24};
  order(std::chrono::steady_clock::now() +
        std::min<std::chrono::milliseconds>(length.value_or(kLongest), kLongest));
  cut_connections();
}

void Server::come_back() { order(std::nullopt); }

void Server::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int socket =
      ::accept4(listener_.number(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC);
  join_those_over();
  if (socket >= 0) start(socket, address_text(from), port_of(from));
}

void Server::start(int socket, const std::string& client, std::uint16_t client_port) {
  const int one = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  // Whatever waits does so in poll(), which hears of the end as well.
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
  const std::lock_guard lock(mutex_);
  ++accepted_;
  if (connections_.size() >= kConnectionsMax) {
    ::close(socket);
    return;
  }
  Connection& connection = connections_.emplace_back();
  connection.socket = socket;
  connection.thread = std::thread([this, &connection, socket, client, client_port] {
    {
      const auto channel = tls_ ? tls_->channel(socket) : plain_channel(socket);
      ConnectionLoop(socket, *channel, stop_.number(), {client, client_port}, handler_).run();
    }
    const std::lock_guard done(mutex_);
    ::close(socket);
    connection.socket = -1;
    connection.over = true;
  });
}

void Server::join_those_over() {
  std::list<Connection> over;
  {
    const std::lock_guard lock(mutex_);
    for (auto i = connections_.begin(); i != connections_.end();) {
      const auto next = std::next(i);
      if (i->over) over.splice(over.end(), connections_, i);
      i = next;
    }
  }
  for (Connection& connection : over) connection.thread.join();
}

void Server::cut_connections() {
  const std::lock_guard lock(mutex_);
  for (const Connection& connection : connections_) {
    if (connection.socket < 0 || connection.thread.get_id() == std::this_thread::get_id()) continue;
    const linger at_once{1, 0};
    ::setsockopt(connection.socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::shutdown(connection.socket, SHUT_RDWR);  // wakes its thread, which closes it
  }
}

std::int64_t Server::connections() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

}  // namespace bourse::fake_exchange
