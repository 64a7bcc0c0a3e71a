// SPDX-License-Identifier: MIT
//
// One connection: reads requests, hands them over, writes the answers in the order of the requests,
// and knows when it is over. Lives on one I/O thread; nothing here blocks or takes a lock.
//
//   reading -> (last answer known) closing -> (last answer sent, FIN sent) lingering -> over
//
// While closing and lingering, input is read and thrown away: closing a socket that has unread
// input makes the kernel reset it, and a reset destroys the answer on its way.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/address.hpp"
#include "host/base/failure.hpp"
#include "host/http/exchange.hpp"
#include "host/http/io_thread.hpp"
#include "host/http/request_reader.hpp"

namespace bourse::host {

class Connection {
 public:
  /// What to wait for. An error or reset is always told.
  struct Interest {
    bool read = false;
    bool write = false;
    bool end = false;  ///< the other end closed its sending side
    bool operator==(const Interest&) const = default;
  };

  /// `descriptor` is connected and non-blocking, and stays the caller's; `thread` outlives this.
  Connection(int descriptor, const Address& peer, Peers::Place place, IoThread& thread);
  /// Tells everything still being computed that its client is gone.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Each returns false when the connection is over and the caller must close it.

  [[nodiscard]] bool on_readable();
  [[nodiscard]] bool on_writable();
  [[nodiscard]] bool on_end();       ///< the other end closed its sending side
  [[nodiscard]] bool on_answered();  ///< an exchange of it was answered
  [[nodiscard]] bool on_tick();      ///< looks at the deadline
  [[nodiscard]] bool on_stopping();  ///< the server accepts no more work
  /// Answers without having been asked, and closes: there is no room for this connection.
  [[nodiscard]] bool turn_away(const Failure& failure);
  /// There is no room for it, but it may be a probe: it has a second for one request, which gets
  /// `failure` unless it is for the server's probe_target.
  void receive_guest(Failure failure);

  [[nodiscard]] Interest interest() const noexcept;
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// What is held for it, and for all connections from its address, in bytes.
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_; }
  [[nodiscard]] std::size_t held_bytes_of_peer() const noexcept { return place_.bytes(); }

 private:
  enum class Waiting { nothing, request, header, body, reader, end };
  enum class Written { all, part, waits, failed };

  [[nodiscard]] bool pump(std::string_view input);
  [[nodiscard]] bool may_take_request() const noexcept;
  [[nodiscard]] bool take_request(std::string_view& input);
  void hand_over();
  [[nodiscard]] bool is_shed(const Request& request);
  void refuse(const Failure& failure);
  void refuse(const Failure& failure, Request request);
  [[nodiscard]] bool send_continue();
  [[nodiscard]] bool flush();
  [[nodiscard]] Written write_some(Exchange& exchange);
  [[nodiscard]] Written write_stream(Exchange& exchange);
  /// What is being written bit by bit; null: nothing is.
  [[nodiscard]] BodyStream* streaming() const noexcept;
  /// Is what is being answered without an end of its own?
  [[nodiscard]] bool is_telling() const noexcept;
  void start_writing(Exchange& exchange);
  [[nodiscard]] bool shut_down();
  [[nodiscard]] bool is_idle() const noexcept;
  [[nodiscard]] bool await_first_request();
  void set_awaited(bool awaited) noexcept;
  [[nodiscard]] bool discard();
  [[nodiscard]] std::shared_ptr<Exchange> open_exchange();
  void tell_gone() noexcept;
  [[nodiscard]] bool account();
  void set_held(std::size_t of_reader, std::size_t of_answers, std::size_t unsent) noexcept;
  void release(Exchange& exchange) noexcept;
  void set_deadline();
  [[nodiscard]] std::chrono::steady_clock::time_point deadline_of(Waiting waiting) const noexcept;
  [[nodiscard]] Waiting waiting_for() const noexcept;

  const int descriptor_;
  const Address peer_;
  Peers::Place place_;
  IoThread& thread_;
  const std::chrono::steady_clock::time_point began_;
  RequestReader reader_;
  std::vector<std::shared_ptr<Exchange>> queue_;  // in the order of the requests

  bool closing_ = false;       // no further request is taken
  bool lingering_ = false;     // our FIN is sent
  bool ended_ = false;         // its FIN was read
  bool end_known_ = false;     // its FIN is known to come
  bool awaited_ = false;       // the server is stopping, and waits for the first request of this
  bool blocked_ = false;       // the first answer of the queue did not fit the socket's buffer
  std::size_t progress_ = 0;   // bytes written since the deadline was set, while blocked
  std::size_t discarded_ = 0;  // bytes
  std::size_t unsent_ = 0;     // bytes of answers, as counted in the server's total
  std::size_t unread_ = 0;     // bytes that the reader holds, as counted among the holdings
  std::size_t held_ = 0;       // of reader and answers, as counted for its peer and its thread
  std::unique_ptr<const Failure> guest_;  // what a guest is told, see receive_guest()

  std::uint64_t requests_ = 0;
  Waiting waiting_ = Waiting::nothing;
  std::uint64_t waiting_request_ = 0;  // which request waiting_ is about
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace bourse::host
