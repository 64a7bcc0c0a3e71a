// SPDX-License-Identifier: MIT
//
// A fake exchange over real HTTP and WebSocket, on this machine only: the spot market as its
// documents describe it, REST and streams, with its limits, bans, signatures and every fault on
// command. Market data comes from a source plugin, so that what a client of the exchange reports
// must equal what the source reports.
//
//   Exchange exchange({.now = 1'735'732'800s});  // 2025-01-01T12:00:00Z
//   exchange.faults().add({.kind = FaultKind::kBusy, .path = "/api/v3/klines", .times = 2});
//   exchange.clock().advance(1min);
//   client.connect(exchange.url());
//
// People and programs in other languages do the same over HTTP below /_fake/ (admin.hpp).
//
// What the exchange's own documents leave open is decided in
// docs/explanation/decisions/fake-exchange.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/exchange/clock.hpp"
#include "tests/exchange/endpoints.hpp"
#include "tests/exchange/faults.hpp"
#include "tests/exchange/limits.hpp"
#include "tests/exchange/server.hpp"
#include "tests/exchange/signature.hpp"
#include "tests/exchange/source.hpp"
#include "tests/exchange/streams.hpp"

namespace bourse::fake_exchange {

/// The public example pair that the exchange's documents print, known to every Exchange.
inline constexpr const char* kExampleKey =
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
inline constexpr const char* kExampleSecret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

struct ExchangeOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::uint64_t seed = 42;
  std::string source = "synthetic";  ///< or "replay:FOLDER"
  std::string plugins = {};          ///< folder; empty: the build tree's
  /// Where the clock stands; nothing: it follows the machine's.
  std::optional<std::chrono::seconds> now = {};
  std::chrono::milliseconds latency{0};  ///< real time before every answer
  /// Of a side of a book that there are at most. When a price moves all of them change, and a
  /// stream tells of each.
  std::int64_t book_levels = 5'000;
  LimitOptions limits = {};
  bool weight_headers_on_errors = true;
  bool compress = true;  ///< gzip for whom accepts it
  /// Files in PEM. Given, nothing but TLS is spoken, by the name https.
  std::string certificate = {}, key = {};
};

/// A request that arrived, for tests that count.
struct Record {
  std::int64_t number = 0;                     ///< from 1
  std::chrono::microseconds time{0};           ///< of the exchange's clock, on arrival
  std::chrono::steady_clock::time_point real;  ///< of the machine's
  std::string client;                          ///< address
  std::uint16_t client_port = 0;               ///< one for each connection
  std::string method, path, query;             ///< raw
  Headers headers;                             ///< as sent; not shown below /_fake/
  std::int64_t weight = 0;
  int status = 0;                      ///< of the answer, before a fault bends its delivery
  bool during_wait = false;            ///< came although the client had been told to wait
  std::vector<FaultKind> faults = {};  ///< that it met
};

struct ApiKey {
  Key key;
  bool can_read = true, can_trade = true;
};

/// Every function is safe on any thread.
class Exchange : private Handler {
 public:
  /// Serves when this returns. Throws std::invalid_argument (options), std::runtime_error (plugin),
  /// std::system_error (port).
  explicit Exchange(ExchangeOptions options = {});
  ~Exchange() override;

  [[nodiscard]] std::uint16_t port() const noexcept { return server_.port(); }
  /// "http://127.0.0.1:8080".
  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] Clock& clock() noexcept { return clock_; }
  [[nodiscard]] Faults& faults() noexcept { return faults_; }
  [[nodiscard]] Streams& streams() noexcept { return streams_; }
  [[nodiscard]] const Source& source() const noexcept { return source_; }

  // Limits. A client is its address; "" is 127.0.0.1.
  void set_limits(LimitOptions limits);
  [[nodiscard]] LimitOptions limits() const;
  void reset_limits();
  void use_weight(std::int64_t weight, const std::string& client = "");
  [[nodiscard]] std::int64_t used_weight(const std::string& client = "") const;
  void ban(std::chrono::microseconds length, const std::string& client = "");
  void add_orders(std::int64_t orders);
  void set_weight_headers_on_errors(bool on);
  [[nodiscard]] bool weight_headers_on_errors() const;
  void set_latency(std::chrono::milliseconds latency);

  void set_key(const std::string& api_key, ApiKey key);
  void remove_key(const std::string& api_key);
  void set_account(Account account);
  [[nodiscard]] Account account() const;
  /// "" gives the symbol its own status back. With `since` (of its clock) nothing is known of the
  /// market from that time on, as if it had stopped trading then; without, it goes on.
  void set_status(const std::string& symbol, const std::string& status,
                  std::optional<std::chrono::microseconds> since = {});
  /// Candles of the market that open from `from` on and before `to` are missing; of three days, a
  /// week or a month what is left of them remains. Throws std::invalid_argument unless from < to.
  void add_hole(Hole hole);
  void clear_holes();

  /// What arrived, /_fake/ left out; the newest 100,000.
  [[nodiscard]] std::vector<Record> requests() const;
  [[nodiscard]] std::int64_t request_count() const;
  /// How many of them came while their client had been told to wait: by a 429 or 418 that was
  /// answered earlier and whose time was not over. Zero for a client that keeps the rules and has
  /// one request under way at a time: others may have been sent before the answer was read.
  [[nodiscard]] std::int64_t requests_during_wait() const;
  void forget_requests();

  // As if the program died and started again on the same port, but that limits, bans and the clock
  // are kept. (To lose those as well, destroy it and make one with this port.)
  /// Connections are cut and refused, for so long or until come_back().
  void go_away(std::optional<std::chrono::milliseconds> length = {}) { server_.go_away(length); }
  void come_back() { server_.come_back(); }
  void cut_connections() { server_.cut_connections(); }
  [[nodiscard]] std::int64_t connections() const { return server_.connections(); }

 private:
  struct Answer {
    Response response;
    std::int64_t weight = 0;
    bool orders_shown = false;
    /// Right after this request was counted, whatever was counted while it was answered.
    std::optional<std::int64_t> used_weight = {};
  };
  bool leaves_unread() override { return faults_.take_unread(); }
  Delivery handle(const Request& request) override;
  void speak(const Request& request, Channel& channel, int socket, int stop,
             std::string unread) override {
    streams_.serve(request, channel, socket, stop, std::move(unread));
  }

  Answer answer(const Request& request, const Met& met);
  /// Status 101: the connection becomes one of streams.
  Answer answer_stream(const Request& request, const Met& met);
  Answer answer_endpoint(const Request& request, const Endpoint& endpoint, const Met& met);
  std::string run(const Request& request, const Endpoint& endpoint, Parameters& parameters,
                  const Met& met);
  /// `waits`: until an order is handed over to the engine.
  void check_signed(const Request& request, const Endpoint& endpoint, Parameters& parameters,
                    std::chrono::microseconds waits) const;
  [[nodiscard]] ApiKey known_key(const Request& request) const;
  [[nodiscard]] std::optional<Response> refusal(const Admission& admission,
                                                std::int64_t now_us) const;
  [[nodiscard]] std::pair<std::string, std::string> wait_for_orders() const;
  void add_headers(Answer& answer, const Request& request, bool weights);
  [[nodiscard]] Record arrival(const Request& request);
  void record(Record record, const Answer& answer, const Met& met);
  [[nodiscard]] std::string next_uuid();
  [[nodiscard]] Disruptions disruptions() const;

  const std::uint64_t seed_;
  const bool compress_;
  const Source source_;
  Clock clock_;
  Faults faults_;
  mutable std::mutex mutex_;  ///< guards what follows, but for the server
  Limits limits_;
  std::map<std::string, ApiKey> keys_;
  Account account_;
  std::map<std::string, std::string> statuses_;
  Disruptions disruptions_;
  std::deque<Record> records_;
  std::int64_t arrived_ = 0, during_wait_ = 0, answered_ = 0;
  bool weight_headers_on_errors_;
  std::chrono::milliseconds latency_;
  Streams streams_;
  /// Last: its threads use all of the above, and itself, before the constructor returns.
  Server server_;
};

}  // namespace bourse::fake_exchange
