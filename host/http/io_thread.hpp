// SPDX-License-Identifier: MIT
//
// What the connections of one I/O thread share, and what the I/O threads of one server share.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/base/address.hpp"
#include "host/http/descriptor.hpp"
#include "host/http/exchange.hpp"
#include "host/http/holdings.hpp"
#include "host/http/message.hpp"
#include "host/http/options.hpp"
#include "host/http/request_id.hpp"
#include "host/http/response_writer.hpp"

namespace bourse::host {

/// Written by one thread, read by any: no locked instruction on the fast path.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { set(value() + count); }
  void subtract(std::uint64_t count = 1) noexcept { set(value() - count); }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_release); }
  std::atomic<std::uint64_t> value_ = 0;
};

struct Counters {
  Counter connections_open, connections_accepted, connections_refused;
  Counter requests, requests_refused, in_flight;
  Counter answers, answers_lost, answers_slow;
  Counter idle_timeouts, request_timeouts, write_timeouts;
  Counter overflows;  ///< connections closed because they held too much
  Counter shed;       ///< requests refused for want of memory
  Counter awaited;    ///< connections whose first request a stopping server still waits for
  Counter turns;      ///< of the event loop
};

/// A connection on its way from the thread that accepts to an I/O thread.
struct Arrival {
  Descriptor descriptor;
  Address peer;
  Peers::Place place;
  std::size_t count = 0;  ///< of its address, this one included
  bool shared = false;    ///< the address is not one client's; see ServerOptions::is_shared
  bool late = false;      ///< the server was stopping when it came
  /// It has one of the last descriptors, see Acceptor; and is received where there is no room.
  bool unwelcome = false;
};

class Arrivals {
 public:
  void push(Arrival arrival) {  // [any]
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(arrival));
    count_.store(waiting_.size());
  }
  [[nodiscard]] std::vector<Arrival> take() {
    if (count_.load() == 0) return {};
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }
  /// Those taken are here until this is told. The I/O thread.
  void greeted() {
    const std::lock_guard lock(mutex_);
    count_.store(waiting_.size());
  }
  [[nodiscard]] bool none() const noexcept { return count_.load() == 0; }  // [any]

 private:
  std::mutex mutex_;
  std::vector<Arrival> waiting_;
  std::atomic<std::size_t> count_ = 0;
};

struct IoThread;

/// Of a whole server.
struct ServerState {
  ServerState(ServerOptions chosen, Handler& called)
      : options(std::move(chosen)),
        handler(called),
        ids_start(RequestIds::random_start()),
        holdings(options.limits.memory_max) {}

  const ServerOptions options;
  Handler& handler;
  const std::uint64_t ids_start;
  Holdings holdings;
  Peers peers;
  std::atomic<std::size_t> connections_open = 0;  ///< guests included
  std::atomic<std::size_t> guests = 0;            ///< see Connection::receive_guest()
  std::atomic<std::size_t> unsent_bytes = 0;
  std::atomic<bool> stopping = false;

  /// Told by an I/O thread that has nothing to finish while stopping.
  std::mutex drained_mutex;
  std::condition_variable drained;

  /// Complete before the first thread starts.
  std::vector<std::shared_ptr<IoThread>> threads;
};

/// Of one I/O thread; all but the counters, the mailbox and the arrivals is that thread's alone.
struct IoThread {
  IoThread(ServerState& shared, unsigned lane)
      : server(shared),
        waiting_bodies(shared.holdings),
        head_writer(shared.options.server_name),
        ids(shared.ids_start, lane, shared.options.io_threads) {}

  [[nodiscard]] const Limits& limits() const noexcept { return server.options.limits; }
  [[nodiscard]] bool stopping() const noexcept {
    return server.stopping.load(std::memory_order_relaxed);
  }

  /// Nothing is on its way to it, nothing in flight. Each of what it adds up is counted in the next
  /// one before it leaves the one before it. [any]
  [[nodiscard]] bool is_finished() const noexcept {
    return arrivals.none() && counters.awaited.value() == 0 && counters.in_flight.value() == 0;
  }

  ServerState& server;
  std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
  Arrivals arrivals;  ///< the mailbox is woken for each
  Counters counters;
  WaitingBodies waiting_bodies;
  std::size_t held_bytes = 0;           ///< of its connections, shared bodies as often as they wait
  std::atomic<bool> stop_seen = false;  ///< idle connections are closed or waited for
  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();  ///< of this turn
  HeadWriter head_writer;
  RequestIds ids;
  std::string head;                                                     ///< scratch
  std::vector<char> input = std::vector<char>(std::size_t{64} * 1024);  ///< scratch
};

}  // namespace bourse::host
