// SPDX-License-Identifier: MIT
//
// WebSockets: the thread on which all connections for streams live, and the real ones.
//
// One thread runs all of them and whatever is posted to it, so nothing of theirs happens at the
// same time as anything else of theirs. What cannot be interrupted or made to wait on it has no
// place there: names are looked up, addresses tried and proxies asked for a tunnel, by the same
// code as for REST, on a thread for each attempt, which stops when it is told to.
//
// A connection is cut when its handshakes take longer than `handshake`, when not one byte has come
// for `idle` though we asked for a sign of life, and when a message is longer than
// `message_bytes_max`. Pings are answered while anything is awaited, which is always. Compression
// is not offered: this version of the library lacks fixes for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "plugins/sources/binance/client/proxy.hpp"
#include "plugins/sources/binance/client/site.hpp"
#include "plugins/sources/binance/streams/socket.hpp"

namespace bourse::binance {

struct WebSocketOptions {
  Origin origin;  ///< of the streams
  std::optional<Proxy> proxy = {};
  /// See TrustStore::make.
  std::string authorities = {};
  std::chrono::milliseconds connect{15'000};  ///< name, address and tunnel together
  std::chrono::milliseconds handshake{
      15'000};  ///< of TLS, and again of the upgrade and the goodbye
  std::chrono::milliseconds idle{60'000};
  std::size_t message_bytes_max = std::size_t{4} << 20U;
};

class WebSockets final : public Dialler {
 public:
  /// `events` must outlive it; they come on its thread, which starts here. An error: authorities
  /// that cannot be read.
  static Result<std::unique_ptr<WebSockets>> make(WebSocketOptions options, SocketEvents& events);
  /// Ends all connections and the thread, in well under a second. Sockets that are still held may
  /// be destroyed afterwards. Not on its own thread.
  ~WebSockets() override;
  WebSockets(const WebSockets&) = delete;
  WebSockets& operator=(const WebSockets&) = delete;

  /// Does it on the thread, soon. Any thread.
  void post(std::function<void()> what);
  /// Calls `what` on the thread again and again, until it returns false or another one takes its
  /// place. On the thread.
  void every(std::chrono::milliseconds time, std::function<bool()> what);

  /// On the thread.
  std::unique_ptr<Socket> dial(std::uint64_t socket, const std::string& target) override;

 private:
  class Impl;
  explicit WebSockets(std::shared_ptr<Impl> impl);
  const std::shared_ptr<Impl> impl_;
};

}  // namespace bourse::binance
