// SPDX-License-Identifier: MIT
//
// RawServer: a server on this machine that does what no decent one would: a function gets every
// connection, byte by byte, with or without TLS.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace bourse::binance {

struct FreeTls {
  void operator()(SSL* tls) const noexcept { SSL_free(tls); }
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};

/// One connection, in a thread of its own.
class Peer {
 public:
  Peer(int socket, int nth) : number(nth), socket_(socket) {}

  /// Head and, if it has a length, body of the next request; "" when there is none.
  std::string read_request() {
    while (true) {
      const std::size_t end = pending_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::string head = pending_.substr(0, end + 4);
        pending_.erase(0, end + 4);
        return head;
      }
      char buffer[4096];
      const int count = receive(buffer, sizeof(buffer));
      if (count <= 0) return {};
      pending_.append(buffer, static_cast<std::size_t>(count));
    }
  }
  /// So many, or fewer when the other side has gone.
  std::string read_bytes(std::size_t count) {
    while (pending_.size() < count) {
      char buffer[4096];
      const int received = receive(buffer, sizeof(buffer));
      if (received <= 0) break;
      pending_.append(buffer, static_cast<std::size_t>(received));
    }
    std::string bytes = pending_.substr(0, count);
    pending_.erase(0, bytes.size());
    return bytes;
  }
  /// False: the other side has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = tls_ != nullptr
                             ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                             : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  /// One byte after the other until the other side has had enough. `pause` is what a byte takes.
  void drip(std::string_view bytes, int pause_ms = 5) {
    for (std::size_t i = 0; i < bytes.size() && !gone_within(pause_ms); ++i) {
      if (!send(bytes.substr(i, 1))) return;
    }
  }
  /// Says nothing until the other side goes.
  void hang() {
    while (!gone_within(60'000)) {
    }
  }
  bool start_tls(SSL_CTX* context) {
    tls_.reset(SSL_new(context));
    SSL_set_fd(tls_.get(), socket_);
    return SSL_accept(tls_.get()) == 1;
  }
  /// Says good-bye as TLS demands. Without it, the end of the connection is an attack.
  void end_tls() { SSL_shutdown(tls_.get()); }
  /// The connection ends with a reset in place of an orderly end.
  void reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  }

  const int number;  ///< of the connection, from 0

 private:
  int receive(char* to, std::size_t bytes) {
    if (tls_ != nullptr) return SSL_read(tls_.get(), to, static_cast<int>(bytes));
    return static_cast<int>(::recv(socket_, to, bytes, 0));
  }
  bool gone_within(int ms) {
    pollfd question{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&question, 1, ms) <= 0) return false;
    char buffer[4096];
    return ::recv(socket_, buffer, sizeof(buffer), 0) <= 0;
  }

  int socket_;
  std::unique_ptr<SSL, FreeTls> tls_;
  std::string pending_;
};

class RawServer {
 public:
  explicit RawServer(std::function<void(Peer&)> serve) : serve_(std::move(serve)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const where = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, where, size), 0);
    EXPECT_EQ(::listen(socket_, 64), 0);
    EXPECT_EQ(::getsockname(socket_, where, &size), 0);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
  }
  ~RawServer() {
    ::shutdown(socket_, SHUT_RDWR);
    accepting_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const Open& one : open_) {
        if (one.socket >= 0) ::shutdown(one.socket, SHUT_RDWR);
      }
    }
    for (Open& one : open_) one.thread.join();
    ::close(socket_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// Waits until no client's end of a connection is open: the kernel has told it of the end of
  /// each, though it may not have looked yet. False after 20 s.
  [[nodiscard]] bool wait_until_clients_know() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (has_open_client()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

 private:
  /// "  1: 0100007F:LOCAL 0100007F:REMOTE STATE ...", in hexadecimal; 01 is ESTABLISHED.
  [[nodiscard]] bool has_open_client() const {
    std::ifstream table("/proc/net/tcp");
    EXPECT_TRUE(table.is_open());
    for (std::string line, number, local, remote, state; std::getline(table, line);) {
      std::istringstream(line) >> number >> local >> remote >> state;
      const std::size_t colon = remote.find(':');
      if (state == "01" && colon != std::string::npos &&
          std::strtoul(remote.c_str() + colon + 1, nullptr, 16) == port_) {
        return true;
      }
    }
    return false;
  }

  struct Open {
    int socket;
    std::thread thread;
  };

  void accept_all() {
    for (int number = 0;; ++number) {
      const int socket = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      const std::lock_guard lock(mutex_);
      Open& open = open_.emplace_back(Open{socket, {}});
      open.thread = std::thread([this, &open, socket, number] {
        sigset_t pipe;  // OpenSSL raises it when the client has gone
        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        {
          Peer peer(socket, number);
          serve_(peer);
        }
        const std::lock_guard closing(mutex_);
        ::close(socket);
        open.socket = -1;
      });
    }
  }

  const std::function<void(Peer&)> serve_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::thread accepting_;
  std::mutex mutex_;
  std::list<Open> open_;
};

/// An answer with its length.
inline std::string http(int status, const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " Some Reason\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace bourse::binance
