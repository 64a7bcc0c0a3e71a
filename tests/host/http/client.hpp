// SPDX-License-Identifier: MIT
//
// A client made of a bare socket: sends exactly the bytes it is told to, and reads answers as the
// RFC frames them, independent of the code under test. Every wait ends after kPatience.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace bourse::host::test {

constexpr std::chrono::seconds kPatience{20};

/// Waits for something that another thread brings about; false if it does not.
inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

struct Answer {
  int status = 0;
  std::string head;  ///< all lines, each ending in CRLF
  std::string body;

  /// Value of the first such header, or nothing. `name` as the server writes it.
  [[nodiscard]] std::optional<std::string> header(const std::string& name) const {
    const std::size_t found = head.find("\r\n" + name + ": ");
    if (found == std::string::npos) return std::nullopt;
    const std::size_t begin = found + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer_bytes = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int one = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (receive_buffer_bytes > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                   sizeof receive_buffer_bytes);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  /// Through the unix socket of that path.
  explicit Client(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { leave(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  /// For what this class does not know. Nothing read there is read here.
  [[nodiscard]] int socket() const { return socket_; }

  /// False when the other end does not take it all.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  void send_byte_by_byte(std::string_view bytes) {
    for (const char byte : bytes) send({&byte, 1});
  }
  void get(const std::string& target) { send("GET " + target + " HTTP/1.1\r\nHost: t\r\n\r\n"); }

  /// The next answer, or nothing if the connection ends or nothing comes.
  std::optional<Answer> read(bool head_request = false) {
    std::size_t end = 0;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return std::nullopt;
    }
    Answer answer;
    answer.head = unread_.substr(0, end + 2);
    unread_.erase(0, end + 4);
    answer.status = std::atoi(answer.head.c_str() + sizeof "HTTP/1.1");
    const std::size_t length =
        head_request
            ? 0
            : std::strtoull(answer.header("Content-Length").value_or("0").c_str(), nullptr, 10);
    while (unread_.size() < length) {
      if (!receive()) return std::nullopt;
    }
    answer.body = unread_.substr(0, length);
    unread_.erase(0, length);
    return answer;
  }

  /// Reads up to the end, and whether it was a regular one (FIN, not a reset).
  struct Rest {
    std::string bytes;
    bool regular = false;
  };
  Rest read_to_end() {
    while (receive()) {
    }
    return {std::exchange(unread_, {}), ended_};
  }
  /// The server closes, regularly, and sends nothing more.
  bool is_closed() {
    const Rest rest = read_to_end();
    return rest.bytes.empty() && rest.regular;
  }
  /// Whether anything, or the end, comes within `wait`.
  bool is_readable(std::chrono::milliseconds wait) {
    pollfd poll{socket_, POLLIN, 0};
    return !unread_.empty() || ::poll(&poll, 1, static_cast<int>(wait.count())) > 0;
  }

  void stop_sending() { ::shutdown(socket_, SHUT_WR); }
  void leave() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  /// Closes with a reset.
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    leave();
  }

 private:
  bool receive() {
    pollfd poll{socket_, POLLIN, 0};
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience);
    if (::poll(&poll, 1, static_cast<int>(wait.count())) <= 0) return false;
    std::array<char, 65536> bytes;
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count > 0) unread_.append(bytes.data(), static_cast<std::size_t>(count));
    if (count == 0) ended_ = true;
    return count > 0;
  }

  int socket_;
  bool connected_ = false;
  bool ended_ = false;
  std::string unread_;
};

}  // namespace bourse::host::test
