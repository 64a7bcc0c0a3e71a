// SPDX-License-Identifier: MIT
//
// ServerClock: what time it is at the exchange.
//
// Requests are signed with the exchange's time, and its rate limits start anew with its minutes, so
// this machine's time of day is not good enough. Of several questions "what time is it?" the one
// that was answered fastest is kept: the answer was true somewhere between question and answer, so
// the middle is wrong by at most half of that. From then on a monotonic clock counts: setting this
// machine's time changes nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "plugins/sources/binance/client/environment.hpp"

namespace bourse::binance {

class ServerClock {
 public:
  /// One question and its answer.
  struct Sample {
    Instant sent, received;
    Time server;  ///< of parse_server_time(), which keeps it far from where Time ends
  };
  struct Estimate {
    Time now;
    /// The truth is at most so far away.
    std::chrono::nanoseconds error;
  };
  struct State {
    bool known = false;
    /// Exchange minus this machine's time of day, now.
    std::chrono::nanoseconds offset{};
    std::chrono::nanoseconds round_trip{};
    std::chrono::nanoseconds error{};
    std::chrono::nanoseconds age{};
  };

  explicit ServerClock(std::shared_ptr<const Clock> clock) : clock_(std::move(clock)) {}

  /// Keeps the sample with the smallest round trip. REQUIRES: not empty.
  void adopt(std::span<const Sample> samples);

  /// Before the first adopt(): this machine's time of day, not to be trusted by seconds.
  [[nodiscard]] Estimate estimate() const;
  /// For signing, in ms: a little early, as the exchange forgives seconds of lateness, but only one
  /// second of earliness.
  [[nodiscard]] std::int64_t timestamp_ms() const;
  [[nodiscard]] bool known() const;
  /// Time to ask again: never asked, 20 minutes ago, or this machine was asleep or set its time in
  /// between.
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] State state() const;

 private:
  struct Anchor {
    Instant at;
    Time server, wall;
    std::chrono::nanoseconds round_trip;
  };
  [[nodiscard]] Estimate from(const Anchor& anchor, Instant now) const;

  const std::shared_ptr<const Clock> clock_;
  mutable std::mutex mutex_;
  std::optional<Anchor> anchor_;
};

}  // namespace bourse::binance
