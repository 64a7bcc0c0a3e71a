// SPDX-License-Identifier: MIT
//
// From how far a task has come to how fast it is and how long it will take, and to the words for
// it. Pure: the time is given.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "host/calls/task.hpp"

namespace bourse::host {

/// The pace is that of the last half minute of this run: what was there before it began is no
/// speed, and what was fast an hour ago is none either.
class TaskMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kWindow{30};
  /// Before so much of it has passed, no pace is told.
  static constexpr std::chrono::seconds kLeast{2};

  /// Times never go back.
  void note(Time now, const TaskProgress& progress);

  struct Reading {
    std::optional<double> percent = {};     ///< 100 only when all is done
    std::optional<double> per_second = {};  ///< of the task's own unit
    std::optional<std::chrono::nanoseconds> left = {};
  };
  [[nodiscard]] Reading read(Time now) const;

 private:
  std::deque<std::pair<Time, std::uint64_t>> samples_;  ///< one a second, the first is the oldest
  TaskProgress last_;
};

/// "12 s", "4 min", "2 h 10 min", "3 d 4 h": rounded, for people.
[[nodiscard]] std::string rough_time(std::chrono::nanoseconds time);

/// "63.2 %, 1.4 %/min, 12 min left, April 2023, waits for exchange 32 s".
[[nodiscard]] std::string progress_text(const TaskRun::State& state,
                                        const TaskMeter::Reading& reading);

}  // namespace bourse::host
