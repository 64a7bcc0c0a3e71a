// SPDX-License-Identifier: MIT
//
// RateLimiter: keeps this process below the exchange's limits, and silent while it is shut out.
//
// The exchange counts requests and their weights per IP address, in fixed windows of its own clock:
// a minute from :00 to :59.999. So does this. A request takes its share before it is sent; it waits
// for the next window when there is no room. As nobody knows to the millisecond when the exchange
// starts a new window, a request near the border counts in both, and what is under way when one
// starts counts in it as well. What the exchange says is used up, other programs on this address
// included, raises the count. A part of each limit stays reserved for those others.
//
// After a 429 nobody sends until it is over. After 418 (banned), 403 (firewall) and 451 (country)
// calls fail at once; that is kept in a file, as a restart does not end it. What cannot be written
// is told, and tried again half a minute later by whoever is shut out then.
//
// One object per exchange and process, shared by all its clients. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "plugins/sources/binance/client/classify.hpp"
#include "plugins/sources/binance/client/environment.hpp"
#include "plugins/sources/binance/client/error.hpp"
#include "plugins/sources/binance/client/models.hpp"
#include "plugins/sources/binance/client/server_clock.hpp"

namespace bourse::binance {

class BlockFile;

struct RateLimiterOptions {
  /// The part of every limit that is left to other programs on this IP address, 0 to 0.9.
  double reserve = 0.1;
};

/// For /metrics and probes.
struct RateState {
  struct Window {
    Limit limit;
    std::int64_t budget = 0;  ///< of the limit, without the reserve
    std::int64_t used = 0;    ///< in the current window, by all we know
    Time ends;                ///< when it starts anew, exchange time
  };
  std::vector<Window> windows;
  Time now;  ///< of the exchange
  /// The limits are the documented ones, halved; the exchange has not been asked yet.
  bool assumed = true;
  int under_way = 0;
  std::int64_t requests = 0;  ///< let through so far
  std::int64_t waits = 0;     ///< that had to wait
  std::int64_t refusals = 0;  ///< that did not fit their deadline, or were shut out
  std::optional<ErrorKind> blocked;
  Time blocked_until;
  /// Why that is not in its file; empty when it is, and where there is no file.
  std::error_code unsaved;
};

/// A block that a restart would forget.
struct UnsavedBlock {
  ErrorKind kind;
  Time until;
  std::string file;
  std::error_code why;
};

class RateLimiter {
 public:
  /// `clock` waits; `server` says what time it is there. `file` may be null: blocks are then
  /// forgotten by a restart.
  RateLimiter(std::shared_ptr<Clock> clock, std::shared_ptr<const ServerClock> server,
              std::unique_ptr<BlockFile> file, RateLimiterOptions options);
  ~RateLimiter();

  /// A request under way; give it back with finish().
  struct Ticket {
    int weight = 0;
    Time taken;
    std::chrono::nanoseconds clock_error{};
  };

  /// Takes room for a request of this weight, waiting for it if that fits the call's deadline.
  Result<Ticket> acquire(int weight, const Call& call);
  /// The request is over. `used` is what the answer said; empty when there was none.
  void finish(const Ticket& ticket, std::span<const UsedWeight> used);

  /// Takes the exchange's word for its limits.
  void learn(std::span<const Limit> limits);

  /// An error while shut out: for who has a ticket, and was held up before sending.
  [[nodiscard]] Status still_open() const;

  /// No request until the error's end. REQUIRES: is_shut_out(error.kind).
  void block(const Error& error);

  [[nodiscard]] RateState state() const;
  /// For whoever writes logs: each block that could not be saved is given out once.
  [[nodiscard]] std::optional<UnsavedBlock> take_unsaved();

 private:
  struct Count {
    std::int64_t index;  ///< of the window: exchange time / window length
    std::int64_t used;
  };
  struct Window {
    Limit limit;
    std::vector<Count> counts;  ///< of windows that may be the current one there, oldest first
  };
  struct Block {
    ErrorKind kind;
    Time until;  ///< exchange time
    std::int64_t code;
    int http_status;
  };
  struct Verdict {
    enum class Kind : std::uint8_t { kGo, kWait, kRefuse } kind;
    Time until;  ///< kWait: try again then, exchange time
  };

  [[nodiscard]] Verdict judge(int weight, const ServerClock::Estimate& time);
  [[nodiscard]] std::int64_t budget_of(const Limit& limit) const noexcept;
  [[nodiscard]] std::int64_t under_way(LimitKind kind) const noexcept;
  void save(Time now);
  Count& count_of(Window& window, std::int64_t index);
  void raise(Window& window, const Ticket& ticket, std::int64_t used);
  [[nodiscard]] Error shut_out(const Block& block, Time now) const;
  [[nodiscard]] static Error no_room(Time until, Time now, int weight);

  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<const ServerClock> server_;
  const std::unique_ptr<BlockFile> file_;
  const double share_;

  mutable std::mutex mutex_;
  std::vector<Window> windows_;
  bool assumed_ = true;
  std::optional<Block> block_;
  std::error_code unsaved_;  ///< why block_ is not in the file
  bool unsaved_told_ = true;
  Instant save_again_;  ///< not before then
  int requests_under_way_ = 0;
  std::int64_t weight_under_way_ = 0;
  std::int64_t requests_ = 0, waits_ = 0, refusals_ = 0;
};

}  // namespace bourse::binance
