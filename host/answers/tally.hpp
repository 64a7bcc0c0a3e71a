// SPDX-License-Identifier: MIT
//
// How answers were come by, and how often.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "host/answers/key.hpp"

namespace bourse::host {

/// How an answer was come by; what Cache-Status tells.
enum class Way : std::uint8_t {
  kHit,       ///< fresh, from the shelf
  kStale,     ///< stale, from the shelf: a new one is made behind it
  kForError,  ///< old, from the shelf: a new one could not be had
  kMade,      ///< nothing was known
  kRenewed,   ///< what was known was not fresh, or not fresh enough for this request
  kJoined,    ///< another request had begun
  kRefused    ///< nothing fresh is known, and no work was wanted
};
inline constexpr std::size_t kWays = 7;

/// As figures call them.
inline constexpr std::array<const char*, kQuestionKinds> kKindNames = {"dataset", "report",
                                                                       "rendering"};
inline constexpr std::array<const char*, kWays> kWayNames = {
    "hit", "stale", "stale_if_error", "miss", "renewed", "joined", "refused"};

/// Counts answers by the kind of their question. On lines of its own, so that two that are counted
/// at by many threads do not slow each other down. [any thread]
class alignas(64) Tally {
 public:
  void count(QuestionKind kind, Way way) noexcept {
    counts_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(way)].fetch_add(
        1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t of(QuestionKind kind, Way way) const noexcept {
    return counts_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(way)].load(
        std::memory_order_relaxed);
  }

 private:
  std::array<std::array<std::atomic<std::uint64_t>, kWays>, kQuestionKinds> counts_{};
};

}  // namespace bourse::host
