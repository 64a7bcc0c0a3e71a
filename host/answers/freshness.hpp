// SPDX-License-Identifier: MIT
//
// How good an answer still is: true, tolerated, stale, or of no use. Plain computation.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "host/base/instant.hpp"
#include "host/calls/truth.hpp"

namespace bourse::host {

/// What a route allows beyond the truth.
struct Tolerance {
  std::chrono::nanoseconds fresh{0};     ///< an answer computed so long ago will do
  std::chrono::nanoseconds stale{0};     ///< beyond that: the old one now, and a new one behind it
  std::chrono::nanoseconds if_error{0};  ///< likewise, where a new one cannot be had

  [[nodiscard]] std::chrono::nanoseconds beyond() const noexcept {
    return std::max(stale, if_error);
  }
};

/// What one request asks of an answer, beside the route.
struct Demand {
  std::optional<std::chrono::nanoseconds> age_max = {};    ///< no older
  std::optional<std::chrono::nanoseconds> left_min = {};   ///< fresh for so long yet
  std::optional<std::chrono::nanoseconds> stale_max = {};  ///< stale for so long will do
  bool only_if_known = false;                              ///< no work for it
  bool may_keep = true;  ///< false: what only this request caused is not kept
};

/// No request gets an answer younger than this by asking for one: what strangers can force is one
/// run a question in this time.
inline constexpr std::chrono::nanoseconds kAgeFloor = std::chrono::seconds(1);

/// When an answer began to be computed, and how long it is true.
struct Life {
  Instant computed = {};
  std::int64_t true_until = kTrueForTheMoment;  ///< by the clock on the wall
  /// By the other one: what it is made of was computed before, when the wall's may have been
  /// another one.
  std::int64_t boot_until = kTrueForEver;
  std::shared_ptr<const ChangeMark> mark = {};  ///< may be null
};

/// Of an answer that began to be computed at `began` out of what has this truth. It is as old as
/// what was right only before.
[[nodiscard]] Life life_of(const Truth& truth, Instant began,
                           std::shared_ptr<const ChangeMark> mark) noexcept;
/// What another form of it, such as a rendering, has: it is as old as this.
[[nodiscard]] Truth as_old_as(const Life& life) noexcept;
/// What is made of it now has no longer truth than this.
[[nodiscard]] Truth truth_of(const Life& life, Instant now) noexcept;

inline constexpr std::chrono::nanoseconds kEndless = std::chrono::nanoseconds::max();

/// Since it was computed; never negative.
[[nodiscard]] std::chrono::nanoseconds age(const Life& life, Instant now) noexcept;
/// From when it was computed until it is fresh no more; kEndless when nothing ends it. A change
/// ends the truth at an unknown time, so that only what the route allows counts then.
[[nodiscard]] std::chrono::nanoseconds lifetime(const Life& life,
                                                const Tolerance& tolerance) noexcept;
/// How long it is still fresh, by the clock that is ahead; negative: since when it is not.
[[nodiscard]] std::chrono::nanoseconds left(const Life& life, const Tolerance& tolerance,
                                            Instant now) noexcept;

enum class Standing : std::uint8_t {
  kFresh,     ///< true or tolerated
  kStale,     ///< may be given while a new one is made
  kForError,  ///< may be given where no new one can be made
  kDead
};
[[nodiscard]] Standing standing(const Life& life, const Tolerance& tolerance, Instant now) noexcept;

/// Whether a fresh answer is good enough for this request; `by_floor` becomes true when only
/// kAgeFloor makes it so.
[[nodiscard]] bool satisfies(const Life& life, const Tolerance& tolerance, const Demand& demand,
                             Instant now, bool& by_floor) noexcept;

}  // namespace bourse::host
