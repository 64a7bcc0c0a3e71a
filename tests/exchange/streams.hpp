// SPDX-License-Identifier: MIT
//
// The exchange's streams over WebSocket, beside REST on the same port: /ws/<stream>, /ws and
// /stream?streams=<a>/<b>. They tell what REST answers: when the exchange's clock passes into
// another second, everything that REST knows from then on is published, to each stream that is
// listened to. Between two seconds there is nothing new, as there is none by REST.
//
// A clock that is moved by more than a second publishes once, for all of the time that it passed
// over: trades (the newest 1000 a market) and candles that closed each by themselves, everything
// else as it is then. A clock that is set back publishes nothing; books begin anew, with lower ids.
// The clock is moved by Clock::advance() and the like, which return when all is on its way.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/exchange/channel.hpp"
#include "tests/exchange/clock.hpp"
#include "tests/exchange/faults.hpp"
#include "tests/exchange/limits.hpp"
#include "tests/exchange/request.hpp"
#include "tests/exchange/stream_events.hpp"

namespace bourse::fake_exchange {

/// Times are of the exchange's clock.
struct StreamOptions {
  microseconds ping_every{std::chrono::seconds{20}};  ///< zero: never
  microseconds pong_within{std::chrono::minutes{1}};  ///< else cut, with 1008
  microseconds life{std::chrono::hours{24}};          ///< of a connection
  /// So long before its life ends a connection is told of it (serverShutdown).
  microseconds notice{std::chrono::seconds{10}};
  /// Texts, pings and pongs together; beyond it cut, with 1008. The second is over when either the
  /// machine's clock or the exchange's says so.
  std::int64_t messages_per_second = 5;
  std::size_t streams_max = 1'024;               ///< of a connection
  std::int64_t connections_per_5_minutes = 300;  ///< attempts of an address
  bool wrapped_errors = false;                   ///< {"error":{...},"id":1}
  bool lists_wrong_names = false;                ///< LIST_SUBSCRIPTIONS names them too
};

/// A connection as it is now.
struct StreamConnection {
  std::int64_t number = 0;  ///< from 1
  std::string client;       ///< address
  std::uint16_t client_port = 0;
  std::string target;                     ///< as asked for
  std::vector<std::string> streams = {};  ///< subscribed, in this order
  bool combined = false, microseconds = false;
  std::int64_t sent = 0, received = 0, pings = 0, pongs = 0;  ///< pongs: right ones
};

/// What a client sent on a connection.
struct StreamHeard {
  std::int64_t connection = 0;
  std::chrono::steady_clock::time_point real;
  microseconds time{0};  ///< of the exchange's clock
  std::string text;      ///< of a text; "PING", "PONG", "CLOSE" of other frames
};

/// Whoever is on the other side of Streams: a connection. Every function returns at once, on any
/// thread.
class StreamReceiver {
 public:
  virtual ~StreamReceiver() = default;
  virtual void receive(std::shared_ptr<const StreamEvents> events) = 0;
  /// When time_passed() is to be called, of the exchange's clock.
  [[nodiscard]] virtual microseconds due() const = 0;
  virtual void time_passed() = 0;
  /// Tells of its end, which comes `notice` later.
  virtual void announce_end(microseconds notice) = 0;
  virtual void close(std::uint16_t code, const std::string& reason) = 0;
  [[nodiscard]] virtual StreamConnection now() const = 0;
};

/// Safe on any thread.
class Streams {
 public:
  /// Borrows what it is given; `disruptions` is called on any thread.
  Streams(const Source& source, Clock& clock, Faults& faults,
          std::function<Disruptions()> disruptions);
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  void set_options(StreamOptions options);
  [[nodiscard]] StreamOptions options() const;

  /// Whether a request asks for a stream connection by its path.
  [[nodiscard]] static bool is_stream_path(std::string_view path);
  /// Counts an attempt; nothing: it may be made. Else until when there are too many.
  [[nodiscard]] std::optional<microseconds> refused(const std::string& client);
  /// Speaks WebSocket from here on; returns when the connection is over. `socket` is that of
  /// `channel`, `stop` is readable when it is time to go, `unread` came behind the request.
  void serve(const Request& request, Channel& channel, int socket, int stop, std::string unread);

  [[nodiscard]] std::vector<StreamConnection> connections() const;
  [[nodiscard]] std::vector<StreamHeard> heard() const;  ///< the newest 10,000
  /// Connections so far.
  [[nodiscard]] std::int64_t opened() const;
  /// Tells every connection of its end, which comes `notice` later.
  void shut_down(microseconds notice);
  /// Closes a connection, or all of them for 0. False when there is none of this number.
  bool close(std::int64_t number, std::uint16_t code, const std::string& reason);

  // For connections.
  std::int64_t add(StreamReceiver& receiver);
  void remove(StreamReceiver& receiver);
  /// False for a name of which nothing will ever come.
  bool subscribe(StreamReceiver& receiver, const std::string& name);
  void unsubscribe(StreamReceiver& receiver, const std::string& name);
  void hear(StreamHeard heard);
  [[nodiscard]] Clock& clock() noexcept { return clock_; }
  [[nodiscard]] Faults& faults() noexcept { return faults_; }

 private:
  struct Subscription {
    StreamName name;
    std::set<StreamReceiver*> receivers;
  };
  using Subscriptions = std::map<std::string, Subscription, std::less<>>;

  void time_moved();
  void follow_machine();
  void publish_locked(std::int64_t second);
  void catch_up_locked();
  [[nodiscard]] StreamEvents told(Publication& publication, const std::string& stream,
                                  const StreamName& name) const;
  [[nodiscard]] bool exists(const StreamName& name) const;
  void drop_locked(Subscriptions::iterator stream, StreamReceiver& receiver);

  const Source& source_;
  Clock& clock_;
  Faults& faults_;
  const std::function<Disruptions()> disruptions_;
  mutable std::mutex mutex_;  ///< guards what follows
  std::condition_variable changed_;
  StreamOptions options_;
  std::map<std::string, Window> attempts_;
  std::set<StreamReceiver*> receivers_;
  Subscriptions subscriptions_;
  Publication::Books books_;
  Publication::Said said_;
  std::deque<StreamHeard> heard_;
  std::int64_t published_second_ = 0, opened_ = 0;
  bool over_ = false;
  std::thread follower_;  ///< last: publishes while the clock follows the machine's
};

}  // namespace bourse::fake_exchange
