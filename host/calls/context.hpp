// SPDX-License-Identifier: MIT
//
// What all calls made for one request share: until when it makes sense, for whom, and what time it
// is.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "bourse/bourse.h"
#include "host/base/clock.hpp"
#include "host/base/failure.hpp"
#include "host/calls/truth.hpp"
#include "host/http/message.hpp"

namespace bourse::host {

/// For whom something is done, if not for one client alone: all who wait for it. [any thread]
class Party {
 public:
  virtual ~Party() = default;
  /// OK while one of them still waits; else CANCELLED or DEADLINE.
  [[nodiscard]] virtual bourse_status poll() const noexcept = 0;
  /// The latest of theirs, which may move on.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point deadline() const noexcept = 0;
};

class Known;
class Tally;

/// How long the parts of an answer took, and with whom it was shared; for the log. Those of a
/// flight are of the request that began it. [any thread]
class Stages {
 public:
  enum Part : std::uint8_t {
    kAnalysis,  ///< with what it waited for its sources
    kFetch,     ///< the part of it that it waited
    kRender
  };
  void add(Part part, std::chrono::nanoseconds time) noexcept {
    times_[part].fetch_add(time.count(), std::memory_order_relaxed);
  }
  [[nodiscard]] std::chrono::nanoseconds of(Part part) const noexcept {
    return std::chrono::nanoseconds(times_[part].load(std::memory_order_relaxed));
  }

  /// This request waits for what the one of that id began.
  void join(std::string leader);
  [[nodiscard]] std::string joined() const;
  void count_waiter() noexcept { waiters_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t waiters() const noexcept {
    return waiters_.load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::int64_t>, 3> times_{};  ///< ns
  std::atomic<std::uint32_t> waiters_{0};
  mutable std::mutex mutex_;
  std::string joined_;
};

/// Adds the time of its life to a part. `stages` may be null, and outlives it.
class Stopwatch {
 public:
  Stopwatch(Stages* stages, Stages::Part part) noexcept
      : stages_(stages), part_(part), began_(std::chrono::steady_clock::now()) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    if (stages_ != nullptr) stages_->add(part_, std::chrono::steady_clock::now() - began_);
  }

 private:
  Stages* stages_;
  Stages::Part part_;
  std::chrono::steady_clock::time_point began_;
};

struct Context {
  std::string request_id;
  std::string route;  ///< its path template, or the command
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// Tells whether the client is still there; null when there is none that could leave.
  std::shared_ptr<const Responder::Sink> client = {};
  /// May see private datasets: it gave a token of its route, or sits at the command line.
  bool authorized = false;
  std::string trace = {};     ///< a traceparent for which is_traceparent() holds, or empty
  std::string language = {};  ///< the header Accept-Language, likewise
  /// The time of the request, ns since 1970: the same for all calls that are made for it.
  std::int64_t now = wall_clock();

  /// Of the question that is being answered; null where nobody keeps answers.
  std::shared_ptr<ChangeMark> mark = {};
  /// Those for whom this is done, beside `client`; null when there is nobody else.
  std::shared_ptr<const Party> party = {};
  /// Answers what is known already; null where nobody keeps answers. Outlives the call.
  Known* known = nullptr;
  /// Where what is asked of `known` is counted beside its own figures, such as for a route; null is
  /// nowhere. Outlives the call.
  Tally* tally = nullptr;

  /// Null where nobody wants to know.
  std::shared_ptr<Stages> stages = {};

  /// OK, CANCELLED or DEADLINE.
  [[nodiscard]] bourse_status poll() const noexcept;
  /// Never negative; a large number when there is no deadline.
  [[nodiscard]] std::chrono::nanoseconds left() const noexcept;
};

/// Is this a traceparent that can be passed on? W3C Trace Context, 3.2: a version that is not ff, a
/// trace id and a parent id that are not all zeros, flags; in lower-case hexadecimal digits, joined
/// by "-". Of a version above 00, more may follow after another "-".
[[nodiscard]] bool is_traceparent(std::string_view text) noexcept;

/// What a plugin returned for a stop that the host asked for has no reason of its own: it gets the
/// host's words, and says who was at work. Other failures are given back as they are.
[[nodiscard]] Failure explained(Failure failure, const Context& context, std::string_view who);

}  // namespace bourse::host
