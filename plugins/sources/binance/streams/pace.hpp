// SPDX-License-Identifier: MIT
//
// How fast the exchange may be spoken to over streams: messages on a connection, and connections.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "plugins/sources/binance/client/environment.hpp"

namespace bourse::binance {

/// Commands on one connection. The exchange cuts who sends more than five messages in a second, and
/// counts pongs and pings of ours as well: so three commands in any second, and a tenth for clocks
/// that do not agree, leave room for one of each.
class SendBudget {
 public:
  static constexpr std::chrono::milliseconds kWindow{1100};

  [[nodiscard]] bool has_room(Instant now) const noexcept {
    return !sent_[next_] || now - *sent_[next_] >= kWindow;
  }
  void spend(Instant now) noexcept {
    sent_[next_] = now;
    next_ = (next_ + 1) % sent_.size();
  }

 private:
  std::array<std::optional<Instant>, 3> sent_;  ///< a ring: next_ is the oldest
  std::size_t next_ = 0;
};

/// Connections of this process, all sources together: the exchange allows an address 300 in five
/// minutes. With one in 1.2 s at most it is 250. Any thread.
class DialPace {
 public:
  static constexpr std::chrono::milliseconds kBetween{1200};

  /// True: connect now.
  bool take(Instant now) {
    const std::lock_guard lock(mutex_);
    if (last_ && now - *last_ < kBetween) return false;
    last_ = now;
    return true;
  }

 private:
  std::mutex mutex_;
  std::optional<Instant> last_;
};

/// When to try again. At once after a connection that delivered; each further one that delivers
/// nothing doubles the pause, from 1 s to 20 s, and up to half of it more by chance, so that the
/// hosts of a site do not come back together. Success is the first data: a server that accepts and
/// cuts would else be asked once a second for ever. Never gives up.
class Backoff {
 public:
  [[nodiscard]] bool may_try(Instant now) const noexcept { return now >= not_before_; }
  [[nodiscard]] Instant not_before() const noexcept { return not_before_; }
  [[nodiscard]] int failures() const noexcept { return failures_; }

  void delivered() noexcept {
    failures_ = 0;
    not_before_ = {};
  }
  /// `unit`: chance, from [0, 1).
  void failed(Instant now, double unit) noexcept {
    constexpr std::chrono::milliseconds kFirst{1000}, kLongest{20'000};
    const auto pause = std::min(kLongest, kFirst * (std::int64_t{1} << std::min(failures_, 5)));
    const auto more = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::duration<double, std::milli>(static_cast<double>(pause.count()) / 2 * unit));
    ++failures_;
    not_before_ = std::max(not_before_, now + pause + more);
  }
  /// The exchange has said how long to stay away.
  void stay_away(Instant until) noexcept { not_before_ = std::max(not_before_, until); }

 private:
  int failures_ = 0;
  Instant not_before_{};
};

}  // namespace bourse::binance
