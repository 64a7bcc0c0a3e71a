// SPDX-License-Identifier: MIT
//
// What bounds the HTTP front: every buffer, queue and wait of it has its number here.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "host/base/address.hpp"
#include "host/base/listen_address.hpp"

namespace bourse::host {

struct Limits {
  std::size_t header_bytes_max = 16 * 1024;    ///< request line and header together; then 431
  std::size_t header_count_max = 100;          ///< header lines of one request; then 431
  std::size_t target_bytes_max = 8 * 1024;     ///< then 414
  std::size_t body_bytes_max = 16 * 1024;      ///< then 413, at the header if that tells
  std::size_t connections_max = 4096;          ///< open at once; then 503 and close
  std::size_t connections_per_peer_max = 0;    ///< of these, from one address; then 429. 0: all
  std::size_t pipeline_depth_max = 16;         ///< unanswered on one connection; then not read
  std::size_t pipeline_bytes_max = 4u << 20u;  ///< answers that wait on one; then not read

  /// Held for clients, all connections: of requests that are not complete, of answers that cannot
  /// be sent yet. Beyond it the connections that hold most are closed, and until there is room
  /// requests are answered 503.
  std::size_t memory_max = 256u << 20u;
  std::size_t unsent_bytes_per_connection_max = 64u << 20u;  ///< answers that wait; then closed

  std::chrono::milliseconds header_timeout{10'000};  ///< from a request's first byte; then 408
  std::chrono::milliseconds body_timeout{10'000};    ///< for the whole body; then 408
  std::chrono::milliseconds idle_timeout{60'000};    ///< between requests; then closed
  /// A slow reader must take 256 KiB (or what is left) in this time; else it is cut off.
  std::chrono::milliseconds write_timeout{30'000};
  /// After the last answer: how long to wait for the other end to close, reading what it still
  /// sends, so that the answer is not destroyed by a reset.
  std::chrono::milliseconds linger_timeout{2'000};
};

struct ServerOptions {
  std::vector<ListenAddress> listen = {{.host = "0.0.0.0", .port = 8080}};  ///< at least one
  unsigned io_threads = 1;                                                  ///< 1 to 64
  Limits limits = {};
  std::string server_name = "bourse";  ///< the Server header
  /// A target that is answered when there is no room for a connection or in memory as well: that
  /// of probes, which are to tell a server that has much to do from one that is dead. Empty: none.
  std::string probe_target = {};
  /// Of an address: it stands for many clients, as a proxy does, and
  /// `connections_per_peer_max` is not for it. Those of unix sockets do in any case. What such a
  /// one begins while the server is stopping is closed without an answer. [any]
  std::function<bool(const Address& peer)> is_shared = {};
};

}  // namespace bourse::host
