// SPDX-License-Identifier: MIT
//
// One accepted socket: reads requests, hands them over, and sends what it is told to.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/exchange/channel.hpp"
#include "tests/exchange/server.hpp"

namespace bourse::fake_exchange {

class ConnectionLoop {
 public:
  struct Client {
    std::string address;
    std::uint16_t port = 0;
  };
  /// Borrows all. `stop` is readable once it is time to go; `channel` is of `socket`.
  ConnectionLoop(int socket, Channel& channel, int stop, Client client, Handler& handler)
      : socket_(socket),
        channel_(channel),
        stop_(stop),
        client_(std::move(client)),
        handler_(handler) {}

  /// Returns when the connection is to be closed; the caller closes it.
  void run();

 private:
  enum class Wait { kReady, kTimeout, kStop };
  Wait wait(short events, std::chrono::milliseconds limit) const;
  /// Repeats a step of the channel until it is done; nothing: the end, or time is over.
  template <class Step>
  std::optional<std::size_t> complete(std::chrono::milliseconds limit, const Step& step) const;
  bool fill(std::chrono::milliseconds limit);
  bool read_head(std::string& head);
  bool read_body(Request& request);
  bool serve_one();
  bool refuse(int status);
  bool perform(const Request& request, const Delivery& delivery);
  bool send_all(std::string_view bytes);
  bool send_pieces(const Delivery& delivery);
  [[nodiscard]] bool pause(std::chrono::milliseconds length) const;
  void hang() const;
  void reset_on_close() const;

  int socket_;
  Channel& channel_;
  int stop_;
  Client client_;
  Handler& handler_;
  std::string buffer_;  ///< received, not yet used
};

}  // namespace bourse::fake_exchange
