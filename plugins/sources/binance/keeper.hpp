// SPDX-License-Identifier: MIT
//
// Keeper: learns the exchange's time and limits in the background, so that no request for data has
// to wait in line behind those questions.
//
// It sleeps until data is asked for the first time. Then it asks for the time, once, beside that
// request; and a while later, when the process has turned out to stay, for the clock and the limits
// in earnest. A thread of its own, which ends with it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "plugins/sources/binance/client/client.hpp"

namespace bourse::binance {

struct KeeperOptions {
  std::chrono::milliseconds prepare_after{1000};
  /// After a failure.
  std::chrono::milliseconds again_after{5000};
  /// For each of its questions.
  std::chrono::milliseconds patience{10'000};
};

class Keeper {
 public:
  /// What time it is at the exchange.
  struct Estimate {
    Time now;
    std::chrono::nanoseconds error;
    /// The same for people and reports: as the exchange itself said it, while that is less than a
    /// second ago; else in whole seconds, as more would be a guess.
    Time stated;
  };

  Keeper(Client client, KeeperOptions options);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  /// Data is being asked for. Returns at once.
  void wake();
  /// Waits for the first answer if there is none yet, at most until the call's deadline; then this
  /// machine's time of day has to do. Call wake() first.
  Estimate time(const Call& call);

 private:
  struct Anchor {
    Instant at;
    Time server;
    std::chrono::nanoseconds error;
  };

  void run();
  void ask_time(std::unique_lock<std::mutex>& lock);
  void prepare(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Call patient_call() const;
  [[nodiscard]] Estimate estimate(const std::optional<Anchor>& anchor) const;

  Client client_;
  const KeeperOptions options_;
  Clock& clock_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
  bool stopping_ = false, wanted_ = false, tried_ = false, prepared_ = false;
  Instant not_before_{};
  std::optional<Anchor> anchor_;
};

}  // namespace bourse::binance
