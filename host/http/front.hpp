// SPDX-License-Identifier: MIT
//
// The part that is Pistache: I/O threads with an event loop each. Its Tcp::Listener is not used: it
// knows neither unix sockets nor sockets that were passed, and cannot stop accepting
// (acceptor.hpp). Everything spoken on the connections is ours, too (connection.hpp).
//
// Pistache's Tcp::Transport, the object behind one event loop, is derived from rather than used:
// its own reading cannot tell a client that stopped sending from one that left, cannot be paused,
// and has no clock. The derived one reads, writes, times out and closes on the I/O thread itself,
// so that no descriptor is ever used by two threads.
#pragma once

#include <memory>
#include <vector>

#include "host/base/result.hpp"
#include "host/http/acceptor.hpp"
#include "host/http/io_thread.hpp"
#include "host/http/listening_socket.hpp"

namespace bourse::host {

class Front {
 public:
  /// Serves when it returns; fills state->threads.
  [[nodiscard]] static Result<std::unique_ptr<Front>> open(std::vector<ListeningSocket> sockets,
                                                           std::shared_ptr<ServerState> state);
  /// Joins the threads and closes all connections. Not from an I/O thread.
  virtual ~Front() = default;

  [[nodiscard]] virtual Acceptor& acceptor() noexcept = 0;
};

}  // namespace bourse::host
