// SPDX-License-Identifier: MIT
//
// The HTTP server: bytes in, Requests out to a Handler, Responses back as bytes. HTTP/1.0 and
// HTTP/1.1 with keep-alive and pipelining; TLS ends in front of it.
//
//   auto server = Server::start({.listen = {{.host = "127.0.0.1", .port = 0}}}, handler);
//   ...
//   (*server)->stop_accepting();  (*server)->drain(10s);  (*server)->stop();
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/base/result.hpp"
#include "host/http/message.hpp"
#include "host/http/options.hpp"
#include "host/http/passed_sockets.hpp"

namespace bourse::host {

/// Counted since the start, except the first four. A snapshot: the numbers are read one by one.
struct Stats {
  std::uint64_t connections_open = 0;
  std::uint64_t requests_in_flight = 0;  ///< handed over and not completely sent yet
  std::uint64_t unsent_bytes = 0;        ///< of answers that wait, for slow readers or their turn
  std::uint64_t held_bytes = 0;          ///< for clients, see Limits::memory_max
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  ///< over the limit, or while stopping
  std::uint64_t requests = 0;             ///< handed to the Handler
  std::uint64_t requests_refused = 0;     ///< answered 4xx or 5xx by the front itself
  std::uint64_t answers = 0;              ///< completely handed to the kernel
  std::uint64_t answers_lost = 0;         ///< the client was gone first
  std::uint64_t answers_slow = 0;         ///< did not fit the socket's buffer at once
  std::uint64_t idle_timeouts = 0;
  std::uint64_t request_timeouts = 0;  ///< header or body came too slowly
  std::uint64_t write_timeouts = 0;    ///< the reader was too slow
  std::uint64_t overflows = 0;         ///< closed because it held too much
  std::uint64_t shed = 0;              ///< requests refused because all held too much
};

class Server {
 public:
  /// Listens everywhere and serves when it returns. `handler` outlives the Server, and what it does
  /// on the I/O threads must return at once. Claims those of `passed` that the options name.
  /// Raises RLIMIT_NOFILE to its hard limit and fails when that is too low for `connections_max`.
  /// Failure: a sentence for the operator, which names the address; then it listens nowhere.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerOptions options,
                                                             Handler& handler,
                                                             PassedSockets& passed);
  /// The same where no sockets were passed.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerOptions options,
                                                             Handler& handler);
  /// Everything that start() would fail with, not only the first of it; nothing listens afterwards.
  /// Sockets that are passed to a server are not tried. Raises RLIMIT_NOFILE, as start() does.
  [[nodiscard]] static std::vector<Failure> try_to_start(const ServerOptions& options);
  virtual ~Server() = default;

  /// The first port of TCP that it listens on; tells which one a port of 0 became. 0 without one,
  /// and after stop().
  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
  /// Where it really listens: "127.0.0.1:40123", "unix:/run/bourse.sock". Empty after stop().
  [[nodiscard]] virtual std::vector<std::string> where() const = 0;
  /// From now on new connections are answered 503 (ServerOptions::is_shared: closed), idle ones are
  /// closed, and each answer closes its connection. Connections to sockets that were passed are
  /// left in their queue, for the next server that gets these sockets; what was taken from there
  /// before is answered: who has just connected has a second for the first request. [any]
  virtual void stop_accepting() noexcept = 0;
  /// Waits until nothing is in flight and nothing unsent, nor a first request expected. False: it
  /// still was after `limit`. [any]
  virtual bool drain(std::chrono::milliseconds limit) = 0;
  /// Closes everything and joins the I/O threads; when it returns the Handler is called no more.
  /// A Responder may outlive it and does nothing then. Not from an I/O thread. The destructor
  /// does it as well.
  virtual void stop() noexcept = 0;
  [[nodiscard]] virtual Stats stats() const noexcept = 0;  // [any]

  /// For a watchdog: which threads have not gone round since the call before, in words; empty: all
  /// have. They are pushed, so that idle ones go round as well; give them time until the next call.
  /// The first call says nothing. One thread calls this, and not after stop().
  [[nodiscard]] virtual std::string stuck_threads() = 0;
};

}  // namespace bourse::host
