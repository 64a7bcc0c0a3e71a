// SPDX-License-Identifier: MIT
//
// Responses that were given, ready to be given again: to who asks the same in the same words within
// the second, nothing is worked out a second time. Of a kept answer a second's clients all get the
// same header.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "host/answers/answers.hpp"
#include "host/http/message.hpp"
#include "host/service/answering.hpp"

namespace bourse::host {

/// What of a kept answer and of the time its response depends on, beside the question and the
/// request's conditions. Two that are equal have one response.
struct Aspect {
  std::chrono::nanoseconds lifetime{0};
  std::chrono::seconds age{0};   ///< as it is told: rounded up
  std::chrono::seconds left{0};  ///< as it is told: rounded down
  unsigned twins = 0;
  bool by_floor = false;
  bool despite = false;

  bool operator==(const Aspect&) const = default;
};
/// REQUIRES: `look` found something.
[[nodiscard]] Aspect aspect_of(const Look& look, const Tolerance& tolerance, Instant now) noexcept;

/// Of one question: the last response that was given to each of a few kinds of clients. Holds
/// headers, and neither an answer nor its bytes alive. [any thread]
class Ready {
 public:
  /// Nothing: another response was given last, or none.
  [[nodiscard]] std::optional<Response> find(const Conditions& conditions, const KeptPtr& kept,
                                             const Aspect& aspect) const;
  /// `response`: what answers `conditions` by `kept` in this aspect, and nothing else decided on
  /// it. Only those that give or spare the bytes (200, 304) are taken.
  void add(const Conditions& conditions, const KeptPtr& kept, const Aspect& aspect,
           const Response& response);

 private:
  struct Given {
    Conditions conditions;
    std::weak_ptr<const Kept> kept;  ///< tells it from all others, also when it is gone
    Aspect aspect;
    int status = 0;
    std::weak_ptr<const std::string> body;
    std::shared_ptr<const std::string> lines;
  };
  using Place = std::atomic<std::shared_ptr<const Given>>;
  /// Those who have something and those who do not, who take twins and who do not.
  [[nodiscard]] static std::size_t place_of(const Conditions& conditions) noexcept;

  std::array<Place, 4> places_;
};

}  // namespace bourse::host
