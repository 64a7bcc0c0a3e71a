// SPDX-License-Identifier: MIT
//
// The thread that takes connections off the listening sockets and hands each to an I/O thread.
//
// It keeps a few descriptors that are good for nothing. Where the process has no other left, one of
// them is given up for a connection, which is received as those are for which there is no room: it
// is told so, and a probe is answered. Without that, connections would wait in the kernel's queue
// without a word, and the queue would wake this thread without end.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "host/http/descriptor.hpp"
#include "host/http/io_thread.hpp"
#include "host/http/listening_socket.hpp"

namespace bourse::host {

class Acceptor {
 public:
  /// Accepts at once; `state` has its threads. Throws std::system_error when there is no thread or
  /// no descriptor to be had.
  Acceptor(std::vector<ListeningSocket> sockets, std::shared_ptr<ServerState> state);
  /// Ends the thread and closes the sockets.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  /// From when this returns, connections to sockets that were passed are left to whoever has these
  /// sockets as well; to the others they are accepted as before. [any]
  void leave_passed() noexcept;
  /// Complete before the first connection is accepted.
  [[nodiscard]] const std::vector<ListeningSocket>& sockets() const noexcept { return sockets_; }
  /// How often its thread has gone round, and a push to go round once more. [any]
  [[nodiscard]] std::uint64_t turns() const noexcept { return turns_.value(); }
  void wake() noexcept;

 private:
  void loop();
  [[nodiscard]] bool wait_for_connections();
  [[nodiscard]] bool accept_some(const ListeningSocket& socket);
  void hand_over(Descriptor connection, const sockaddr_storage& peer, const ListeningSocket& socket,
                 bool unwelcome);
  void fill_spares() noexcept;
  [[nodiscard]] bool give_up_spare() noexcept;
  [[nodiscard]] bool is_left(const ListeningSocket& socket) const noexcept;

  std::vector<ListeningSocket> sockets_;
  std::shared_ptr<ServerState> state_;
  Descriptor wake_;
  static constexpr std::size_t kSpares = 8;
  std::array<Descriptor, kSpares> spares_;
  std::vector<pollfd> watched_;  // wake_, then the sockets
  bool short_of_ = false;        // descriptors or memory: the thread waits a little
  std::atomic<bool> ending_ = false;
  std::atomic<bool> leaving_passed_ = false;
  Counter turns_;

  std::mutex mutex_;
  std::condition_variable left_told_;
  bool left_ = false;  // guarded by mutex_

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace bourse::host
