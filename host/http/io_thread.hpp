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
#include <vector>

#include "host/http/exchange.hpp"
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
  Counter idle_timeouts, request_timeouts, write_timeouts, overflows;
};

struct IoThread;

/// Of a whole server.
struct ServerState {
  ServerState(ServerOptions chosen, Handler& called)
      : options(std::move(chosen)), handler(called), ids_start(RequestIds::random_start()) {}

  const ServerOptions options;
  Handler& handler;
  const std::uint64_t ids_start;
  std::atomic<std::size_t> connections_open = 0;
  std::atomic<std::size_t> unsent_bytes = 0;
  std::atomic<bool> stopping = false;

  /// Told by an I/O thread that has nothing in flight while stopping.
  std::mutex drained_mutex;
  std::condition_variable drained;

  /// Complete before the first thread starts.
  std::vector<std::shared_ptr<IoThread>> threads;
};

/// Of one I/O thread; all but the counters and the mailbox is that thread's alone.
struct IoThread {
  IoThread(ServerState& shared, unsigned lane)
      : server(shared),
        head_writer(shared.options.server_name),
        ids(shared.ids_start, lane, shared.options.io_threads) {}

  [[nodiscard]] const Limits& limits() const noexcept { return server.options.limits; }
  [[nodiscard]] bool stopping() const noexcept {
    return server.stopping.load(std::memory_order_relaxed);
  }

  ServerState& server;
  std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
  Counters counters;
  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();  ///< of this turn
  HeadWriter head_writer;
  RequestIds ids;
  std::string head;                                                     ///< scratch
  std::vector<char> input = std::vector<char>(std::size_t{64} * 1024);  ///< scratch
};

}  // namespace bourse::host
