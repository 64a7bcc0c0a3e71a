// SPDX-License-Identifier: MIT
//
// The exchange's clock: it stands still until it is moved, or follows the machine's. Minutes and
// days of limits, bans and candles pass in no time at all. Safe on any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

namespace bourse::fake_exchange {

using std::chrono::microseconds;

class Clock {
 public:
  /// Follows the machine's clock.
  Clock() = default;
  /// Stands at this time since 1970.
  explicit Clock(microseconds stands_at) : stands_at_(stands_at) {}

  /// What the exchange takes for the time: what /time says, what timestamps are checked against,
  /// where windows and bans begin and end.
  [[nodiscard]] microseconds now() const;
  /// The same without the skew: the instant that the market data is of.
  [[nodiscard]] microseconds market() const;

  void set(microseconds time);
  /// Moves a standing clock; one that follows the machine is shifted.
  void advance(microseconds by);
  void follow_machine();
  /// The exchange's clock goes wrong by this much, ahead when positive. Any size.
  void set_skew(microseconds skew);
  [[nodiscard]] microseconds skew() const;
  [[nodiscard]] bool stands() const;
  /// Called after each of the commands above, before it returns and on its thread; null: nobody any
  /// more. To be set while no command is under way.
  void on_move(std::function<void()> told);

 private:
  void tell() const;
  [[nodiscard]] microseconds market_locked() const;

  mutable std::mutex mutex_;
  std::optional<microseconds> stands_at_;
  microseconds shift_{0}, skew_{0};
  std::function<void()> told_;
};

/// "1500us", "250ms", "-5s", "3m", "2h", "1d"; a bare number is milliseconds. At most 100 years.
[[nodiscard]] std::optional<microseconds> parse_duration(std::string_view text);

}  // namespace bourse::fake_exchange
