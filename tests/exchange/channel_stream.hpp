// SPDX-License-Identifier: MIT
//
// A Channel as Boost.Asio and Boost.Beast want one: reads and writes that wait, so that a library
// speaks WebSocket over it, with TLS or without. Of one thread.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/compose.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/role.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tests/exchange/channel.hpp"

namespace bourse::fake_exchange {

class ChannelStream {
 public:
  using executor_type = boost::asio::posix::stream_descriptor::executor_type;
  using ErrorCode = boost::system::error_code;

  /// `unread` is what has been read from the channel already and not yet used. Borrows the others.
  ChannelStream(boost::asio::io_context& io, int socket, Channel& channel, std::string unread)
      : channel_(channel),
        waiter_(io, ::dup(socket)),
        never_(io, boost::asio::steady_timer::time_point::max()),
        unread_(std::move(unread)) {}

  executor_type get_executor() { return waiter_.get_executor(); }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return start([this, buffers] { return read_now(buffers); }, true,
                 std::forward<Handler>(handler));
  }
  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return start([this, buffers] { return write_now(buffers); }, false,
                 std::forward<Handler>(handler));
  }

  /// Ends what waits, with operation_aborted.
  void cancel() {
    ErrorCode ignored;
    waiter_.cancel(ignored);
    never_.cancel();
  }
  /// From here on no read ends but by cancel().
  void stop_reading() { reads_ = false; }
  /// TLS will end without close_notify.
  void leave_out_farewell() { says_farewell_ = false; }
  /// Nothing more can be read or written.
  void shut() {
    ::shutdown(waiter_.native_handle(), SHUT_RDWR);
    cancel();
  }
  /// Ends with a TCP reset once the connection is closed by its owner.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(waiter_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    cancel();
  }
  void farewell() {
    if (says_farewell_) channel_.farewell();
  }

 private:
  /// Tries a step of the channel until it is done.
  template <class Step>
  struct Operation {
    ChannelStream& stream;
    Step step;
    bool is_read;
    enum class State { kNew, kWaits, kDone } state = State::kNew;
    ErrorCode result = {};
    std::size_t bytes = 0;

    template <class Self>
    void operator()(Self& self, ErrorCode error = {}) {
      if (state == State::kDone) return self.complete(result, bytes);
      if (error) return self.complete(error, 0);
      if (is_read && !stream.reads_) {
        state = State::kWaits;
        stream.never_.async_wait(std::move(self));
        return;
      }
      const Moved moved = step();
      if (moved.state == Moved::State::kWantsToRead || moved.state == Moved::State::kWantsToWrite) {
        const auto what = moved.state == Moved::State::kWantsToRead
                              ? boost::asio::posix::stream_descriptor::wait_read
                              : boost::asio::posix::stream_descriptor::wait_write;
        state = State::kWaits;
        stream.waiter_.async_wait(what, std::move(self));
        return;
      }
      if (moved.state == Moved::State::kOver) result = boost::asio::error::eof;
      bytes = moved.bytes;
      if (state == State::kWaits) return self.complete(result, bytes);
      state = State::kDone;  // a handler is never called before its operation has returned
      ChannelStream& owner = stream;
      boost::asio::post(owner.get_executor(), std::move(self));
    }
  };

  template <class Step, class Handler>
  auto start(Step step, bool is_read, Handler&& handler) {
    return boost::asio::async_compose<Handler, void(ErrorCode, std::size_t)>(
        Operation<Step>{*this, std::move(step), is_read}, handler, waiter_);
  }

  template <class Buffers>
  Moved read_now(const Buffers& buffers) {
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto i = boost::asio::buffer_sequence_begin(buffers); i != end; ++i) {
      const boost::asio::mutable_buffer room(*i);
      if (room.size() == 0) continue;
      const std::span<char> bytes(static_cast<char*>(room.data()), room.size());
      if (unread_.empty()) return channel_.receive(bytes);
      const std::size_t count = unread_.copy(bytes.data(), bytes.size());
      unread_.erase(0, count);
      return {Moved::State::kDone, count};
    }
    return {};
  }
  template <class Buffers>
  Moved write_now(const Buffers& buffers) {
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto i = boost::asio::buffer_sequence_begin(buffers); i != end; ++i) {
      const boost::asio::const_buffer bytes(*i);
      if (bytes.size() == 0) continue;
      return channel_.send({static_cast<const char*>(bytes.data()), bytes.size()});
    }
    return {};
  }

  Channel& channel_;
  boost::asio::posix::stream_descriptor waiter_;
  boost::asio::steady_timer never_;
  std::string unread_;
  bool reads_ = true, says_farewell_ = true;
};

// What Boost.Beast asks of a stream below a WebSocket.

inline void teardown(boost::beast::role_type, ChannelStream& stream,
                     boost::system::error_code& error) {
  stream.farewell();
  error = {};
}
template <class Handler>
void async_teardown(boost::beast::role_type, ChannelStream& stream, Handler&& handler) {
  stream.farewell();
  boost::asio::post(stream.get_executor(), [done = std::forward<Handler>(handler)]() mutable {
    done(boost::system::error_code{});
  });
}
inline void beast_close_socket(ChannelStream& stream) { stream.shut(); }

}  // namespace bourse::fake_exchange
