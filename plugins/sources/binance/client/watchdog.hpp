// SPDX-License-Identifier: MIT
//
// Watchdog: ends what the HTTP library does with a socket when its time is over.
//
// While the library shakes hands (TLS), it waits by itself, and anew with every byte: a peer that
// drips would hold a caller for as long as it likes. One thread, started with the first watch,
// shuts such sockets down, which makes every wait for them return.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "plugins/sources/binance/client/descriptor.hpp"
#include "plugins/sources/binance/client/environment.hpp"

namespace bourse::binance {

/// Any thread. REQUIRES: all watches have ended before it is destroyed.
class Watchdog {
  struct Watched {
    Descriptor socket;
    const Call* call;
  };

 public:
  Watchdog() = default;
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// The watch lasts as long as this object; nobody asks Call::stopped after that.
  class Watch {
   public:
    Watch(Watchdog& dog, std::list<Watched>::iterator place) : dog_(dog), place_(place) {}
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    Watchdog& dog_;
    std::list<Watched>::iterator place_;
  };

  /// Shuts the socket down when the deadline passes or the caller stops. `socket` is a duplicate of
  /// the descriptor in use, so that it cannot be closed and mean another socket in the meantime.
  /// `call` must outlive the watch.
  [[nodiscard]] std::unique_ptr<Watch> watch(Descriptor socket, const Call& call);

 private:
  void run();
  Instant look(Instant now);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Watched> watched_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace bourse::binance
