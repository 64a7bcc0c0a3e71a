// SPDX-License-Identifier: MIT
//
// Playback: which moment of a recording is shown at which time of day.
//
// A recording moves from one thing recorded to the next, its steps: the end of a candle, the time
// of a ticker, a book or rules. Between two steps nothing changes, its clock included, so equal
// questions have equal answers. Immutable: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bourse/report.hpp"

namespace bourse::replay {

/// "60x", "0.5x", also without the x: thousandths of the pace of time. From 0.001 to 1,000,000,
/// with at most three decimals; nullopt: something else.
[[nodiscard]] std::optional<std::int64_t> parse_speed(std::string_view text) noexcept;

class Playback {
 public:
  struct Moment {
    Time time;                  ///< of the recording: a step
    std::int64_t number = 0;    ///< of steps since the start, those of earlier rounds included
    std::optional<Time> until;  ///< the time of day at which the next step comes; nullopt: none
  };

  /// The first step is shown at `started`, a time of day. `repeat`: after the last one, which is
  /// shown for as long as the one before, it starts again; one step alone cannot be repeated.
  /// REQUIRES: steps ascend strictly, and there is one.
  Playback(std::vector<std::int64_t> steps, std::int64_t thousandths, bool repeat, Time started);

  /// A time of day before the start shows the first step.
  [[nodiscard]] Moment at(Time time_of_day) const;
  [[nodiscard]] Time first() const { return Time{steps_.front()}; }
  [[nodiscard]] Time last() const { return Time{steps_.back()}; }

 private:
  std::vector<std::int64_t> steps_;
  std::int64_t thousandths_;
  std::int64_t round_ = 0;  ///< time of the recording that a round takes; 0: it is not repeated
  Time started_;
};

}  // namespace bourse::replay
