// SPDX-License-Identifier: MIT
//
// One line of the log for each request: what was asked, by whom, what was decided, and why. What
// each field means stands in docs/reference/log.md; which requests have a line, AccessLog says.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/failure.hpp"
#include "host/calls/context.hpp"
#include "host/http/message.hpp"
#include "host/routing/generation.hpp"

namespace bourse::host {

/// What became of a request. Borrows everything; what is empty, null or zero is not told.
struct RequestFacts {
  int status = 0;         ///< that was sent, and is counted; or kClientClosed of Traffic
  std::size_t bytes = 0;  ///< of the body that was sent
  std::chrono::nanoseconds total{};
  const Route* route = nullptr;
  std::string_view analysis = {};
  std::string_view format = {};
  std::string_view outcome = {};  ///< how the answer was come by: "hit", "miss", ...
  const Failure* failure = nullptr;
  const Failure* despite = nullptr;  ///< for which an old answer was given, where that is known
  const Stages* stages = nullptr;
  std::chrono::nanoseconds queued{};
  std::string_view trace = {};  ///< a traceparent
  bool client_left = false;
};

/// Of one generation, which outlives it. [any thread]
class RequestLog {
 public:
  explicit RequestLog(const Generation& generation);

  void write(const Request& request, const RequestFacts& facts) noexcept;

 private:
  /// Which kinds of answers were told already, of one route, or of none.
  using Kinds = std::atomic<std::uint32_t>;

  [[nodiscard]] bool is_first_of_its_kind(const RequestFacts& facts);
  void write_line_of(const Request& request, const RequestFacts& facts, double sample);

  const Generation& generation_;
  std::vector<Kinds> kinds_;  ///< one for each route, and one for none
};

/// What is asked, as it was received, for the log: the values of secrets are REDACTED, those that a
/// plugin declares and those whose names say it (token, key, signature and the like); a byte that
/// is no UTF-8 is %NN; cut after 2048 bytes, and then it ends in "...".
[[nodiscard]] std::string logged_target(const Generation& generation, std::string_view raw);

/// The value of Server-Timing (milliseconds): "queue;dur=0.4, analysis;dur=12.3, total;dur=13".
[[nodiscard]] std::string server_timing(const RequestFacts& facts);

}  // namespace bourse::host
