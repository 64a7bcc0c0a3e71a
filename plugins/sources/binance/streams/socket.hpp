// SPDX-License-Identifier: MIT
//
// A WebSocket, as those see it who use it: what can be done with one, and what it tells. Tests put
// their own in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

/// One connection, from the first byte to the last. Used on one thread, on which its events come as
/// well. Destroying it cuts the connection; no event of it comes after that.
class Socket {
 public:
  virtual ~Socket() = default;
  /// Texts go out one after the other. REQUIRES: `opened` has come.
  virtual void send(std::string text) = 0;
  /// Says goodbye; what still comes is delivered, and then `ended`.
  virtual void close() = 0;
};

/// What sockets tell, each by the number it was dialled with.
class SocketEvents {
 public:
  virtual ~SocketEvents() = default;
  /// The exchange has agreed to speak WebSocket.
  virtual void opened(std::uint64_t socket) = 0;
  /// One whole message; the text may be destroyed.
  virtual void message(std::uint64_t socket, std::string& text) = 0;
  /// It is over, whatever state it was in: told once, and the last that is told. An upgrade that
  /// was refused has the status of the answer, and the kind that REST would give it.
  virtual void ended(std::uint64_t socket, const Error& why) = 0;
};

class Dialler {
 public:
  virtual ~Dialler() = default;
  /// Begins to connect, and returns at once. `target`: path and query. Never null.
  virtual std::unique_ptr<Socket> dial(std::uint64_t socket, const std::string& target) = 0;
};

}  // namespace bourse::binance
