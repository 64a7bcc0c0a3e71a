// SPDX-License-Identifier: MIT
//
// Feed: keeps the streams that are wanted coming, over as few connections as hold them.
//
// It is a machine that is told what happens and what time it is (tick), and has no thread, no
// socket and no clock of its own: tests move its time. One thread at a time.
//
// What it sees to:
//
//   wanted       counted by who wants; what nobody wants any more goes on for a minute
//   commands     up to 100 names in one, at most three a second on a connection; one that is not
//                answered within 10 s costs the connection
//   silence      of a whole connection, where a canary speaks once a second: 5 s without data are
//                suspect, after 10 s it is replaced. Pings prove a socket, not data.
//                Of one stream, by its kind: the exchange is asked which streams it believes we
//                have. Missing: subscribed again. There, though its market moves: a new connection.
//                There, and nothing moves: a quiet market, to be asked about half as often
//   a cut        at once a new connection, then more and more seldom (Backoff)
//   24 hours     a connection is replaced after 22 to 23 hours, or when the exchange says that it
//                will end: the new one delivers on every stream before the old one is closed
//
// Whatever may have made it miss something is told as a doubt. A stream is live from its first data
// on, until it is doubted.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/sources/binance/client/environment.hpp"
#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/streams/envelope.hpp"
#include "plugins/sources/binance/streams/pace.hpp"
#include "plugins/sources/binance/streams/socket.hpp"
#include "plugins/sources/binance/streams/stream_name.hpp"

namespace bourse::binance {

enum class Doubt : std::uint8_t {
  kCut,      ///< its connection ended
  kSilent,   ///< nothing came for longer than its kind allows
  kOdd,      ///< something came that cannot be read
  kNotLive,  ///< it is not live, still: told every few seconds, as nobody knows what is missed
};
inline constexpr std::size_t kDoubts = 4;
std::string_view name_of(Doubt doubt) noexcept;

/// For the log.
struct FeedNews {
  enum class What : std::uint8_t {
    kConnected,   ///< the first data came
    kCut,         ///< `reason`: why; `streams`: how many it carried
    kRefused,     ///< no connection came about
    kRotated,     ///< another one has taken over
    kSilent,      ///< `stream`
    kLost,        ///< `stream`: the exchange did not have it any more, it was subscribed again
    kNotCarried,  ///< `stream`: the exchange does not carry it, or refused it
  };
  What what;
  std::uint64_t connection = 0;
  std::size_t streams = 0;
  std::string stream = {};
  std::string reason = {};
};

/// Who hears what comes.
class FeedSink {
 public:
  virtual ~FeedSink() = default;
  /// Data of a wanted stream, from that connection; during a rotation from two, so that the same
  /// comes twice, and older behind newer. False: it cannot be read.
  virtual bool heard(const std::string& stream, std::string_view data,
                     std::uint64_t connection) = 0;
  virtual void doubted(const std::string& stream, Doubt why) = 0;
  virtual void news(const FeedNews& news) = 0;
  /// The exchange has shut this address out, as REST has to know.
  virtual void shut_out(const Error& error) = 0;
};

struct FeedOptions {
  std::string canary = "btcusdt@miniTicker";
  /// Of silence of one stream, by its StreamKind.
  std::array<std::chrono::seconds, kStreamKinds> patience = usual_patience();
  std::chrono::seconds suspect_after{5}, replace_after{10};  ///< of silence of a connection
  std::chrono::seconds linger{60};           ///< of streams that nobody wants any more
  std::chrono::seconds answer_patience{10};  ///< of commands
  std::chrono::seconds goodbye_patience{10};
  std::chrono::seconds settle{10};    ///< a stream without data is taken over after this
  std::chrono::seconds remind{2};     ///< of streams that are not live
  std::chrono::seconds takeover{60};  ///< a rotation that is not done after this begins anew
  std::chrono::minutes life{23 * 60}, life_spread{60};
  std::size_t streams_per_connection = 1000;  ///< the exchange allows 1024
  std::size_t streams_max = 4000;
  std::size_t names_per_command = 100;
};

/// For /metrics.
struct FeedState {
  std::size_t connections = 0;  ///< that have been opened and not closed
  std::size_t streams = 0, live = 0;
  std::int64_t messages = 0, unreadable = 0;
  std::int64_t dialled = 0, opened = 0, cuts = 0, refusals = 0, rotations = 0, lost = 0;
  std::array<std::int64_t, kDoubts> doubts{};
  std::optional<Instant> last_data;
  std::string problem = {};  ///< why the last connection ended or did not come about
};

class Feed {
 public:
  /// All of them must outlive it. `pace` is shared by all feeds of the process.
  Feed(FeedOptions options, Dialler& dialler, DialPace& pace, Random& random, FeedSink& sink);

  /// One more wants it. False: there are too many streams.
  bool want(const std::string& stream, Instant now);
  /// One fewer does.
  void unwant(const std::string& stream, Instant now);
  /// Something was traded in that market: evidence against silent streams.
  void traded(const std::string& symbol, Instant now);
  /// What that stream tells of has changed, as was seen elsewhere: evidence against it.
  void moved(const std::string& stream, Instant now);
  /// Somebody knows that this stream is dead: another connection takes over.
  void replace(const std::string& stream, Instant now);
  /// The exchange wants to hear nothing from this address for a while, of connections neither.
  void stay_away(const Error& error, Instant now);
  /// Call it a few times a second, until it is idle.
  void tick(Instant now);
  /// There is nothing to do, nor will there be, until somebody wants something.
  [[nodiscard]] bool is_idle() const noexcept { return streams_.empty() && lines_.empty(); }

  void opened(std::uint64_t connection, Instant now);
  void message(std::uint64_t connection, std::string_view text, Instant now);
  void ended(std::uint64_t connection, const Error& why, Instant now);

  [[nodiscard]] FeedState state() const;

 private:
  struct Sub {
    enum class State : std::uint8_t { kQueued, kSent, kDone };
    State state = State::kQueued;
    Instant since{};
    bool has_delivered = false;
  };
  struct Command {
    enum class What : std::uint8_t { kSubscribe, kUnsubscribe, kList };
    What what;
    std::vector<std::string> names;
    Instant sent;
  };
  /// A connection.
  struct Line {
    enum class State : std::uint8_t { kDialling, kOpen, kClosing };
    State state = State::kDialling;
    std::unique_ptr<Socket> socket;
    Instant begun{}, opened{}, closing{}, rotate_at{};
    Instant last_data{};
    bool has_delivered = false, is_suspect = false;
    std::uint64_t successor = 0, predecessor = 0;  ///< while one takes over from another
    std::map<std::string, Sub> subs;
    std::deque<std::string> to_subscribe, to_unsubscribe;
    bool wants_list = false;
    std::map<std::int64_t, Command> unanswered;
    SendBudget budget;
  };
  struct Wanted {
    StreamKind kind = StreamKind::kTicker;
    std::string symbol;
    int by = 0;
    std::optional<Instant> unwanted_since;
    std::uint64_t line = 0;  ///< that serves it; 0: none
    bool is_live = false;
    Instant last_data{}, last_doubt{}, checked{};
    Instant moved{};  ///< seen elsewhere to have something new
    int quiet = 0;    ///< so often it turned out that its market is quiet
    bool is_asked_about = false;
    bool is_listed = false;  ///< though nothing comes
    bool is_alone = false;   ///< was refused among others: ask for it alone
  };
  using Lines = std::map<std::uint64_t, Line>;

  void drop_unwanted(Instant now);
  void say_goodbye(Instant now);
  static void close(Line& line, Instant now);
  void assign(Instant now);
  std::uint64_t line_with_room() const;
  bool dial(Instant now, std::uint64_t predecessor);
  [[nodiscard]] std::chrono::seconds patience_of(StreamKind kind) const {
    return options_.patience.at(static_cast<std::size_t>(kind));
  }
  void add(Line& line, const std::string& stream);
  void remove(Line& line, const std::string& stream);
  void watch_lines(Instant now);
  /// Why a line has to be cut, or "".
  std::string trouble_of(Line& line, Instant now);
  void watch_streams(Instant now);
  void question(const std::string& stream, Wanted& wanted, Instant now);
  void replace_dead(std::uint64_t number, Line& line, const std::string& stream, Wanted& wanted,
                    Instant now);
  void rotate(std::uint64_t number, Instant now);
  [[nodiscard]] bool has_taken_over(const Line& line, Instant now) const;
  void take_over(std::uint64_t number, Instant now);
  void flush(Line& line, Instant now);
  void send(Line& line, Command command, Instant now);
  std::vector<std::string> next_names(std::deque<std::string>& queue);
  void remind(Instant now);
  void doubt(const std::string& stream, Wanted& wanted, Doubt why, Instant now);
  void doubt_all(std::uint64_t line, Doubt why, Instant now);

  void data(std::uint64_t number, Line& line, const Envelope& envelope, Instant now);
  void done(Line& line, const Envelope& envelope, Instant now);
  void refused(std::uint64_t number, Line& line, const Envelope& envelope, Instant now);
  void listed(std::uint64_t number, Line& line, const Envelope& envelope, Instant now);
  void cut(std::uint64_t number, const std::string& reason, Instant now);
  std::size_t carried_by(std::uint64_t line) const;

  const FeedOptions options_;
  Dialler& dialler_;
  DialPace& pace_;
  Random& random_;
  FeedSink& sink_;

  std::map<std::string, Wanted> streams_;
  std::map<std::string, Instant> traded_;  ///< symbol: last seen to move
  Lines lines_;
  Backoff backoff_;
  std::uint64_t last_line_ = 0;
  std::int64_t last_command_ = 0;
  FeedState state_;
};

}  // namespace bourse::binance
