// SPDX-License-Identifier: MIT
//
// A small HTTP/1.1 server made of bare sockets, on the loopback interface only. A library's server
// would always answer correctly; this one can hang before it reads, reset in the middle of a body
// or lie about a length, and it shares no code with the client under test. One thread a connection.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "host/http/descriptor.hpp"
#include "tests/exchange/channel.hpp"
#include "tests/exchange/delivery.hpp"
#include "tests/exchange/request.hpp"

namespace bourse::fake_exchange {

/// Whoever answers. Called on the threads of connections.
class Handler {
 public:
  virtual ~Handler() = default;
  /// Whether the request that has begun to arrive shall never be read.
  virtual bool leaves_unread() = 0;
  virtual Delivery handle(const Request& request) = 0;
  /// After a delivery that ends with kUpgrade. Returns when the connection is over. `stop` is
  /// readable when it is time to go, `unread` came behind the request.
  virtual void speak(const Request& request, Channel& channel, int socket, int stop,
                     std::string unread) = 0;
};

class Server {
 public:
  /// Serves at once. `address`: of 127.0.0.0/8 or "::1", else std::invalid_argument. Port 0: one
  /// that is free. Throws std::system_error when it cannot be had. `handler` outlives the server.
  /// With `tls` nothing else than TLS is spoken.
  Server(const std::string& address, std::uint16_t port, Handler& handler,
         std::optional<Tls> tls = std::nullopt);
  /// Closes every connection, whatever it is doing.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// "http://127.0.0.1:8080".
  [[nodiscard]] std::string url() const;
  /// Cuts all connections at once, but for the one whose request asks for it; new ones are
  /// accepted.
  void cut_connections();
  /// As if the program had died: cuts connections in the same way and refuses new ones, until
  /// come_back() or for so long. The port stays ours meanwhile. Done when these return.
  void go_away(std::optional<std::chrono::milliseconds> length = {});
  void come_back();
  /// Connections accepted so far.
  [[nodiscard]] std::int64_t connections() const;

 private:
  struct Connection {
    int socket = -1;  ///< owned; -1 when over
    std::thread thread;
    bool over = false;
  };

  using Time = std::chrono::steady_clock::time_point;

  void reserve(std::uint16_t port);
  [[nodiscard]] host::Descriptor listening() const;
  void accept_all();
  void accept_one();
  int listen_or_not();
  void order(std::optional<Time> away_until);
  void start(int socket, const std::string& client, std::uint16_t client_port);
  void join_those_over();

  Handler& handler_;
  const std::optional<Tls> tls_;
  const std::string address_;
  std::uint16_t port_ = 0;
  host::Descriptor reserved_;      ///< bound and never listening: keeps the port while we are away
  host::Descriptor listener_;      ///< of the acceptor's thread
  host::Descriptor stop_, order_;  ///< eventfds: time to go, for all; something new, for acceptor_
  mutable std::mutex mutex_;       ///< guards what follows
  std::condition_variable changed_;
  std::optional<Time> away_until_;
  bool listening_ = true, over_ = false;
  std::list<Connection> connections_;
  std::int64_t accepted_ = 0;
  std::thread acceptor_;  ///< last: nothing else is made after it has begun
};

}  // namespace bourse::fake_exchange
