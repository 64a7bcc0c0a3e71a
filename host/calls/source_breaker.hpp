// SPDX-License-Identifier: MIT
//
// Whether a source is of use now. Five failures one after the other within ten seconds, and it is
// failing: where there is another one to ask (`source: [main, spare]`) it is passed over, but for
// one question now and then that finds out whether it is back. The waits are those of Backoff.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "host/base/backoff.hpp"
#include "host/base/failure.hpp"
#include "host/base/instant.hpp"

namespace bourse::host {

/// Of one source. [any thread]
class SourceBreaker {
 public:
  static constexpr std::uint32_t kFailures = 5;
  static constexpr std::chrono::seconds kWindow{10};
  /// How long one question may take to find out; then another one tries.
  static constexpr std::chrono::seconds kTrial{5};

  /// `source`: its name, for the log.
  explicit SourceBreaker(std::string source) : source_(std::move(source)) {}

  /// It delivered, or said that the question is wrong.
  void delivered(Instant now);
  /// It could not: 502, 503 or 504.
  void failed(const Failure& why, Instant now);

  [[nodiscard]] bool is_failing() const noexcept {
    return failing_.load(std::memory_order_acquire);
  }
  /// Whether to ask another one instead. While it is failing, false is said to one at a time.
  [[nodiscard]] bool pass_over(Instant now);

 private:
  const std::string source_;
  std::atomic<bool> failing_{false};
  std::atomic<bool> faultless_{true};  ///< nothing of the below says otherwise
  std::mutex mutex_;
  std::uint32_t failures_ = 0;  ///< one after the other
  std::int64_t first_ = 0;      ///< when they began, Instant::boot
  std::int64_t since_ = 0;      ///< since when it is failing
  std::int64_t trial_until_ = 0;
  Backoff backoff_;
};

/// Of a source's failure: does it say that the source is of no use, rather than the question?
[[nodiscard]] bool is_of_source(const Failure& why) noexcept;

}  // namespace bourse::host
