// SPDX-License-Identifier: MIT
//
// One connection of Streams: speaks WebSocket by Boost.Beast on the thread that runs it.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/exchange/channel_stream.hpp"
#include "tests/exchange/stream_control.hpp"
#include "tests/exchange/streams.hpp"

namespace bourse::fake_exchange {

class StreamSession : public StreamReceiver {
 public:
  StreamSession(Streams& streams, const Request& request, Channel& channel, int socket, int stop,
                std::string unread);

  /// Returns when the connection is over.
  void run();

  void receive(std::shared_ptr<const StreamEvents> events) override;
  [[nodiscard]] microseconds due() const override { return microseconds{due_us_.load()}; }
  void time_passed() override;
  void announce_end(microseconds notice) override;
  void close(std::uint16_t code, const std::string& reason) override;
  [[nodiscard]] StreamConnection now() const override;

 private:
  using ErrorCode = boost::system::error_code;
  using WebSocket = boost::beast::websocket::stream<ChannelStream>;
  enum class What { kText, kPing, kClose, kRaw, kCut, kReset };
  /// Goes out in one piece: what comes before the text and after it is the session's own.
  struct Frame {
    What what = What::kText;
    std::string head = {};
    std::shared_ptr<const std::string> body = {};
    std::string tail = {};
    std::uint16_t code = 0;

    [[nodiscard]] std::size_t size() const {
      return head.size() + (body ? body->size() : 0) + tail.size();
    }
  };
  struct Ping {
    std::string payload;
    microseconds sent{0};
  };
  struct Arrival {
    std::chrono::steady_clock::time_point real;
    microseconds time{0};
  };

  void watch_stop();
  void join();
  void read_next();
  void hear(const std::string& what);
  void heard_control(boost::beast::websocket::frame_type kind, std::string_view payload);
  void count_message();
  void read_message(const std::string& text);
  std::string answer(const StreamCommand& command);
  std::string subscribe(const StreamCommand& command);
  void subscribe_all(const std::vector<std::string>& names);
  void unsubscribe_all(const std::vector<std::string>& names);
  [[nodiscard]] std::string listed() const;

  void deliver(const StreamEvent& event);
  void meet(const Fault& fault, const std::string& stream);
  void end_by(const Fault& fault, const std::string& text);
  [[nodiscard]] std::string message(const std::string& stream, std::string_view text) const;
  void flood_with_pings(std::chrono::milliseconds pause);
  void send_event(const std::string& stream, std::shared_ptr<const std::string> text);
  void send_text(std::string text);
  void send_ping();
  void close_now(std::uint16_t code, const std::string& reason);
  void enqueue(Frame frame);
  void pump();
  void wrote(ErrorCode error);
  void check_time();
  void tell_of_end();
  void set_due();
  void end();
  void stop_waiting();
  template <class Do>
  void note(const Do& change);

  Streams& streams_;
  boost::asio::io_context io_{1};
  boost::beast::http::request<boost::beast::http::string_body> upgrade_;
  const std::string path_;
  std::vector<std::string> first_streams_;  ///< named in the target
  boost::asio::posix::stream_descriptor stop_;
  WebSocket socket_;
  boost::beast::flat_buffer buffer_;
  std::deque<Frame> queue_;
  std::size_t queued_bytes_ = 0;
  bool open_ = false, writing_ = false, closing_ = false, ended_ = false;
  std::vector<std::string> wrong_names_;
  std::deque<Ping> pings_;  ///< that wait for their pong, oldest first
  std::deque<Arrival> arrivals_;
  microseconds started_{0}, last_ping_{0}, ends_{0};
  bool end_announced_ = false;
  // Of faults.
  bool mute_ = false;
  std::set<std::string, std::less<>> quiet_;  ///< streams that tell nothing more
  std::optional<std::string> held_;           ///< a message that comes after the next one
  boost::asio::steady_timer flood_{io_};
  std::atomic<std::int64_t> due_us_{0};
  mutable std::mutex mutex_;  ///< guards about_, that others ask for
  StreamConnection about_;
};

}  // namespace bourse::fake_exchange
