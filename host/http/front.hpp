// SPDX-License-Identifier: MIT
//
// The part that is Pistache: a listening socket, a thread that accepts, and I/O threads with an
// event loop each. Everything spoken on the connections is ours (connection.hpp).
//
// Pistache's Tcp::Transport, the object behind one event loop, is derived from rather than used:
// its own reading cannot tell a client that stopped sending from one that left, cannot be paused,
// and has no clock. The derived one reads, writes, times out and closes on the I/O thread itself,
// so that no descriptor is ever used by two threads.
#pragma once

#include <cstdint>
#include <memory>

#include "host/base/result.hpp"
#include "host/http/io_thread.hpp"
#include "host/http/listen_address.hpp"

namespace bourse::host {

class Front {
 public:
  /// Listens and serves when it returns; fills state->threads.
  [[nodiscard]] static Result<std::unique_ptr<Front>> open(const ListenAddress& address,
                                                           std::shared_ptr<ServerState> state);
  /// Joins the threads and closes all connections. Not from an I/O thread.
  virtual ~Front() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

}  // namespace bourse::host
