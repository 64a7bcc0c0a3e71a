// SPDX-License-Identifier: MIT
//
// A client of the exchange's streams for tests: Boost.Beast on the client's side, every wait ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::fake_exchange::test {

class StreamClient {
 public:
  struct Wish {
    std::string target = "/ws";
    /// File of the certificate that is trusted: through TLS.
    std::string trusted = {};
    /// False: nothing is read, so that no ping is answered, before read() or end() is called.
    bool reads = true;
  };
  /// Opens a connection, or not: see opened().
  StreamClient(std::uint16_t port, const Wish& wish);
  StreamClient(std::uint16_t port, std::string target)
      : StreamClient(port, Wish{.target = std::move(target)}) {}
  ~StreamClient();
  StreamClient(const StreamClient&) = delete;
  StreamClient& operator=(const StreamClient&) = delete;

  [[nodiscard]] bool opened() const;
  /// Of the answer to the upgrade: 101, or that of a refusal with its body and header.
  [[nodiscard]] int status() const;
  [[nodiscard]] std::string body() const;
  [[nodiscard]] std::string header(std::string_view name) const;

  void send(std::string_view text);
  void ping(std::string_view payload);
  void pong(std::string_view payload);
  /// Sends a message and reads up to its answer, which is the first text with an `id` or an error;
  /// events in between are kept for read().
  std::string ask(std::string_view text);

  /// The next text; nothing when none comes within `wait`, or the connection is over.
  std::optional<std::string> read(std::chrono::milliseconds wait = std::chrono::seconds{20});
  /// So many texts, each within the usual wait; fewer when the connection ends.
  std::vector<std::string> read(std::size_t count);
  /// Whether no text comes for so long.
  bool is_silent(std::chrono::milliseconds wait = std::chrono::milliseconds{100});
  /// Waits for the end, dropping what comes before it. "1008 Pong timeout" for a close frame, "cut"
  /// for an end without one, "open" when none came.
  std::string end(std::chrono::milliseconds wait = std::chrono::seconds{20});
  /// Pings and pongs that came, by payload: "ping 123", "pong x".
  [[nodiscard]] std::vector<std::string> control_frames() const;
  /// Whether a close frame of ours is answered within `wait`.
  bool close(std::chrono::milliseconds wait);
  /// Whether TLS was ended with close_notify.
  [[nodiscard]] bool ended_regularly() const;

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace bourse::fake_exchange::test
