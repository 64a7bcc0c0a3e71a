// SPDX-License-Identifier: MIT
//
// What bounds the HTTP front: every buffer, queue and wait of it has its number here.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "host/base/listen_address.hpp"

namespace bourse::host {

struct Limits {
  std::size_t header_bytes_max = 16 * 1024;    ///< request line and header together; then 431
  std::size_t header_count_max = 100;          ///< header lines of one request; then 431
  std::size_t target_bytes_max = 8 * 1024;     ///< then 414
  std::size_t body_bytes_max = 1024 * 1024;    ///< then 413
  std::size_t connections_max = 4096;          ///< open at once; then 503 and close
  std::size_t pipeline_depth_max = 16;         ///< unanswered on one connection; then not read
  std::size_t unsent_bytes_max = 256u << 20u;  ///< waiting for slow readers, all connections
  std::size_t unsent_bytes_per_connection_max = 64u << 20u;  ///< beyond either: closed

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
};

}  // namespace bourse::host
